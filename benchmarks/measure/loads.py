"""One run of the load generator, or of a floor, and what of it a table needs."""
from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import machine

CONNECTIONS = 128
KEYS = 10_000


class Lost(RuntimeError):
    """Something acknowledged is not in Kafka."""


@dataclass
class Point:
    """A program at one rate in one round. Times in microseconds; rate None: as fast as it answers."""
    program: str
    rate: float | None
    round: int = 0
    rate_asked: float | None = None  # of the table's row; a floor at saturation has a rate
    seconds: float = 0
    accepted: int = 0
    refused: int = 0
    failed: int = 0          # answered otherwise, timed out, not sent in time, connection ended
    per_second: float = 0    # accepted
    cpu_us: float | None = None   # per accepted event
    cpu_us_reply: float | None = None
    cpu_share: float | None = None  # of one core
    p50: float | None = None
    p99: float | None = None
    p999: float | None = None
    refused_p99: float | None = None
    end_to_end_p99: float | None = None
    rss: int | None = None
    offered: float | None = None   # sent per second
    client_us: float | None = None  # the client's own CPU per request
    verified: int | None = None    # events found in Kafka
    timeline: list[dict] = field(default_factory=list)

    def plain(self) -> dict:
        return {key: value for key, value in asdict(self).items() if value not in (None, [])}


def run_json(command: list[str], seconds: float) -> dict:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired as late:
        raise RuntimeError(f"not done within {seconds:g} s: {' '.join(command)}") from late
    if done.returncode != 0:
        raise RuntimeError(f"exit {done.returncode}: {' '.join(command)}\n{done.stderr[-1500:]}{done.stdout[-500:]}")
    return json.loads(done.stdout)


def window_to_point(program: str, window: dict, **more) -> Point:
    latency, server = window["latency_us"], window.get("server") or {}

    def of(name: str, quantile: str) -> float | None:
        times = latency.get(name)
        return times[quantile] if times and times["count"] else None
    accepted = window["accepted_in_time"]
    cpu = server.get("cpu_seconds")
    return Point(program, window["target_rate"], seconds=window["seconds"], accepted=accepted, refused=window["refused"],
                 failed=window["other"] + window["connection_errors"] + window["timeouts"] + window["not_sent"],
                 per_second=window["accepted_per_second"],
                 cpu_us=cpu * 1e6 / accepted if cpu is not None and accepted else None,
                 cpu_us_reply=cpu * 1e6 / window["replies_in_time"] if cpu is not None and window["replies_in_time"] else None,
                 cpu_share=server.get("cpu_share"), p50=of("accepted", "p50"), p99=of("accepted", "p99"), p999=of("accepted", "p99_9"),
                 refused_p99=of("refused", "p99"), end_to_end_p99=of("end_to_end", "p99"), rss=server.get("rss_bytes"),
                 offered=window["sent"] / window["seconds"] if window["seconds"] else None,
                 client_us=window["client"]["cpu_us_per_request"], **more)


def load(program, signer: Path, rate: float | None = None, *, seconds: float = 2, warmup: float = 0.25, connections: int = CONNECTIONS,
         ramp: str | None = None, verify: str = "none", consume: bool = False, timeout: float = 10, body: Path = machine.BODY,
         arguments: tuple[str, ...] = (), kafka: str | None = None) -> list[Point]:
    """Requests to a program, signed as the source `signer` (a Switchboard's configuration) says; a point for each step of a ramp.
    Raises Lost when it verifies and something is missing."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [str(machine.RELEASE / "switchboard-load"), "--config", str(signer), "--source", "whatsapp", "--body", str(body),
                   "--url", program.url, "--connections", str(connections), "--keys", str(KEYS), "--duration", f"{seconds:g}",
                   "--warmup", f"{warmup:g}", "--timeout", f"{timeout:g}", "--pid", str(program.pid), "--json", str(report)]
        command += ["--ramp", ramp] if ramp else ["--rate", f"{rate:g}"] if rate else ["--closed"]
        if consume:
            command += ["--consume"]
        elif verify != "none":
            command += ["--verify", verify] + (["--topic", program.topic] if verify == "count" else [])
        if kafka:
            command += ["--kafka", kafka]
        steps = int(ramp.rsplit(":", 1)[1]) if ramp else 1
        limit = warmup + steps * seconds + 2 * timeout + (180 if verify != "none" or consume else 30)
        try:
            done = subprocess.run([*command, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit)
        except subprocess.TimeoutExpired as late:
            raise RuntimeError(f"the load on {program.name} was not over within {limit:g} s") from late
        if not report.exists():  # an exit code of 1 is what it found, of 69 that all was refused: both are in the report
            raise RuntimeError(f"the load on {program.name}: exit {done.returncode}\n{' '.join(command)}\n{done.stderr[-1500:]}")
        told = json.loads(report.read_text())
    checked = told.get("verification")
    if checked and not checked["passed"]:
        raise Lost(f"{program.name}: {checked['lost']} of {checked['acknowledged']} acknowledged are not in Kafka, "
                   f"{checked['sequence_holes']} holes")
    points = [window_to_point(program.name, window) for window in told["steps"]]
    points[-1].timeline = told["timeline"]
    if checked:
        points[-1].verified = checked["found"]
    return points


def floor_point(told: dict, rate: float | None) -> Point:
    times = told.get("durable_us") or told.get("delivery_us") or {}
    return Point(told["floor"], rate, seconds=told["seconds"], accepted=told["events"], per_second=told["events_per_second"],
                 cpu_us=told["cpu_us_per_event"] or None, p50=times.get("p50"), p99=times.get("p99"), p999=times.get("p999"))


def producer_floor(kafka: str, topic: str, rate: float, size: int, seconds: float, warmup: float = 0.25) -> Point:
    return floor_point(run_json([*machine.PINNED, str(machine.RELEASE / "floor-producer"), "--kafka", kafka, "--topic", topic,
                                 "--rate", f"{rate:g}", "--bytes", str(size), "--duration", f"{seconds:g}", "--warmup", f"{warmup:g}"],
                                seconds + warmup + 60), rate)


def sync_floor(directory: Path, rate: float, size: int, seconds: float, warmup: float = 0.25) -> tuple[Point, dict]:
    """The point, and the times of the sync itself."""
    told = run_json([*machine.PINNED, str(machine.RELEASE / "floor-sync"), "--directory", str(directory), "--rate", f"{rate:g}",
                     "--bytes", str(size), "--duration", f"{seconds:g}", "--warmup", f"{warmup:g}"], seconds + warmup + 60)
    return floor_point(told, rate), told["sync_us"]
