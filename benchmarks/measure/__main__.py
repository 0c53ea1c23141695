"""Called by benchmarks/run, which has built what is measured."""
from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from . import machine
from .bench import Bench
from .figures import FIGURES
from .overload import overload
from .page import put
from .programs import start_kafka
from .report import (PAGE, RAW, agreement, cost_table, figures_table, load_raw, ratio_table, save_raw, table_from_plain, table_to_plain,
                     write_table)
from .rounds import FULL, QUICK, Rounds

FIGURES = {**FIGURES, "overload": overload}


class Progress:
    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"[{time.monotonic() - self._began:6.0f} s] {text}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/run", add_help=False)
    parser.add_argument("what", nargs="?", choices=("all", "table", "figures", "render"), default="all")
    parser.add_argument("names", nargs="*", choices=[*FIGURES, []])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--backlog", type=float, default=10, metavar="GB")
    parser.add_argument("--directory", type=Path)
    parser.add_argument("--no-page", action="store_true")
    return parser.parse_args()


def measure(options: argparse.Namespace, tell: Progress) -> list[str]:
    """Returns the figures that could not be measured."""
    machine.pin_this_process()
    home = options.directory or machine.BUILD
    home.mkdir(parents=True, exist_ok=True)
    facts = {"machine": machine.describe(home), "versions": machine.versions(), "taken": time.strftime("%Y-%m-%d", time.gmtime())}
    others = machine.settled_load()
    tell(f"others use {others * 100:.0f} % of the machine" + (": figures taken now say little" if others > 0.1 else ""))
    problems = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=home) as folder:
        directory = Path(folder)
        kafka = start_kafka(directory / "apache-kafka")
        try:
            if options.what in ("all", "table"):
                plan = QUICK if options.quick else FULL
                if options.rounds:
                    plan.rounds = options.rounds
                found = Rounds(kafka, directory, plan, tell).run()
                before = load_raw()
                save_raw({**facts, "table": table_to_plain(found)})
                if not options.quick and "table" in before and before.get("machine") == facts["machine"]:
                    for each in agreement(table_from_plain(before["table"]), found):
                        tell(f"apart from the run before: {each}")
                print(f"\n{cost_table(found)}\n\n{ratio_table(found)}\n", flush=True)
            if options.what in ("all", "figures"):
                bench = Bench(kafka, directory, options.quick, tell, backlog_bytes=int(options.backlog * (1 << 30)),
                              ids=int(options.backlog * 1_000_000))
                problems = figures(bench, options.names or list(FIGURES), facts)
        finally:
            kafka.stop()
    return problems


def figures(bench: Bench, names: list[str], facts: dict) -> list[str]:
    problems = []
    for name in names:
        began = time.monotonic()
        bench.tell(f"figure {name}: {FIGURES[name].__doc__}")
        try:
            found = FIGURES[name](bench)
        except Exception as problem:  # the others still tell what they know
            problems.append(f"{name}: {problem}")
            bench.tell(f"figure {name} could not be measured: {problem}")
            continue
        save_raw({**facts, "figures": {name: {"name": name, "lines": found.lines, "seconds": round(time.monotonic() - began, 1)}}})
        for line in found.lines:
            mark = {True: "reached", False: "MISSED", None: ""}[line["reached"]]
            bench.tell(f"  {line['what']}: {line['value']}" + (f"  (wanted {line['wanted']}) {mark}" if line["wanted"] else ""))
    return problems


def render() -> None:
    raw = load_raw()
    if "table" in raw:
        write_table(table_from_plain(raw["table"]), {"taken": raw["taken"], **raw["machine"]}, raw["versions"])
    known = [raw["figures"][name] for name in FIGURES if name in raw.get("figures", {})]
    if known:
        put(PAGE, "figures", figures_table(known))


def interrupted(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def main() -> int:
    options = arguments()
    tell = Progress()
    signal.signal(signal.SIGTERM, interrupted)
    problems = [] if options.what == "render" else measure(options, tell)
    if not options.no_page:
        render()
        tell(f"written: {PAGE.relative_to(machine.ROOT)}, {RAW.relative_to(machine.ROOT)}")
    for problem in problems:
        print(f"not measured: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
