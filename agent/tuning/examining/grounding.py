"""Answers that their own document does not bear out."""

from collections.abc import Sequence

from agent.tuning.examining.findings import Examined, Finding, World
from knowledge.terms import index_terms

_LEAST = 0.6
"""Share of an answer's terms that a faithful one takes from its document."""


def find(pairs: Sequence[Examined], _: World) -> list[Finding]:
    """Pairs made from a document whose answer's terms are mostly not in its newest text.

    Terms are stemmed words without stop words, and pairs of Chinese characters.
    """
    known: dict[str, frozenset[str]] = {}
    found = []
    for one in pairs:
        if one.passage is None:
            continue
        if one.passage not in known:
            known[one.passage] = frozenset(index_terms(one.passage))
        said = set(index_terms(one.answer))
        share = len(said & known[one.passage]) / len(said) if said else 1.0
        if share < _LEAST:
            why = f"only {share:.0%} of the answer's words stand in its document"
            found.append(Finding("ungrounded", "queue", (one.id,), why, 1 - share))
    return found
