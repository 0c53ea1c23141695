"""The benchmarks' own arithmetic, tables and plot: what they say of numbers that are known."""

import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
sys.dont_write_bytecode = True

from measure import page, plot, report  # noqa: E402
from measure.bench import Figure, by_pass  # noqa: E402
from measure.loads import Point, window_to_point  # noqa: E402
from measure.rounds import FLOORS, PEER, RATES, WAYS, Table  # noqa: E402
from measure.spread import Spread, ratios, spread, total  # noqa: E402


class Spreads(unittest.TestCase):
    def test_quartiles(self):
        self.assertEqual(spread([5, 1, 3, 2, 4]), Spread(3, 2, 4, 5))

    def test_few_give_their_extremes(self):
        self.assertEqual(spread([7, 3]), Spread(5, 3, 7, 2))

    def test_what_is_missing_is_left_out(self):
        self.assertEqual(spread([None, 2, float("nan")]), Spread(2, 2, 2, 1))
        self.assertIsNone(spread([None]))

    def test_ratios_are_taken_within_a_round(self):
        self.assertEqual(ratios({1: 10, 2: 30, 3: 5}, {1: 5, 2: 10, 4: 1}), [2, 3])

    def test_a_sum_needs_every_part_of_the_round(self):
        self.assertEqual(total([{1: 1.0, 2: 2.0}, {1: 10.0, 3: 3.0}, {1: 100.0, 2: 1.0}]), {1: 111.0})

    def test_agreement_is_that_the_ranges_touch(self):
        self.assertTrue(Spread(2, 1, 3, 4).agrees(Spread(4, 3, 5, 4)))
        self.assertFalse(Spread(2, 1, 3, 4).agrees(Spread(4, 3.1, 5, 4)))

    def test_passes(self):
        self.assertEqual(by_pass([(10, 11), (10, 12), (None, 3)]), Spread(1.15, 1.1, 1.2, 2))


class Pages(unittest.TestCase):
    def test_numbers(self):
        self.assertEqual([page.number(v) for v in (0, 0.0123, 1.234, 12.34, 1234.5)], ["0", "0.012", "1.23", "12.3", "1,234"])
        self.assertEqual([page.duration(v) for v in (250, 2_500, 1_250_000)], ["250 µs", "2.50 ms", "1.25 s"])

    def test_only_what_is_between_the_markers_changes(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "page.md"
            file.write_text("before\n<!-- table:begin made -->\nold \\1\n<!-- table:end -->\nafter\n")
            page.put(file, "table", "new \\1 text")
            self.assertEqual(file.read_text(), "before\n<!-- table:begin made -->\nnew \\1 text\n<!-- table:end -->\nafter\n")
            with self.assertRaises(ValueError):
                page.put(file, "ratios", "x")

    def test_a_row_has_a_cell_for_each_column(self):
        with self.assertRaises(ValueError):
            page.table(["a", "b"], [["1"]])

    def test_the_page_has_every_marker_once(self):
        text = report.PAGE.read_text(encoding="utf-8")
        for name in ("table", "ratios", "figures"):
            self.assertEqual(text.count(f"<!-- {name}:begin"), 1, name)
            self.assertEqual(text.count(f"<!-- {name}:end -->"), 1, name)


class Plots(unittest.TestCase):
    def test_ticks(self):
        self.assertEqual(plot.linear_ticks(9_500), [0, 2_000, 4_000, 6_000, 8_000, 10_000])

    def test_every_point_is_within_the_axes(self):
        lines = [plot.Line("a < b", [(1_000, 400, 900), (20_000, 800, 45_000)]), plot.Line("c", [(500, 2_000, 2_500)]), plot.Line("empty")]
        root = xml.fromstring(plot.latency_plot("Latency & rate", lines))
        circles = [e for e in root.iter() if e.tag.endswith("circle")]
        self.assertEqual(len(circles), 6)
        for circle in circles:
            self.assertTrue(plot.LEFT <= float(circle.get("cx")) <= plot.WIDTH - plot.RIGHT)
            self.assertTrue(plot.TOP <= float(circle.get("cy")) <= plot.HEIGHT - plot.BOTTOM)
        texts = [e.text for e in root.iter() if e.tag.endswith("text")]
        self.assertIn("a < b", texts)
        self.assertNotIn("empty", texts)

    def test_nothing_to_draw(self):
        with self.assertRaises(ValueError):
            plot.latency_plot("nothing", [plot.Line("empty")])


def made_up_table():
    """Four rounds in which Switchboard costs 12, each floor 4, and Bento 60; its cost at 5,000/s rises with the round."""
    found = Table(idle_rss={"disk": 20_000_000}, event_bytes={"journal": 2_048.0, "kafka": 1_700.0}, verified={"disk": 4_000}, others=[0.02], seconds=600)
    costs = {**dict.fromkeys(WAYS, 12.0), PEER: 60.0, **dict.fromkeys(FLOORS, 4.0)}
    for number in range(1, 5):
        for program, cost in costs.items():
            for rate in (*RATES, None):
                if program == PEER and rate == 10_000:
                    continue
                shaken = cost * number if rate == 5_000 else cost
                found.points.append(Point(program, rate or 25_000, number, rate, 1.5, 1_000, per_second=25_000, cpu_us=shaken, cpu_share=0.9,
                                          p50=500, p99=2_000, p999=9_000, rss=30_000_000))
    found.curves = [plot.Line("Switchboard, disk", [(1_000, 300, 900)])]
    return found


class Reports(unittest.TestCase):
    def test_costs(self):
        rows = report.cost_table(made_up_table()).splitlines()
        self.assertEqual(rows[2], "| Switchboard, `acknowledge: disk` | 12.0 (12.0–12.0) | 30.0 (21.0–39.0) | 12.0 (12.0–12.0) | 12.0 (12.0–12.0) "
                                  "| 25,000 (25,000–25,000) | 90 % |")
        bento = next(row for row in rows if "Bento" in row)
        self.assertEqual(bento.split(" | ")[3], "–", "what it cannot do is not told as a cost")

    def test_ratios_hold_in_a_machine_that_shakes(self):
        rows = report.ratio_table(made_up_table()).splitlines()
        disk = next(row for row in rows if "disk" in row and "floor" not in row and "echo" in row)
        kafka = next(row for row in rows if "kafka` / (echo + producer)" in row)
        peer = next(row for row in rows if row.startswith("| Bento, tuned / Switchboard, `acknowledge: kafka`"))
        self.assertEqual(disk.split(" | ")[2], "1.00 (1.00–1.00)")
        self.assertEqual(kafka.split(" | ")[2], "1.50 (1.50–1.50)")
        self.assertEqual(peer.split(" | ")[2], "5.00 (5.00–5.00)")

    def test_bounds_are_held_to_the_worst(self):
        found = made_up_table()
        self.assertNotIn("missed", report.bounds_table(found))
        for point in found.points:
            if point.program == "both" and point.rate_asked == 10_000:
                point.cpu_us *= 1.6
        rows = report.bounds_table(found).splitlines()
        self.assertIn("| Switchboard, `acknowledge: both`: CPU / floors | 1.60 at 10,000/s | ≤ 1.5 | **missed** |", rows)
        self.assertIn("| Bento's CPU / Switchboard, `acknowledge: kafka` | 5.00 at 1,000/s | ≥ 4 | reached |", rows)
        self.assertIn("| RSS idle | 20 MB (disk) | ≤ 40 MB | reached |", rows)

    def test_latencies(self):
        disk = report.latency_table(made_up_table()).splitlines()[2]
        self.assertIn("500 µs / 2.00 ms / 9.00 ms", disk)
        self.assertIn("20 MB | 30 MB", disk)

    def test_raw_results_come_back(self):
        first = made_up_table()
        second = report.table_from_plain(report.table_to_plain(first))
        self.assertEqual(report.cost_table(second), report.cost_table(first))
        self.assertEqual(second.curves, first.curves)
        self.assertEqual(report.agreement(first, second), [])
        for point in second.points:
            point.cpu_us = point.cpu_us and point.cpu_us * 10
        self.assertTrue(report.agreement(first, second))

    def test_a_figure_says_whether_it_was_reached(self):
        figure = Figure()
        figure.at_most("flat", Spread(1.05, 1.0, 1.2, 5), 1.1)
        figure.at_most("steep", Spread(1.2, 1.0, 1.3, 5), 1.1)
        figure.add("told", "7")
        told = report.figures_table([{"name": "connections", "lines": figure.lines}]).splitlines()
        self.assertIn("| ≤ 1.1 | reached |", told[2])
        self.assertIn("| ≤ 1.1 | **missed** |", told[3])
        self.assertIn("| – | – |", told[4])


class Loads(unittest.TestCase):
    def test_a_report_of_the_load_generator(self):
        times = {"count": 10, "min": 1, "mean": 2, "p50": 300.0, "p90": 3, "p99": 900.0, "p99_9": 1_200.0, "max": 5}
        none = dict.fromkeys(times, 0)
        point = window_to_point("disk", {
            "target_rate": 1_000, "seconds": 2.0, "sent": 2_000, "accepted": 1_995, "refused": 3, "other": 1, "connection_errors": 1, "timeouts": 1,
            "not_sent": 2, "accepted_in_time": 1_990, "replies_in_time": 1_995, "accepted_per_second": 995.0,
            "latency_us": {"accepted": times, "refused": none, "service": times},
            "client": {"cpu_seconds": 0.02, "cpu_us_per_request": 10.0}, "server": {"cpu_seconds": 0.0597, "cpu_share": 0.03, "rss_bytes": 5}})
        self.assertAlmostEqual(point.cpu_us, 30.0)
        self.assertEqual((point.p50, point.p99, point.p999, point.refused_p99), (300.0, 900.0, 1_200.0, None))
        self.assertEqual((point.failed, point.refused, point.offered), (5, 3, 1_000))


if __name__ == "__main__":
    unittest.main()
