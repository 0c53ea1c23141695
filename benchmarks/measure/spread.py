"""What several rounds come to: their median and how far they lie apart."""
from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Iterable


@dataclass(frozen=True)
class Spread:
    median: float
    low: float   # quartiles where there are four rounds, the extremes where there are fewer
    high: float
    count: int

    @property
    def width(self) -> float:
        """Of the median: 0.1 says ±5 %."""
        return (self.high - self.low) / self.median if self.median else 0.0

    def agrees(self, other: "Spread") -> bool:
        """Whether the two ranges touch."""
        return self.low <= other.high and other.low <= self.high


def spread(values: Iterable[float | None]) -> Spread | None:
    """None when no round gave a value. A value that a round could not give is left out."""
    found = sorted(value for value in values if value is not None and math.isfinite(value))
    if not found:
        return None
    if len(found) < 4:
        return Spread(statistics.median(found), found[0], found[-1], len(found))
    low, _, high = statistics.quantiles(found, n=4, method="inclusive")
    return Spread(statistics.median(found), low, high, len(found))


def ratios(above: dict[int, float | None], below: dict[int, float | None]) -> list[float]:
    """By round: what shook the machine in a round shook both."""
    return [above[number] / below[number] for number in sorted(above.keys() & below.keys())
            if above[number] is not None and below[number]]


def total(parts: list[dict[int, float | None]]) -> dict[int, float]:
    """The sum in each round in which every part was measured."""
    if not parts:
        return {}
    rounds = set.intersection(*(set(part) for part in parts))
    return {number: sum(part[number] for part in parts) for number in sorted(rounds) if all(part[number] is not None for part in parts)}
