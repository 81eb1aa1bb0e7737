"""What is written down beside a dataset: where its pairs come from, and what was left out."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agent.tuning.dataset_pairs import DatasetPair
from agent.tuning.examining.folding import folded
from agent.tuning.folds import FOLDS

SPLIT = "by document where an answer is asked in one way, by cluster of alike questions elsewhere"


def manifest(
    pairs: Sequence[DatasetPair],
    audience: Sequence[str],
    steps: Sequence[Mapping[str, Any]],
    left_out: Mapping[str, int],
    held_out: Iterable[str],
) -> dict[str, Any]:
    """Counts, hashes and lineage; ``held_out`` as `question_hash` makes them."""
    documents = {one.pair.lineage for one in pairs if one.pair.lineage}
    versions = {(one.document_id, one.document_version) for one in documents}
    return {
        "pairs": len(pairs),
        "answers": len({one.pair.answer for one in pairs}),
        "topics": len({one.pair.topic for one in pairs}),
        "steps": [dict(one) for one in steps],
        "left_out": dict(left_out),
        "sources": _counted(one.source for one in pairs),
        "origins": _counted(one.origin for one in pairs),
        "languages": _counted(one.language or "unsure" for one in pairs),
        "audience": list(audience),
        "audiences": _counted(", ".join(one.audience) for one in pairs),
        "documents": [{"id": number, "version": of} for number, of in sorted(versions)],
        "split": SPLIT,
        "clusters": len({one.cluster for one in pairs}),
        "folds": [sum(one.fold == fold for one in pairs) for fold in range(FOLDS)],
        "held_out": sorted(held_out),
        "pairs_sha256": pairs_hash(pairs),
    }


def pairs_hash(pairs: Sequence[DatasetPair]) -> str:
    """Of every pair with its topic, cluster and fold, in their order."""
    lines = [f"{one.pair.digest} {one.pair.topic} {one.cluster} {one.fold}" for one in pairs]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def question_hash(question: str) -> str:
    """The same for questions that differ in case, width, spaces and marks alone."""
    return hashlib.sha256(folded(question).encode()).hexdigest()[:16]


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
