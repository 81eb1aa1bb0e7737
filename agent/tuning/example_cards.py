"""The pairs behind each figure, as HTML: what was asked and told, and why it was found."""

from collections.abc import Mapping
from html import escape

from agent.tuning.examining.findings import Examined
from agent.tuning.figures import Example, Figure

_OPEN_FAULTS, _OPEN = 5, 3
_MOST = 24
_MOST_IDS = 400
_MOST_SIDES = 4
_SNIPPET = 280
_CERTAIN = 0.995


def figure_section(figure: Figure, pairs: Mapping[int, Examined], *, fault: bool) -> str:
    """A block that other places of the page lead to by ``#key``; long lists are folded."""
    cards = [_card(one, pairs) for one in figure.examples[:_MOST]]
    visible = _OPEN_FAULTS if fault else _OPEN
    more = folded(f"{len(cards) - visible} more examples", "".join(cards[visible:]))
    about = f"{figure.count:,}" if fault else f"{len(figure.pairs):,} pairs"
    return (
        f'<div class="figure" id="{escape(figure.key)}"><h3>{escape(figure.title)}'
        f"<small>{about}</small></h3>{''.join(cards[:visible])}{more}{_ids(figure)}</div>"
    )


def snippet(text: str, longest: int = _SNIPPET) -> str:
    """One escaped line of a text."""
    line = " ".join(text.split())
    return escape(line if len(line) <= longest else f"{line[: longest - 1]}…")


def folded(title: str, content: str) -> str:
    """HTML that opens on demand; nothing for no content."""
    return f"<details><summary>{escape(title)}</summary>{content}</details>" if content else ""


def _card(example: Example, pairs: Mapping[int, Examined]) -> str:
    known = [pairs[one] for one in example.pairs if one in pairs]
    sides = "".join(map(_side, known[:_MOST_SIDES]))
    more = len(known) - _MOST_SIDES
    rest = f'<p class="ids">and {more} more</p>' if more > 0 else ""
    sure = example.score is None or example.score >= _CERTAIN
    score = "" if sure else f' <span class="score">{example.score:.2f}</span>'
    why = f'<p class="why">{escape(example.why)}{score}</p>' if example.why else ""
    return f'<article>{why}<div class="sides">{sides}</div>{rest}</article>'


def _side(pair: Examined) -> str:
    about = " · ".join(filter(None, (f"pair {pair.id}", pair.source)))
    said = f'<p class="kept">{escape(pair.question)}</p>'
    if pair.answer:
        asked, told = snippet(pair.question), snippet(pair.answer)
        said = f'<p class="asked">{asked}</p><p class="told">{told}</p>'
    return f'<div>{said}<p class="ids">{escape(about)}</p></div>'


def _ids(figure: Figure) -> str:
    if len(figure.pairs) <= 1:
        return ""
    ids = ", ".join(map(str, figure.pairs[:_MOST_IDS]))
    beyond = len(figure.pairs) - _MOST_IDS
    more = f" and {beyond:,} more" if beyond > 0 else ""
    return folded(f"ids of {len(figure.pairs):,} pairs", f'<p class="ids">{ids}{more}</p>')
