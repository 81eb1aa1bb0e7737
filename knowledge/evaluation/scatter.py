"""Points in a plane as SVG text, coloured by what they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _MARGIN = 640, 400, 12
_LINE, _LETTER = 15, 6.8
"""Pixels that a label's line and letter take, about."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A point with both coordinates in -1..1; ``tone`` is a CSS class."""

    x: float
    y: float
    tone: str
    name: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text in the plane, linked to what it names."""

    x: float
    y: float
    text: str
    link: str


def scatter(dots: Sequence[Dot], labels: Sequence[Label], *, title: str) -> str:
    """Every dot says its name when pointed at; a label that would cover another is left out."""
    drawn = "".join(
        f'<circle class="{escape(dot.tone)}" cx="{_across(dot.x):.1f}" cy="{_down(dot.y):.1f}" '
        f'r="2.6"><title>{escape(dot.name)}</title></circle>'
        for dot in dots
    )
    return (
        f'<svg class="chart plane" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
        f"<title>{escape(title)}</title>{drawn}{''.join(map(_text, _apart(labels)))}</svg>"
    )


def _apart(labels: Sequence[Label]) -> list[Label]:
    """The labels, first come first served, that do not cover each other."""
    kept: list[Label] = []
    for label in labels:
        x, y = _across(label.x), _down(label.y)
        clear = all(
            abs(_down(one.y) - y) > _LINE
            or abs(_across(one.x) - x) > _half(one.text) + _half(label.text)
            for one in kept
        )
        if clear:
            kept.append(label)
    return kept


def _text(label: Label) -> str:
    wide = _half(label.text)
    x = min(max(_across(label.x), wide), _WIDTH - wide)
    return (
        f'<a href="{escape(label.link)}"><text class="place" x="{x:.1f}" '
        f'y="{_down(label.y):.1f}" text-anchor="middle">{escape(label.text)}</text></a>'
    )


def _half(text: str) -> float:
    """Half of the width that a text takes, about; Chinese characters are twice as wide."""
    return _LETTER / 2 * sum(1 + (not character.isascii()) for character in text)


def _across(x: float) -> float:
    return _WIDTH / 2 + x * (_WIDTH / 2 - _MARGIN)


def _down(y: float) -> float:
    return _HEIGHT / 2 - y * (_HEIGHT / 2 - _MARGIN)
