"""The figures beside the table: what it costs to be large, encrypted, far behind or refused. Each is a function of a Bench."""
from __future__ import annotations

import contextlib
import resource
import shutil
import subprocess
import time

from . import machine
from .bench import Bench, Figure, by_pass
from .loads import load, sync_floor
from .page import duration, number, with_spread
from .programs import Bento, wait_until
from .spread import spread


def connections(bench: Bench) -> Figure:
    """1 and 1,000 kept connections at the same rate"""
    found = Figure()
    with bench.node("connections", {"listen": {"limits": {"connections_per_address": 2_000}}}) as node:
        for rate, few in ((500, 1), (5_000, 32)):
            pairs, counts = [], (few, 1_000)
            for number_of_pass in range(bench.passes):
                cost = {}
                for count in counts[:: 1 if number_of_pass % 2 else -1]:
                    cost[count] = load(node, node.config, rate, connections=count, seconds=bench.seconds)[-1].cpu_us
                pairs.append((cost[few], cost[1_000]))
            found.at_most(f"CPU per event, 1,000 connections / {few}, at {rate:,}/s", by_pass(pairs), 1.1)
    return found


def sources(bench: Bench) -> Figure:
    """1 and 1,000 configured sources at the same rate, requests spread over five of them"""
    rate, spread_over = 3_000, 5
    with bench.node("one-source") as one, bench.node("many-sources", sources=1_000) as many:
        pairs = []
        for _ in range(1 if bench.quick else 3):
            pairs.append((_cost_over_sources(bench, one, [0] * spread_over, rate),
                          _cost_over_sources(bench, many, range(1, 1_000, 1_000 // spread_over), rate)))
        found = Figure()
        found.at_most(f"CPU per event, 1,000 sources / 1, at {rate:,}/s", by_pass(pairs), 1.1)
        found.add("RSS idle with 1,000 sources", f"{machine.resident_bytes(many.pid) / 1e6:.0f} MB")
    return found


def _cost_over_sources(bench: Bench, node, which, rate: int) -> float:
    """Several load generators at once; the cost is taken in the middle, while all of them run."""
    which = list(which)
    total = bench.seconds + 8
    running = [subprocess.Popen(
        [str(machine.RELEASE / "switchboard-load"), "--config", str(node.config), "--source", "whatsapp" if index == 0 else f"whatsapp-{index}",
         "--body", str(machine.BODY), "--rate", f"{rate / len(which):g}", "--connections", "16", "--duration", f"{total:g}", "--warmup", "0"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for index in which]
    try:
        wait_until(lambda: _units_per_second(node) > 0.9 * rate, 8, "all of the load")
        events, cpu = node.metric("switchboard_journal_units_total"), machine.cpu_seconds(node.pid)
        time.sleep(bench.seconds)
        cpu, events = machine.cpu_seconds(node.pid) - cpu, node.metric("switchboard_journal_units_total") - events
    finally:
        for process in running:
            process.terminate()
        told = [process.communicate(timeout=60)[1].decode(errors="replace") for process in running]
    if events < 0.8 * rate * bench.seconds:
        raise RuntimeError(f"the load ended early: {told}")
    return cpu * 1e6 / events


def _units_per_second(node) -> float:
    before, began = node.metric("switchboard_journal_units_total"), time.monotonic()
    time.sleep(0.3)
    return (node.metric("switchboard_journal_units_total") - before) / (time.monotonic() - began)


def backlog(bench: Bench) -> Figure:
    """Kafka frozen: a backlog of 10 GB whose 10 million ids all stand in the dedupe window, and a start with it"""
    rate = 3_000
    ids = bench.ids if not bench.quick else bench.ids // 20
    size = bench.backlog_bytes if not bench.quick else bench.backlog_bytes // 20
    over = {"journal": {"max_size": f"{(size * 5 // 2 + (4 << 30)) >> 30}GiB"}}
    free = shutil.disk_usage(bench.directory).free
    if free < size * 3:
        raise RuntimeError(f"a backlog of {size >> 30} GB needs {size * 3 >> 30} GB of free disk in {bench.directory}, there are {free >> 30}")
    found = Figure()
    with bench.node("backlog", over) as node, bench.frozen_kafka():
        load(node, node.config, rate, seconds=1)
        before = [load(node, node.config, rate, seconds=bench.seconds)[-1].cpu_us for _ in range(bench.passes)]
        began = time.monotonic()
        filled, remembered = _fill(bench, node, size, ids)
        bench.tell(f"filled {filled / 1e9:.1f} GB, {remembered / 1e6:.1f} million ids in {time.monotonic() - began:.0f} s")
        after = [load(node, node.config, rate, seconds=bench.seconds)[-1].cpu_us for _ in range(bench.passes)]
        found.at_most(f"CPU per event at {rate:,}/s with {filled / 1e9:.1f} GB of backlog and {remembered / 1e6:.1f} million ids / with none",
                      by_pass(list(zip(before, after))), 1.1)
        found.add("RSS then (of it mapped dedupe files count as used)", f"{machine.resident_bytes(node.pid) / 1e6:.0f} MB")
        node.broker.kill()
        began = time.monotonic()
        node.broker.start(wait="listening", seconds=300, prefix=machine.PINNED)
        took = time.monotonic() - began
        read, seconds = node.metric("switchboard_journal_recovered_bytes"), node.metric("switchboard_journal_recovery_seconds")
        found.add("From SIGKILL to accepting again with it", f"{number(took)} s, {read / 1e9:.2f} GB of it read in {number(seconds)} s")
    return found


def _fill(bench: Bench, node, size: int, ids: int) -> tuple[float, float]:
    per_request = 100
    body = bench.batch_body(per_request, "Where is my order?")
    deadline = time.monotonic() + 400
    while True:
        have = node.metric("switchboard_journal_bytes"), node.metric("switchboard_journal_dedupe_entries")
        if have[0] >= size and have[1] >= ids:
            return have
        if time.monotonic() > deadline:
            raise RuntimeError(f"only {have[0] / 1e9:.1f} GB and {have[1] / 1e6:.1f} million ids after 400 s")
        load(node, node.config, seconds=5, connections=32, body=body)
        bench.tell(f"backlog {have[0] / 1e9:.1f} GB, {have[1] / 1e6:.1f} million ids")


def latency(bench: Bench) -> Figure:
    """At 70 % of its own peak: the reply against the disk's own sync, and the way to a consumer"""
    found = Figure()
    with bench.node("latency") as node:
        peak = spread(load(node, node.config, seconds=bench.seconds)[-1].per_second for _ in range(3)).median
        node.wait_published()
        rate = 0.7 * peak
        replies, bounds, ends = [], [], []
        size = round(node.journal_bytes_per_event())
        for _ in range(bench.passes):
            _, sync = sync_floor(bench.directory, rate, size, bench.seconds)
            reply = load(node, node.config, rate, seconds=bench.seconds)[-1]
            node.wait_published()
            end = load(node, node.config, rate, seconds=bench.seconds, consume=True)[-1]
            replies.append(reply.p99)
            bounds.append(3 * sync["p99"] + 2_000)
            ends.append(end.end_to_end_p99)
    reply, bound, end = spread(replies), spread(bounds), spread(ends)
    found.add(f"p99 of the reply at {rate:,.0f}/s, 70 % of the peak", duration(reply.median),
              f"≤ {duration(bound.median)}, 3 × the disk's p99 + 2 ms, in the same passes", reply.median <= bound.median)
    found.add(f"p99 from due to a consumer at {rate:,.0f}/s, idempotent", duration(end.median), "≤ 50 ms", end.median <= 50_000)
    return found


def recovery(bench: Bench) -> Figure:
    """Reading a journal of 1 GiB from the page cache, by one core"""
    size = (1 << 30) if not bench.quick else (256 << 20)
    found = Figure()
    with bench.node("recovery") as node:
        with bench.frozen_kafka():
            while node.metric("switchboard_journal_bytes") < size:
                load(node, node.config, seconds=2)
            written = node.metric("switchboard_journal_bytes")
            node.broker.kill()
            directory = node.broker.configuration["journal"]["directory"]
            speeds = [_verify_speed(directory, written) for _ in range(bench.passes)]
            found.add("Reading and checking a journal, GB per second of CPU (`switchboard journal verify`)", with_spread(spread(speeds)), "≥ 2",
                      spread(speeds).median >= 2)
            node.broker.start(wait="listening", seconds=120, prefix=machine.PINNED)
            read, seconds = node.metric("switchboard_journal_recovered_bytes"), node.metric("switchboard_journal_recovery_seconds")
            speed = read / 1e9 / max(seconds, 1e-9)
            found.add(f"Recovery after SIGKILL, GB/s, dedupe table and books rebuilt ({read / 1e6:,.0f} MB)", number(speed), "≥ 2", speed >= 2)
    return found


def _verify_speed(directory: str, size: float) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*machine.PINNED, str(machine.RELEASE / "switchboard"), "journal", "verify", directory], check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return size / 1e9 / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def ready(bench: Bench) -> Figure:
    """From the start of the process to /readyz with an empty journal"""
    times = []
    for index in range(2 * bench.passes):
        with bench.node(f"ready-{index % 2}") as node:
            node.stop()
            shutil.rmtree(node.broker.configuration["journal"]["directory"])
            began = time.monotonic()
            node.broker.start(wait=None, prefix=machine.PINNED)
            wait_until(node.broker.ready, 30, "ready")
            times.append(time.monotonic() - began)
    found = Figure()
    found.at_most("Ready with an empty journal", spread(times), 1.0, " s")
    return found


def tls(bench: Bench) -> Figure:
    """TLS 1.3 against plain HTTP on kept connections"""
    certificate, key = bench.directory / "tls.pem", bench.directory / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
                   check=True, capture_output=True, timeout=30)
    found = Figure()
    with bench.node("plain") as plain, bench.node("tls", {"tls": {"certificate": str(certificate), "key": str(key)}}) as encrypted:
        for rate in (5_000,):
            pairs = []
            for _ in range(bench.passes):
                cost = [load(node, node.config, rate, seconds=bench.seconds, arguments=("--insecure",) if node is encrypted else ())[-1].cpu_us
                        for node in (plain, encrypted)]
                pairs.append((cost[0], cost[1]))
            found.at_most(f"CPU per event, TLS / plain, at {rate:,}/s", by_pass(pairs), 1.3)
    return found


def refusal(bench: Bench) -> Figure:
    """What it costs to say 503 when the journal is full"""
    rate, accepted, refused = 5_000, [], []
    with bench.node("refusal", {"journal": {"max_size": "256MiB"}}) as node:
        for _ in range(bench.passes):
            accepted.append(load(node, node.config, rate, seconds=bench.seconds)[-1].cpu_us)
        node.wait_published()
        with bench.frozen_kafka():
            while not load(node, node.config, seconds=1)[-1].refused:
                pass
            points = [load(node, node.config, rate, seconds=bench.seconds)[-1] for _ in range(bench.passes)]
    refused = [point.cpu_us_reply for point in points if point.accepted == 0]
    found = Figure()
    found.add(f"CPU of a refusal at {rate:,}/s", f"{with_spread(spread(refused))} µs", f"below an event's {with_spread(spread(accepted))} µs",
              bool(refused) and spread(refused).median < spread(accepted).median)
    waited = spread(point.refused_p99 for point in points)
    found.add("p99 of a refusal then", duration(waited.median), "≤ 10 ms", waited.median <= 10_000)
    return found


def peer(bench: Bench) -> Figure:
    """Bento with its defaults wherever there is one, for reference"""
    found = Figure()
    with bench.node("signer") as node, contextlib.closing(Bento(bench.kafka, "default", bench.directory).start()) as bento:
        bento.check()
        load(bento, node.config, 500, seconds=1)
        points = [load(bento, node.config, 1_000, seconds=bench.seconds)[-1] for _ in range(bench.passes)]
        peaks = [load(bento, node.config, seconds=bench.seconds)[-1] for _ in range(bench.passes)]
    found.add("Bento with its defaults: CPU per event at 1,000/s", f"{with_spread(spread(point.cpu_us for point in points))} µs")
    found.add("Bento with its defaults: events/s at saturation", f"{with_spread(spread(point.per_second for point in peaks))}, "
              f"{with_spread(spread(point.cpu_us for point in peaks))} µs each")
    return found


FIGURES = {function.__name__: function for function in (connections, sources, tls, refusal, latency, ready, recovery, peer, backlog)}

