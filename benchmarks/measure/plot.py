"""Latency against rate as SVG, readable on light and on dark pages."""
from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 880, 460
LEFT, RIGHT, TOP, BOTTOM = 84, 24, 56, 64
COLOURS = ("#2563eb", "#0d9488", "#ea580c", "#9333ea", "#ca8a04")

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #334155 }
  .title { font-size: 16px; font-weight: 600 }
  .grid { stroke: #94a3b8; stroke-opacity: .35; stroke-width: 1 }
  .axis { stroke: #64748b; stroke-width: 1 }
  .line { fill: none; stroke-width: 2.2; stroke-linejoin: round }
  .p99 { stroke-dasharray: 6 4 }
  @media (prefers-color-scheme: dark) { text { fill: #cbd5e1 } }
"""


@dataclass
class Line:
    name: str
    # (rate, p50, p99), both in microseconds
    points: list[tuple[float, float, float]] = field(default_factory=list)


def linear_ticks(most: float) -> list[float]:
    """At most seven round numbers from 0 to the first that is not below `most`."""
    raw = max(most, 1) / 6
    unit = 10 ** math.floor(math.log10(raw))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= raw)
    return [step * i for i in range(math.ceil(most / step) + 1)]


def short(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def time_label(microseconds: float) -> str:
    for unit, size in (("s", 1_000_000), ("ms", 1_000)):
        if microseconds >= size:
            return f"{microseconds / size:g} {unit}"
    return f"{microseconds:g} µs"


def latency_plot(title: str, lines: list[Line]) -> str:
    """Rates are linear, latencies logarithmic. Raises ValueError when there is nothing to draw."""
    drawn = [line for line in lines if line.points]
    if not drawn:
        raise ValueError("no line has a point")
    ticks = linear_ticks(max(rate for line in drawn for rate, _, _ in line.points))
    values = [value for line in drawn for _, low, high in line.points for value in (low, high) if value > 0]
    bottom, top = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    top = max(top, bottom + 1)

    def x(rate: float) -> float:
        return LEFT + rate / ticks[-1] * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        share = (math.log10(max(value, 10 ** bottom)) - bottom) / (top - bottom)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">', f"<title>{escape(title)}</title>",
           f"<style>{STYLE}</style>", f'<text class="title" x="{LEFT}" y="22">{escape(title)}</text>']
    for tick in ticks:
        out.append(f'<line class="grid" x1="{x(tick):.1f}" y1="{TOP}" x2="{x(tick):.1f}" y2="{HEIGHT - BOTTOM}"/>')
        out.append(f'<text text-anchor="middle" x="{x(tick):.1f}" y="{HEIGHT - BOTTOM + 20}">{short(tick)}</text>')
    for power in range(bottom, top + 1):
        height = y(10 ** power)
        out.append(f'<line class="grid" x1="{LEFT}" y1="{height:.1f}" x2="{WIDTH - RIGHT}" y2="{height:.1f}"/>')
        out.append(f'<text text-anchor="end" x="{LEFT - 8}" y="{height + 4:.1f}">{time_label(10.0 ** power)}</text>')
    out.append(f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    out.append(f'<text text-anchor="middle" x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 16}">requests per second, open loop</text>')
    for index, line in enumerate(drawn):
        out += _line(line, COLOURS[index % len(COLOURS)], x, y)
    out += _legend(drawn)
    return "\n".join(out) + "\n</svg>\n"


def _line(line: Line, colour: str, x, y) -> list[str]:
    out = []
    points = sorted(line.points)
    for which, style in ((1, "line"), (2, "line p99")):
        path = " ".join(f"{x(point[0]):.1f},{y(point[which]):.1f}" for point in points)
        out.append(f'<polyline class="{style}" stroke="{colour}" points="{path}"/>')
        out += [f'<circle cx="{x(point[0]):.1f}" cy="{y(point[which]):.1f}" r="2.6" fill="{colour}"/>' for point in points]
    return out


def _legend(lines: list[Line]) -> list[str]:
    out, at = [], float(LEFT)
    for index, line in enumerate(lines):
        colour = COLOURS[index % len(COLOURS)]
        out.append(f'<line class="line" stroke="{colour}" x1="{at:.0f}" y1="40" x2="{at + 22:.0f}" y2="40"/>')
        out.append(f'<text x="{at + 28:.0f}" y="44">{escape(line.name)}</text>')
        at += 48 + 7.2 * len(line.name)
    out.append(f'<text x="{at:.0f}" y="44">solid: p50, dashed: p99</text>')
    return out
