"""Clusters of questions too alike to be told apart: they never stand on both sides of a split."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.tuning.examining.likeness import CLOSE, likeness


def question_clusters(
    questions: Sequence[str], vectors: Mapping[int, NDArray[np.float32]] | None = None
) -> list[int]:
    """A number for each question; the same number means the same cluster.

    The same text, the same words but for slips, and, where unit ``vectors`` are given by position,
    a cosine above .95. Numbers count up in the order of the questions.
    """
    found = likeness(questions, vectors)
    links = ((one.one, one.other) for one in found.alike if one.score > CLOSE or one.by == "words")
    roots = joined(max(found.number, default=-1) + 1, links)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(roots[own], len(numbers)) for own in found.number]


def joined(count: int, links: Iterable[tuple[int, int]]) -> list[int]:
    """The lowest member of the group of each of ``0..count-1``, linked ones being together."""
    parent = list(range(count))

    def root(own: int) -> int:
        while parent[own] != own:
            parent[own] = parent[parent[own]]
            own = parent[own]
        return own

    for one, other in links:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return [root(own) for own in range(count)]
