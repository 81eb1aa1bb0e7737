"""When a verified answer and a document say more together than either alone."""

from collections.abc import Sequence

from knowledge.documents import Passage
from knowledge.terms import index_terms

_SAYS_IT = 0.8
"""Share of the answer's terms in the passage from which the document says the same."""
_NEW = 0.3
"""Share of the passage's terms that the answer must lack for the document to add to it."""


def complements(answer: str | None, passages: Sequence[Passage]) -> bool:
    """Whether the best passage neither repeats the answer nor is repeated by it.

    A pair made from a document is held by it word for word: quoting that again adds nothing. What
    a generative model will answer (None) is not known yet, and nothing is said of it.
    """
    if answer is None or not passages:
        return False
    said, held = set(index_terms(answer)), set(index_terms(passages[0].text))
    if not said or not held:
        return False
    return len(said & held) < _SAYS_IT * len(said) and len(held - said) >= _NEW * len(held)
