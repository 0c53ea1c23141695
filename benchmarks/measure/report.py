"""From what was measured to docs/benchmarks.md and docs/benchmarks.svg."""
from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from . import machine
from .loads import Point
from .page import durations, number, put, table, with_spread
from .plot import Line, latency_plot
from .rounds import FLOORS, PEER, RATES, WAYS, Table
from .spread import Spread, ratios, spread, total

PAGE = machine.ROOT / "docs" / "benchmarks.md"
PLOT = machine.ROOT / "docs" / "benchmarks.svg"
RAW = machine.BUILD / "reports" / "benchmarks.json"

NAMES = {"disk": "Switchboard, `acknowledge: disk`", "kafka": "Switchboard, `acknowledge: kafka`", "both": "Switchboard, `acknowledge: both`",
         "exactly-once": "Switchboard, `delivery: exactly_once`", PEER: "Bento, tuned", "echo": "floor: Beast echo",
         "producer": "floor: librdkafka", "sync": "floor: append and sync"}
# The bounds of the ratios: to the floors, and from the peer; the peer has no disk, so the durable ways owe less.
MOST_OVER_FLOORS = 1.5
LEAST_UNDER_PEER = {"kafka": 4.0}
LEAST_UNDER_PEER_DURABLE = 3.0


def rate_name(rate: float | None) -> str:
    return "saturation" if rate is None else f"{rate:,.0f}/s"


def programs_of(found: Table) -> list[str]:
    measured = {point.program for point in found.points}
    return [name for name in (*WAYS, PEER, *FLOORS) if name in measured]


def cost_table(found: Table) -> str:
    rows = []
    for program in programs_of(found):
        row = [NAMES[program]]
        for rate in (*RATES, None):
            row.append(with_spread(spread(found.of(program, rate, "cpu_us").values())))
        per_second = spread(found.of(program, None, "per_second").values()) if program not in ("producer", "sync") else None
        share = spread(found.of(program, None, "cpu_share").values())
        row += [with_spread(per_second), f"{share.median * 100:.0f} %" if share else "–"]
        rows.append(row)
    return table(["CPU µs per event", *(rate_name(rate) for rate in RATES), "saturation", "events/s at saturation", "of its core"], rows)


def latency_table(found: Table) -> str:
    rows = []
    for program in programs_of(found):
        row = [NAMES[program]]
        for rate in RATES:
            row.append(durations([spread(found.of(program, rate, what).values()) for what in ("p50", "p99", "p999")]))
        idle, most = found.idle_rss.get(program), spread(found.of(program, None, "rss").values())
        row += [megabytes(idle), megabytes(most.median if most else None)]
        rows.append(row)
    return table(["p50 / p99 / p99.9", *(rate_name(rate) for rate in RATES), "RSS idle", "RSS at saturation"], rows)


def megabytes(size: float | None) -> str:
    return "–" if size is None else f"{size / 1e6:.0f} MB"


def verdict(reached: bool) -> str:
    return "reached" if reached else "**missed**"


def over_floors(found: Table, way: str, rate: float | None) -> Spread | None:
    beneath = total([found.of(floor, rate, "cpu_us") for floor in WAYS[way][1]])
    return spread(ratios(found.of(way, rate, "cpu_us"), beneath))


def under_peer(found: Table, way: str, rate: float | None) -> Spread | None:
    return spread(ratios(found.of(PEER, rate, "cpu_us"), found.of(way, rate, "cpu_us")))


def ratio_table(found: Table) -> str:
    rows = []
    for way in programs_of(found):
        if way not in WAYS:
            continue
        rows.append([f"{NAMES[way]} / ({' + '.join(WAYS[way][1])})",
                     *(with_spread(over_floors(found, way, rate)) for rate in (*RATES, None)), f"≤ {MOST_OVER_FLOORS}"])
    for way in programs_of(found):
        if way not in WAYS:
            continue
        rows.append([f"Bento, tuned / {NAMES[way]}", *(with_spread(under_peer(found, way, rate)) for rate in (*RATES, None)),
                     f"≥ {LEAST_UNDER_PEER.get(way, LEAST_UNDER_PEER_DURABLE):g}"])
    return table(["CPU per event, ratio", *(rate_name(rate) for rate in RATES), "saturation", "wanted"], rows)


def bounds_table(found: Table) -> str:
    """The worst of each, and whether it is good enough."""
    ways = [way for way in programs_of(found) if way in WAYS]
    rows = []
    for way in ways:
        seen = [(one.median, rate) for rate in (*RATES, None) if (one := over_floors(found, way, rate))]
        if seen:
            worst, rate = max(seen, key=lambda each: each[0])
            rows.append([f"{NAMES[way]}: CPU / floors", f"{number(worst)} at {rate_name(rate)}", f"≤ {MOST_OVER_FLOORS:g}",
                         verdict(worst <= MOST_OVER_FLOORS)])
    for way in ways:
        least = LEAST_UNDER_PEER.get(way, LEAST_UNDER_PEER_DURABLE)
        seen = [(one.median, rate) for rate in (*RATES, None) if (one := under_peer(found, way, rate))]
        if seen:
            worst, rate = min(seen, key=lambda each: each[0])
            rows.append([f"Bento's CPU / {NAMES[way]}", f"{number(worst)} at {rate_name(rate)}", f"≥ {least:g}", verdict(worst >= least)])
    idle = max(((found.idle_rss[way], way) for way in ways if way in found.idle_rss), default=None)
    if idle:
        rows.append(["RSS idle", f"{megabytes(idle[0])} ({idle[1]})", "≤ 40 MB", verdict(idle[0] <= 40e6)])
    grown = max(((most.median - found.idle_rss[way], way) for way in ways
                 if way in found.idle_rss and (most := spread(found.of(way, None, "rss").values()))), default=None)
    if grown:
        rows.append(["RSS at saturation, more than idle", f"{megabytes(grown[0])} ({grown[1]})", "≤ 64 MB", verdict(grown[0] <= 64e6)])
    return table(["Bound", "Worst", "Wanted", ""], rows)


def facts_line(facts: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value and value != "?")


def made_from(found: Table, facts: dict, versions: dict) -> str:
    rounds = len({point.round for point in found.points})
    duration_of = spread(point.seconds for point in found.points)
    busiest = max(found.others, default=0)
    verified = ", ".join(f"{NAMES.get(name, name)} {count:,}" for name, count in found.verified.items())
    return "\n\n".join([
        f"{rounds} rounds of {duration_of.median:.1f} s for each cell, in {found.seconds / 60:.0f} minutes; before a round others used at most "
        f"{busiest * 100:.0f} % of the machine. Given is the median, in brackets the quartiles.",
        f"Machine: {facts_line(facts)}.",
        f"Versions: {facts_line(versions)}.",
        f"An event has {found.event_bytes.get('journal', 0):,.0f} bytes in the journal and {found.event_bytes.get('kafka', 0):,.0f} in Kafka. "
        f"Verified in Kafka before the rounds: {verified}."])


def write_table(found: Table, facts: dict, versions: dict) -> None:
    parts = [made_from(found, facts, versions), cost_table(found), latency_table(found)]
    if any(line.points for line in found.curves):
        parts.append(f"![Latency against rate]({PLOT.name})")
        PLOT.write_text(latency_plot("Latency of the reply against the rate, 1 KiB WhatsApp message", found.curves), encoding="utf-8")
    put(PAGE, "table", "\n\n".join(parts))
    put(PAGE, "ratios", ratio_table(found) + "\n\n" + bounds_table(found))


def figures_table(results: list[dict]) -> str:
    rows = []
    for result in results:
        for line in result["lines"]:
            reached = line["reached"]
            rows.append([line["what"], line["value"], line["wanted"] or "–", "–" if reached is None else verdict(reached),
                         f"`benchmarks/run figures {result['name']}`"])
    return table(["Figure", "Measured", "Wanted", "", "Command"], rows)


def load_raw() -> dict:
    return json.loads(RAW.read_text()) if RAW.exists() else {}


def save_raw(part: dict) -> None:
    """Each command replaces what it measured and keeps the rest."""
    kept = load_raw()
    figures = {**kept.get("figures", {}), **part.pop("figures", {})}
    RAW.parent.mkdir(parents=True, exist_ok=True)
    RAW.write_text(json.dumps({**kept, **part, "figures": figures}, indent=1) + "\n", encoding="utf-8")


def table_to_plain(found: Table) -> dict:
    return {**asdict(found), "points": [point.plain() for point in found.points]}


def table_from_plain(plain: dict) -> Table:
    found = Table(**{**plain, "points": [], "curves": []})
    for point in plain["points"]:
        found.points.append(Point(**{"rate": None, **point}))
    found.curves = [Line(line["name"], [tuple(point) for point in line["points"]]) for line in plain["curves"]]
    return found


def agreement(first: Table, second: Table) -> list[str]:
    """Where two runs on the same machine do not agree within their spreads."""
    apart = []
    for program in programs_of(first):
        for rate in (*RATES, None):
            one, other = (spread(run.of(program, rate, "cpu_us").values()) for run in (first, second))
            if one and other and not one.agrees(other):
                apart.append(f"{NAMES[program]} at {rate_name(rate)}: {with_spread(one)} and {with_spread(other)} µs")
    return apart
