"""More than it can take: what is still done, what a refusal waits, what is lost, and how soon all is well again."""
from __future__ import annotations

from . import machine
from .bench import Bench, Figure
from .loads import Lost, load
from .page import duration, number
from .spread import spread

# Small, so that a bound is met at all: with the default 64 MiB some ten thousand requests wait before one is refused.
OVER = {"journal": {"queue_size": "1MiB"}, "listen": {"limits": {"connections_per_address": 10_000}}}
CONNECTIONS = 1_000
# In one request: the client's core has to send five times as many requests as the program's core takes.
MESSAGES = 25
BACK_WITHIN = 5


def overload(bench: Bench) -> Figure:
    """Twice and five times the saturation rate, with a short queue, and what is left of the peak"""
    found = Figure()
    seconds = 3.0 if bench.quick else 6.0
    body = bench.batch_body(MESSAGES, "Where is my order?")
    with bench.node("overload", OVER) as node:
        load(node, node.config, seconds=1, body=body)
        peak = spread(load(node, node.config, seconds=bench.seconds, connections=16, body=body)[-1].per_second for _ in range(3)).median
        node.wait_published()
        for factor, least in ((2, 0.4), (5, 0.2)):
            before = machine.resident_bytes(node.pid)
            try:
                point = load(node, node.config, factor * peak, seconds=seconds, warmup=0, connections=CONNECTIONS, timeout=2, body=body, verify="ids")[-1]
                lost = f"none of {point.verified:,}"
            except Lost as problem:
                found.add(f"{factor}× the peak: lost", str(problem), "none", False)
                continue
            goodput = point.per_second / peak
            asked = f"{factor}× the peak ({factor * peak:,.0f} requests/s of {MESSAGES} messages asked, {point.offered / peak:.1f}× sent by one core)"
            found.add(f"{asked}: accepted", f"{goodput * 100:.0f} % of the peak", f"≥ {least * 100:.0f} %", goodput >= least)
            found.add(f"{factor}×: refused with 503, p99 from when it was due",
                      f"{point.refused:,}, {duration(point.refused_p99)}" if point.refused else "none", "≤ 10 ms",
                      point.refused_p99 <= 10_000 if point.refused else None)
            found.add(f"{factor}×: neither accepted nor refused (the client's limit of 2 s)", f"{point.failed:,}")
            grown = machine.resident_bytes(node.pid) - before
            found.add(f"{factor}×: memory", f"{grown / 1e6:+.0f} MB", "≤ 64 MB", grown <= 64e6)
            found.add(f"{factor}×: acknowledged and lost", lost, "none", True)
            back = _seconds_until_back(node, 0.7 * peak, body)
            found.add(f"{factor}×: back at 70 % of the peak with p99 below 50 ms", f"{number(back)} s" if back else "not within 8 s",
                      f"≤ {BACK_WITHIN} s", back is not None and back <= BACK_WITHIN)
            node.wait_published()
    return found


def _seconds_until_back(node, rate: float, body) -> float | None:
    """Right after the overload, by the load generator's seconds: the first in which the rate is served in time."""
    timeline = load(node, node.config, rate, seconds=8, warmup=0, body=body)[-1].timeline
    for each in timeline:
        if each["accepted"] >= 0.95 * rate and each["refused"] == 0 and each["p99_us"] <= 50_000:
            return each["second"]
    return None
