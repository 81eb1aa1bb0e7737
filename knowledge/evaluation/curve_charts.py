"""Charts over the unit square as SVG text: curves, and dots against a diagonal. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from knowledge.evaluation.charts import Mark

_WIDTH, _HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 110, 14, 44
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_SMALLEST, _LARGEST = 4, 18
_LINE = 14


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in 0..1 from left to right; ``kind`` is the class that colours it."""

    name: str
    kind: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Dot:
    """A dot at a place in 0..1; its area grows with ``share``, ``says`` shows under the pointer."""

    x: float
    y: float
    share: float
    says: str


def curves(lines: Sequence[Curve], *, title: str, across: str, mark: Mark) -> str:
    """Curves with their names at the right end, and a marked place."""
    drawn = "".join(
        f'<path class="curve {line.kind}" d="M'
        + "L".join(f"{_x(x):.1f} {_y(y):.1f}" for x, y in line.points)
        + f'"><title>{escape(line.name)}</title></path>'
        for line in lines
    )
    names = "".join(
        f'<text class="{line.kind}" x="{_WIDTH - _RIGHT + 8}" y="{y:.1f}">'
        f"{escape(line.name)}</text>"
        for line, y in zip(lines, _apart([_y(line.points[-1][1]) for line in lines]), strict=True)
    )
    x = _x(mark.value)
    side, place = ("end", x - 5) if mark.value > 0.5 else ("start", x + 5)  # noqa: PLR2004 - the middle
    marked = (
        f'<path class="mark" d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}"/>'
        f'<text class="label" x="{place:.1f}" y="{_HEIGHT - _BOTTOM - 6}" text-anchor="{side}">'
        f"{escape(mark.label)}</text>"
    )
    return _square(title, across, "", drawn + marked + names)


def diagonal(dots: Sequence[Dot], *, title: str, across: str, up: str) -> str:
    """Dots against the line on which both sides are equal."""
    line = f'<path class="floor" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>'
    drawn = "".join(
        f'<circle class="bar" cx="{_x(dot.x):.1f}" cy="{_y(dot.y):.1f}" '
        f'r="{_SMALLEST + (_LARGEST - _SMALLEST) * dot.share**0.5:.1f}">'
        f"<title>{escape(dot.says)}</title></circle>"
        for dot in dots
    )
    return _square(title, across, up, line + drawn)


def _square(title: str, across: str, up: str, content: str) -> str:
    ticks = "".join(
        f'<text class="axis" x="{_x(tick):.1f}" y="{_HEIGHT - _BOTTOM + 16}" '
        f'text-anchor="middle">{tick:g}</text>'
        f'<text class="axis" x="{_LEFT - 8}" y="{_y(tick) + 4:.1f}" '
        f'text-anchor="end">{tick:g}</text>'
        f'<path class="floor" d="M{_LEFT} {_y(tick):.1f}H{_WIDTH - _RIGHT}" opacity=".6"/>'
        for tick in _TICKS
    )
    names = (
        f'<text class="axis" x="{_x(0.5):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">'
        f'{escape(across)}</text><text class="axis" x="{_LEFT + 6}" y="{_TOP + 10}">'
        f"{escape(up)}</text>"
    )
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
        f"<title>{escape(title)}</title>{ticks}{names}{content}</svg>"
    )


def _apart(heights: Sequence[float]) -> list[float]:
    """The heights, moved down where two labels would lie on each other."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed = [0.0] * len(heights)
    lowest = float("-inf")
    for number in order:
        lowest = max(heights[number] + 4, lowest + _LINE)
        placed[number] = lowest
    return placed


def _x(value: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(max(value, 0.0), 1.0)


def _y(value: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * min(max(value, 0.0), 1.0)
