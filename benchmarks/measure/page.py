"""Tables of docs/benchmarks.md: what stands between the markers is made, the rest is written by hand."""
from __future__ import annotations

import re
from pathlib import Path

from .spread import Spread


def number(value: float) -> str:
    """Three digits that count, and thousands told apart."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.1 else f"{value:.3f}"


def with_spread(found: Spread | None, absent: str = "–") -> str:
    if found is None:
        return absent
    if found.count == 1:
        return number(found.median)
    return f"{number(found.median)} ({number(found.low)}–{number(found.high)})"


def duration(microseconds: float) -> str:
    if microseconds < 1_000:
        return f"{microseconds:.0f} µs"
    if microseconds < 1_000_000:
        return f"{number(microseconds / 1_000)} ms"
    return f"{number(microseconds / 1_000_000)} s"


def durations(found: list[Spread | None]) -> str:
    return " / ".join("–" if one is None else duration(one.median) for one in found)


def table(header: list[str], rows: list[list[str]]) -> str:
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row of {len(row)} cells under {len(header)} columns: {row}")
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def put(page: Path, name: str, content: str) -> None:
    """Replaces what stands between <!-- NAME:begin … --> and <!-- NAME:end -->."""
    text = page.read_text(encoding="utf-8")
    block = re.compile(rf"(<!-- {re.escape(name)}:begin[^>]*-->\n).*?(<!-- {re.escape(name)}:end -->)", re.S)
    text, count = block.subn(lambda found: found[1] + content.strip("\n") + "\n" + found[2], text)
    if count != 1:
        raise ValueError(f"{page} has the markers of '{name}' {count} times, not once")
    page.write_text(text, encoding="utf-8")
