"""The table: every program at every rate once a round, all of them side by side, round after round."""
from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from . import machine
from .loads import Point, load, producer_floor, sync_floor
from .plot import Line
from .programs import PARTITIONS, Bento, Echo, Switchboard
from .spread import spread

RATES = (1_000, 5_000, 10_000)
SATURATION = None

# Switchboard's ways, and which floors are beneath each: HTTP, Kafka, and the sync of whoever waits for the disk. A way's `over` is
# all of its configuration that is not a default.
WAYS = {
    "disk": ({}, ("echo", "producer", "sync")),
    "kafka": ({"kafka": {"acknowledge": "kafka"}}, ("echo", "producer")),
    "both": ({"kafka": {"acknowledge": "both"}}, ("echo", "producer", "sync")),
    "exactly-once": ({"kafka": {"delivery": "exactly_once"}}, ("echo", "producer", "sync")),
}
PEER = "bento-tuned"
FLOORS = ("echo", "producer", "sync")


@dataclass
class Plan:
    rounds: int
    seconds: float          # of a point
    curve_steps: int
    curve_seconds: float    # of a step of the plot
    ways: tuple[str, ...] = tuple(WAYS)
    peer: bool = True


FULL = Plan(rounds=10, seconds=1.2, curve_steps=12, curve_seconds=1.0)
QUICK = Plan(rounds=2, seconds=0.7, curve_steps=6, curve_seconds=0.6)


@dataclass
class Table:
    """What the rounds gave. `points` is everything, in the order in which it was measured."""
    points: list[Point] = field(default_factory=list)
    idle_rss: dict[str, int] = field(default_factory=dict)
    curves: list[Line] = field(default_factory=list)
    event_bytes: dict[str, float] = field(default_factory=dict)
    verified: dict[str, int] = field(default_factory=dict)
    others: list[float] = field(default_factory=list)  # share of the machine that others used before each round
    seconds: float = 0

    def of(self, program: str, rate: float | None, what: str) -> dict[int, float | None]:
        """By round."""
        return {point.round: getattr(point, what) for point in self.points if point.program == program and point.rate_asked == rate}


class Rounds:
    def __init__(self, kafka, directory: Path, plan: Plan, tell) -> None:
        self.kafka, self.directory, self.plan, self.tell = kafka, directory, plan, tell
        self.table = Table()
        self.nodes: dict[str, Switchboard] = {}
        self.others: list = []
        self.peaks: dict[str, float] = {}

    def run(self) -> Table:
        began = time.monotonic()
        try:
            self._start()
            self._calibrate()
            for number in range(1, self.plan.rounds + 1):
                self._round(number)
            self._curves()
        finally:
            for program in [*self.nodes.values(), *self.others]:
                program.close()
        self.table.seconds = time.monotonic() - began
        return self.table

    def _start(self) -> None:
        self.tell(f"starting {', '.join(self.plan.ways)}, the peer and the floors")
        for name in self.plan.ways:
            node = Switchboard(self.kafka, name, self.directory / name, WAYS[name][0])
            self.nodes[name] = node
            node.start()
        self.others.append(Echo(self.directory).start())
        if self.plan.peer:
            self.others.append(Bento(self.kafka, "tuned", self.directory).start())
            self.others[-1].check()
        self.kafka.create_topic("floor", partitions=PARTITIONS)

    @property
    def servers(self) -> list:
        return [*self.nodes.values(), *self.others]

    @property
    def signer(self) -> Path:
        return next(iter(self.nodes.values())).config

    def _calibrate(self) -> None:
        """Everything warm, idle memory, and how large an event is: the floors move as many bytes. Each id that was acknowledged is
        looked for in Kafka once, so that all that follows is known to be delivered."""
        for program in self.servers:
            self.table.idle_rss[program.name] = machine.resident_bytes(program.pid)
        for program in self.servers:
            if program.topic is None:
                load(program, self.signer, 2_000, seconds=1)
                continue
            verify = "ids" if program.name in self.nodes else "count"
            found = load(program, program.config if verify == "ids" else self.signer, 2_000, seconds=2, verify=verify)[-1].verified
            self.table.verified[program.name] = found
            self.tell(f"{program.name}: {found} events verified in Kafka")
        for program in self.servers:
            self.peaks[program.name] = load(program, self.signer, seconds=self.plan.seconds)[-1].per_second
        node = self.nodes[self.plan.ways[0]]
        self.table.event_bytes = {"journal": node.journal_bytes_per_event(), "kafka": self._kafka_bytes(node.topic)}
        self.tell(f"an event has {self.table.event_bytes['journal']:.0f} bytes in the journal, {self.table.event_bytes['kafka']:.0f} in Kafka")

    def _kafka_bytes(self, topic: str) -> float:
        from kafka import KafkaConsumer
        consumer = KafkaConsumer(topic, bootstrap_servers=self.kafka.bootstrap.split(","), auto_offset_reset="earliest",
                                 consumer_timeout_ms=10_000, enable_auto_commit=False)
        try:
            sizes = []
            for message in consumer:
                sizes.append(len(message.key or b"") + len(message.value or b"")
                             + sum(len(name) + len(value or b"") for name, value in message.headers))
                if len(sizes) == 200:
                    break
        finally:
            consumer.close()
        if not sizes:
            raise RuntimeError(f"no event in {topic}")
        return sum(sizes) / len(sizes)

    def _round(self, number: int) -> None:
        self.table.others.append(machine.settled_load(0.5))
        began = time.monotonic()
        # Forwards and backwards in turn: whoever follows a heavy neighbour in one round goes before it in the next.
        order = self.servers if number % 2 else self.servers[::-1]
        for rate in (*RATES, SATURATION):
            for program in order:
                self._measure(program, rate, number)
            self._floors(rate, number)
        self.tell(f"round {number} of {self.plan.rounds}: {time.monotonic() - began:.0f} s; {self._summary(number)}")

    def _measure(self, program, rate: float | None, number: int) -> None:
        if rate is not None and rate > 0.95 * self.peaks[program.name]:
            return  # it cannot; a queue that grows for the whole point would say nothing
        point = load(program, self.signer, rate, seconds=self.plan.seconds)[-1]
        if program.name in self.nodes:
            self.nodes[program.name].wait_published()
        point.round, point.rate_asked = number, rate
        self.table.points.append(point)

    def _floors(self, rate: float | None, number: int) -> None:
        """At saturation: at the rate that Switchboard reached in the same round."""
        asked = rate
        if rate is None:
            reached = [p.per_second for p in self.table.points if p.round == number and p.rate_asked is None and p.program in self.nodes]
            asked = max(reached)
        producer = producer_floor(self.kafka.bootstrap, "floor", asked, round(self.table.event_bytes["kafka"]), self.plan.seconds)
        sync, _ = sync_floor(self.directory, asked, round(self.table.event_bytes["journal"]), self.plan.seconds)
        for point in (producer, sync):
            point.round, point.rate_asked = number, rate
            self.table.points.append(point)

    def _summary(self, number: int) -> str:
        found = [p for p in self.table.points if p.round == number and p.rate_asked == 5_000 and p.cpu_us]
        return "CPU µs at 5,000/s: " + ", ".join(f"{p.program} {p.cpu_us:.1f}" for p in found)

    def _curves(self) -> None:
        named = {"disk": "Switchboard, disk", "kafka": "Switchboard, Kafka", PEER: "Bento, tuned"}
        for program in self.servers:
            peak = spread(self.table.of(program.name, SATURATION, "per_second").values())
            if program.name not in named or peak is None:
                continue
            top = 0.95 * peak.median
            steps = self.plan.curve_steps
            points = load(program, self.signer, seconds=self.plan.curve_seconds, ramp=f"{top / steps:.0f}:{top:.0f}:{steps}")
            self.table.curves.append(Line(named[program.name], [(p.rate, p.p50, p.p99) for p in points if p.p50 is not None and p.rate]))
            self.tell(f"curve of {program.name} up to {top:,.0f}/s")
