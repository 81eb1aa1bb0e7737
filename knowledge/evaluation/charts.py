"""Small charts as SVG text, for pages that load nothing: pure, every label escaped.

Colours come from the page's CSS (``currentColor`` and the class names), so that they follow its
light and dark themes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 640, 180
_MARGIN = 28


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across a histogram at a value, such as the 95th percentile."""

    value: float
    label: str


def histogram(
    values: Sequence[float],
    *,
    title: str,
    unit: str,
    marks: Sequence[Mark] = (),
    bins: int = 24,
    upper: float | None = None,
) -> str:
    """How often each size of value occurs, from 0 to the largest (or ``upper``)."""
    top = max((upper or 0.0, *values)) or 1.0
    counts = [0] * bins
    for value in values:
        counts[min(int(bins * max(value, 0.0) / top), bins - 1)] += 1
    highest = max(counts) or 1
    wide = (_WIDTH - 2 * _MARGIN) / bins
    tall = _HEIGHT - 2 * _MARGIN
    bars = "".join(
        f'<rect class="bar" x="{_MARGIN + place * wide + 1:.1f}" '
        f'y="{_MARGIN + tall - tall * count / highest:.1f}" width="{wide - 2:.1f}" '
        f'height="{tall * count / highest:.1f}"><title>{count} from {place * top / bins:.3g} to '
        f"{(place + 1) * top / bins:.3g}{escape(unit)}</title></rect>"
        for place, count in enumerate(counts)
        if count
    )
    lines = "".join(_mark(mark, top, step) for step, mark in enumerate(marks))
    axis = "".join(
        f'<text class="axis" x="{_MARGIN + share * (_WIDTH - 2 * _MARGIN):.1f}" '
        f'y="{_HEIGHT - 8}" text-anchor="middle">{share * top:.3g}{escape(unit)}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    base = _HEIGHT - _MARGIN
    floor = f'<path class="floor" d="M{_MARGIN} {base}H{_WIDTH - _MARGIN}"/>'
    return _svg(title, bars + floor + lines + axis)


def interval_bar(low: float, mean: float, high: float, *, title: str) -> str:
    """A mean in 0..1 with its interval, as one thin line."""
    x = [6 + 188 * min(max(value, 0.0), 1.0) for value in (low, mean, high)]
    return (
        f'<svg class="interval" viewBox="0 0 200 14" role="img"><title>{escape(title)}</title>'
        f'<path class="floor" d="M6 7H194"/><path class="range" d="M{x[0]:.1f} 7H{x[2]:.1f}"/>'
        f'<circle class="mean" cx="{x[1]:.1f}" cy="7" r="4"/></svg>'
    )


def difference_bar(low: float, mean: float, high: float, *, title: str) -> str:
    """A difference in -1..1 with its interval, as one thin line with zero marked."""
    x = [100 + 94 * min(max(value, -1.0), 1.0) for value in (low, mean, high)]
    return (
        f'<svg class="interval" viewBox="0 0 200 14" role="img"><title>{escape(title)}</title>'
        f'<path class="floor" d="M6 7H194M100 1V13"/>'
        f'<path class="range" d="M{x[0]:.1f} 7H{x[2]:.1f}"/>'
        f'<circle class="mean" cx="{x[1]:.1f}" cy="7" r="4"/></svg>'
    )


def _mark(mark: Mark, top: float, step: int) -> str:
    x = _MARGIN + (_WIDTH - 2 * _MARGIN) * min(mark.value / top, 1.0)
    side, place = ("end", x - 5) if x > _WIDTH * 0.7 else ("start", x + 5)
    return (
        f'<path class="mark" d="M{x:.1f} 8V{_HEIGHT - _MARGIN}"/>'
        f'<text class="label" x="{place:.1f}" y="{17 + 15 * step}" text-anchor="{side}">'
        f"{escape(mark.label)}</text>"
    )


def _svg(title: str, content: str) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
        f"<title>{escape(title)}</title>{content}</svg>"
    )
