"""What every figure is given, and how figures are told."""
from __future__ import annotations

import json
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator

from . import machine
from .page import with_spread
from .programs import Switchboard
from .spread import Spread, spread


@dataclass
class Bench:
    kafka: object
    directory: Path
    quick: bool
    tell: Callable[[str], None]
    backlog_bytes: int = 10 << 30
    ids: int = 10_000_000

    @property
    def passes(self) -> int:
        return 2 if self.quick else 4

    @property
    def seconds(self) -> float:
        return 1.0 if self.quick else 2.0

    @contextmanager
    def node(self, name: str, over: dict | None = None, sources: int = 1) -> Iterator[Switchboard]:
        """Ready, with topics of its own; all of it goes at the end."""
        node = Switchboard(self.kafka, name, self.directory / name, over, sources)
        try:
            yield node.start()
        finally:
            node.close()

    @contextmanager
    def frozen_kafka(self) -> Iterator[None]:
        self.kafka.sigstop()
        try:
            yield
        finally:
            self.kafka.sigcont()
            self._wait_thawed()

    def _wait_thawed(self) -> None:
        """Its controller took it for dead meanwhile; until that is over no topic can be made."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.kafka.create_topic(f"thawed-{time.monotonic_ns()}")
            except Exception as problem:  # kafka-python's errors have no common parent
                if time.monotonic() > deadline:
                    raise RuntimeError(f"Kafka did not come back within 60 s: {problem}") from problem
                time.sleep(0.2)

    def batch_body(self, messages: int, text: str) -> Path:
        """A template of one request with many messages, for filling."""
        template = json.loads(machine.BODY.read_text())
        value = template["entry"][0]["changes"][0]["value"]
        one = value["messages"][0]
        value["messages"] = [{**one, "id": f"wamid.{{{{uuid:m{number}}}}}", "text": {"body": text}} for number in range(messages)]
        path = Path(tempfile.mkdtemp(dir=self.directory)) / "batch.json"
        path.write_text(json.dumps(template, separators=(",", ":")))
        return path


@dataclass
class Figure:
    """Lines of the second table."""
    lines: list[dict] = field(default_factory=list)

    def add(self, what: str, value: str, wanted: str = "", reached: bool | None = None) -> None:
        self.lines.append({"what": what, "value": value, "wanted": wanted, "reached": reached})

    def at_most(self, what: str, found: Spread | None, bound: float, unit: str = "") -> None:
        self.add(what, with_spread(found) + unit, f"≤ {bound:g}{unit}", None if found is None else found.median <= bound)


def by_pass(pairs: list[tuple[float | None, float | None]]) -> Spread | None:
    """Of the ratios second / first of each pass."""
    return spread(after / before for before, after in pairs if before and after)
