"""The reliability diagram: confidence against the share of right answers, as SVG text. Pure."""

from collections.abc import Sequence
from html import escape

from agent.evaluation.reliability import Bin

_SIDE, _MARGIN = 300, 42
_LARGEST = 12.0


def reliability_chart(bins: Sequence[Bin], *, title: str) -> str:
    """A circle for each bin, its area the number of answers; on the diagonal, confidence holds."""
    most = max(one.answers for one in bins)
    circles = "".join(
        f'<circle class="mean" cx="{_x(one.confidence):.1f}" cy="{_y(one.right):.1f}" '
        f'r="{max(3.0, _LARGEST * (one.answers / most) ** 0.5):.1f}" opacity=".7">'
        f"<title>{one.answers} answers of confidence {one.confidence:.2f}: {one.right:.0%} right"
        "</title></circle>"
        for one in bins
    )
    ticks = "".join(
        f'<text class="axis" x="{_x(share):.1f}" y="{_SIDE - 16}" text-anchor="middle">{share:g}'
        f'</text><text class="axis" x="{_MARGIN - 6}" y="{_y(share) + 4:.1f}" text-anchor="end">'
        f"{share:.0%}</text>"
        for share in (0, 0.5, 1)
    )
    frame = (
        f'<path class="floor" fill="none" d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}"/>'
        f'<path class="mark" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>'
        f'<text class="axis" x="{_x(0.5)}" y="{_SIDE - 3}" text-anchor="middle">confidence</text>'
    )
    return (
        f'<svg class="square" viewBox="0 0 {_SIDE} {_SIDE}" role="img">'
        f"<title>{escape(title)}</title>{frame}{ticks}{circles}</svg>"
    )


def _x(share: float) -> float:
    return _MARGIN + share * (_SIDE - 2 * _MARGIN)


def _y(share: float) -> float:
    return _SIDE - _MARGIN - share * (_SIDE - 2 * _MARGIN)
