"""Topics: answers that are asked for in much the same way, found on the questions' vectors.

Whole answers are clustered, by the centre of their questions, so that all pairs of an answer are
in one topic. Spherical k-means (Dhillon and Modha 2001) with k-means++ seeding (Arthur and
Vassilvitskii 2007); the same pairs always give the same topics.
"""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.learned.ngrams import Ngrams
from agent.tuning.examining.findings import Examined
from agent.tuning.topic_names import topic_names

_MOST = 32
_PER_ROOT = 1.6
"""Topics for each square root of the answers: 14 of BANKING77's 77, 32 from 400 answers on."""

_STARTS, _ROUNDS = 6, 40
_MEANING = 64
"""Dimensions that character n-grams are folded into: what co-occurs comes to lie together."""

_POWERS = 3

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Topic:
    """A cluster, its most typical pairs first; ``terms`` name it, the most telling first."""

    terms: tuple[str, ...]
    pairs: tuple[int, ...]
    answers: int

    @property
    def name(self) -> str:
        """Its terms, or what to call a topic whose questions share no word."""
        return ", ".join(self.terms) or "(no common terms)"


@dataclass(frozen=True, slots=True)
class Topics:
    """The largest first; ``places`` are points of some pairs in a plane, by their id."""

    all: tuple[Topic, ...]
    places: Mapping[int, tuple[float, float]]


def find_topics(
    pairs: Sequence[Examined],
    vectors: Mapping[int, Floats],
    withheld: AbstractSet[int] = frozenset(),
    placed: int = 1_500,
) -> Topics:
    """Cluster and name; CPU-bound, about a second for thousands of pairs.

    Pairs without a vector are clustered apart, on their characters. No term of a ``withheld`` pair
    names a topic. ``placed`` is how many pairs get a place in the plane, at most.
    """
    seen = [pair for pair in pairs if pair.id in vectors]
    spelled = [pair for pair in pairs if pair.id not in vectors]
    groups: list[list[Examined]] = []
    places: dict[int, tuple[float, float]] = {}
    if seen:
        rows = np.stack([vectors[pair.id] for pair in seen])
        groups, centres = _grouped(seen, rows)
        places = _places(seen, rows, centres, placed)
    if spelled:
        questions = [pair.question for pair in spelled]
        rows = _folded(Ngrams.fit(questions).vectors(questions))
        groups += _grouped(spelled, rows)[0]
    groups.sort(key=lambda group: (-len(group), group[0].id))
    shown = [[pair.question for pair in group if pair.id not in withheld] for group in groups]
    named = zip(groups, topic_names(shown), strict=True)
    return Topics(
        tuple(
            Topic(terms, tuple(pair.id for pair in group), len({pair.answer for pair in group}))
            for group, terms in named
        ),
        places,
    )


def _grouped(pairs: Sequence[Examined], rows: Floats) -> tuple[list[list[Examined]], Floats]:
    """The pairs of each topic, the most typical first, and the topics' centres."""
    numbers: dict[str, int] = {}
    answer = np.array([numbers.setdefault(pair.answer, len(numbers)) for pair in pairs])
    sums = np.zeros((len(numbers), rows.shape[1]), np.float32)
    np.add.at(sums, answer, rows)
    sizes = np.bincount(answer).astype(np.float32)
    count = min(len(numbers), _MOST, max(1, round(_PER_ROOT * math.sqrt(len(numbers)))))
    marks, centres = _clustered(_unit(sums), sizes, count)
    typical = (rows * centres[marks[answer]]).sum(axis=1)
    groups = []
    for number in range(len(centres)):
        own = np.flatnonzero(marks[answer] == number)
        groups.append([pairs[row] for row in own[np.argsort(-typical[own], kind="stable")]])
    return groups, centres


def _clustered(rows: Floats, weights: Floats, count: int) -> tuple[NDArray[np.intp], Floats]:
    """The best of several runs: a cluster for each row, none empty, and the centres."""
    random = np.random.default_rng(0)
    best: tuple[float, NDArray[np.intp], Floats] | None = None
    for _ in range(_STARTS):
        centres = _seeds(rows, weights, count, random)
        marks = (rows @ centres.T).argmax(axis=1)
        for _ in range(_ROUNDS):
            sums = np.zeros_like(centres)
            np.add.at(sums, marks, rows * weights[:, None])
            centres = _unit(sums)
            before, marks = marks, (rows @ centres.T).argmax(axis=1)
            if (marks == before).all():
                break
        tight = float(weights @ (rows * centres[marks]).sum(axis=1))
        if best is None or tight > best[0]:
            best = tight, marks, centres
    assert best is not None  # noqa: S101  there is at least one run
    kept, marks = np.unique(best[1], return_inverse=True)
    return marks, best[2][kept]


def _seeds(rows: Floats, weights: Floats, count: int, random: np.random.Generator) -> Floats:
    """Rows far from each other: each drawn by its distance to the nearest drawn before."""
    far = np.ones(len(rows))
    chosen: list[int] = []
    for _ in range(count):
        odds = far * weights
        total = odds.sum()
        chosen.append(
            int(random.choice(len(rows), p=odds / total))
            if total > 0
            else int(random.integers(len(rows)))
        )
        far = np.minimum(far, np.maximum(1 - rows @ rows[chosen[-1]], 0))
    return rows[chosen]


def _folded(rows: Floats) -> Floats:
    """The rows in their strongest directions (latent semantic analysis), unit length again.

    By the randomised range finder of Halko, Martinsson and Tropp 2011.
    """
    keep = min(_MEANING, *rows.shape)
    random = np.random.default_rng(0).standard_normal((rows.shape[1], keep), np.float32)
    basis, _ = np.linalg.qr(rows @ random)
    for _ in range(_POWERS):
        basis, _ = np.linalg.qr(rows @ (rows.T @ basis))
    small = basis.T @ rows
    left, strength, _ = np.linalg.svd(small, full_matrices=False)
    return _unit((basis @ left) * strength)


def _places(
    pairs: Sequence[Examined], rows: Floats, centres: Floats, most: int
) -> dict[int, tuple[float, float]]:
    """Evenly spread pairs on the two axes along which the topics differ most, in -1..1."""
    if len(centres) < 3:  # noqa: PLR2004  two topics span no plane
        return {}
    middle = centres.mean(axis=0)
    axes = np.linalg.svd(centres - middle, full_matrices=False)[2][:2]
    chosen = np.unique(np.linspace(0, len(pairs) - 1, min(most, len(pairs))).astype(int))
    points = (rows[chosen] - middle) @ axes.T
    points /= np.abs(points).max() or 1
    return {pairs[row].id: (float(x), float(y)) for row, (x, y) in zip(chosen, points, strict=True)}


def _unit(rows: Floats) -> Floats:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(norms > 0, norms, 1)).astype(np.float32, copy=False)
