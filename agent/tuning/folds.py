"""Folds that nothing leaks across: alike questions, and what one document says, stay together."""

import hashlib
from collections.abc import Sequence

from agent.tuning.pair_files import Pair

FOLDS = 5


def folds(pairs: Sequence[Pair], clusters: Sequence[int]) -> dict[int, int]:
    """A fold for each cluster of questions.

    The questions of an answer spread over all folds, so that each fold is asked what was taught in
    other words. An answer that is asked in one way only cannot be: it is held out as something
    unknown, and with it all else of that kind from the same document.
    """
    by_answer: dict[str, list[int]] = {}
    document: dict[str, int] = {}
    seen: set[int] = set()
    for one, cluster in zip(pairs, clusters, strict=True):
        if one.lineage is not None:
            document[one.answer] = one.lineage.document_id
        if cluster not in seen:
            seen.add(cluster)
            by_answer.setdefault(one.answer, []).append(cluster)
    made = {}
    for answer, own in by_answer.items():
        alone = len(own) == 1 and answer in document
        first = _number(f"document {document[answer]}" if alone else answer)
        made.update({cluster: (first + rank) % FOLDS for rank, cluster in enumerate(own)})
    return made


def _number(text: str) -> int:
    return hashlib.sha256(text.encode()).digest()[0]
