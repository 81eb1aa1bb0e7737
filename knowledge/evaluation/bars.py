"""Bars as SVG text for pages that load nothing: pure, every label escaped.

Colours come from the page's CSS by class, so that they follow its light and dark themes. A bar may
be a link to what it counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 640, 190
_TOP, _BOTTOM = 24, 26
_WIDEST = 80
_SLIVER = 2.5
_LETTER, _PADDING = 7.4, 18
"""Pixels that a letter of a label takes, about, and what is free around it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A value with its name; ``link`` is the address of what it counts, ``tone`` a CSS class."""

    name: str
    value: float
    link: str = ""
    tone: str = "bar"


def share_bar(share: float, *, title: str, tone: str = "bar") -> str:
    """A share in 0..1 as one thin bar, for a cell of a table; more than nothing can be seen."""
    wide = max(100 * min(share, 1.0), _SLIVER) if share > 0 else 0.0
    return (
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" role="img">'
        f'<title>{escape(title)}</title><rect class="track" width="100" height="8"/>'
        f'<rect class="{escape(tone)}" width="{wide:.1f}" height="8"/></svg>'
    )


def columns(bars: Sequence[Bar], *, title: str) -> str:
    """Upright bars with their value above and their name below."""
    step = _WIDTH / max(len(bars), 1)
    wide = min(step * 0.72, _WIDEST)
    highest = max((bar.value for bar in bars), default=0) or 1
    base = _HEIGHT - _BOTTOM
    drawn = []
    for place, bar in enumerate(bars):
        middle = step * (place + 0.5)
        tall = (base - _TOP) * bar.value / highest
        drawn.append(
            _linked(
                bar.link,
                f'<rect class="{escape(bar.tone)}" x="{middle - wide / 2:.1f}" rx="2" '
                f'y="{base - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}"/>'
                f'<text class="value" x="{middle:.1f}" y="{base - tall - 7:.1f}" '
                f'text-anchor="middle">{bar.value:,.0f}</text>'
                f'<text class="axis" x="{middle:.1f}" y="{_HEIGHT - 8}" '
                f'text-anchor="middle">{escape(bar.name)}</text>',
            )
        )
    floor = f'<path class="floor" d="M0 {base}H{_WIDTH}"/>'
    return _svg("chart", _HEIGHT, title, "".join(drawn) + floor)


def stacked(bars: Sequence[Bar], *, title: str) -> str:
    """One bar made of parts, side by side; a part's name stands in it where there is room."""
    total = sum(bar.value for bar in bars) or 1
    drawn, left = [], 0.0
    for bar in bars:
        wide = _WIDTH * bar.value / total
        label = f"{bar.value:,.0f} {bar.name}"
        fits = len(label) * _LETTER + _PADDING < wide
        text = f'<text class="inside" x="{left + 9:.1f}" y="18">{escape(label)}</text>'
        drawn.append(
            _linked(
                bar.link,
                f'<rect class="{escape(bar.tone)}" x="{left:.1f}" width="{max(wide - 1, 0):.1f}" '
                f'height="28"><title>{escape(label)}</title></rect>{text if fits else ""}',
            )
        )
        left += wide
    return _svg("chart stacked", 28, title, "".join(drawn))


def _linked(link: str, content: str) -> str:
    return f'<a href="{escape(link)}">{content}</a>' if link else content


def _svg(kind: str, height: int, title: str, content: str) -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {_WIDTH} {height}" role="img">'
        f"<title>{escape(title)}</title>{content}</svg>"
    )
