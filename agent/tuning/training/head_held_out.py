"""Questions judged by heads that never saw them, nor any question too like them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from agent.learned.head import Views
from agent.tuning.folds import FOLDS
from agent.tuning.training.head_lessons import Lessons, teach

_SAMPLE = 800  # questions judged per fold and kind: 8,000 in all fix three numbers well
_UNKNOWN_SHARE = 0.06
"""How many questions are taken to fall between the pairs: near to one, answered by none."""


@dataclass(frozen=True, slots=True)
class Fold:
    """How one head saw its own test: ``rows`` of the lessons, and ``other_rows`` of background.

    ``kept`` are the labels that the head was taught, in the order of its own; ``asked`` marks the
    questions that it was tested on as one, the rest had their whole topic left out.
    """

    kept: NDArray[np.int32]
    rows: NDArray[np.intp]
    asked: NDArray[np.bool_]
    views: Views
    other_rows: NDArray[np.intp]
    other_views: Views


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Questions judged by heads that never saw them, or not even their answer (``unknown``).

    ``row`` is the question's among the lessons, ``label`` the answer given, ``asked`` as in `Fold`;
    ``other`` holds the features of background questions that the judging heads never saw, with
    ``other_row`` theirs in the background.
    """

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    asked: NDArray[np.bool_]
    row: NDArray[np.intp]
    label: NDArray[np.intp]
    similarity: NDArray[np.float32]
    other: NDArray[np.float64]
    other_row: NDArray[np.intp]

    def weights(self) -> NDArray[np.float64]:
        """Per question, so that unknown ones have their share and the mean is 1.

        All zero when one kind is missing: alone it would teach to answer everything, or nothing.
        """
        if self.unknown.all() or not self.unknown.any():
            return np.zeros(len(self.unknown))
        unknown = self.unknown.mean()
        known_weight = (1 - _UNKNOWN_SHARE) / (1 - unknown)
        weights: NDArray[np.float64] = np.where(
            self.unknown, _UNKNOWN_SHARE / unknown, known_weight
        )
        return weights


def judge_held_out(lessons: Lessons, step: Callable[[], None]) -> list[Fold]:
    """Cross-validation twice over: a fold leaves out a fifth of each topic and of the topics.

    What remains of a topic shows how a known question looks; the topics left out whole show an
    unknown question that is as near as this team's questions are to each other.
    """
    part = np.arange(len(lessons.background)) % FOLDS
    folds = []
    for number, (train, test, asked) in enumerate(_splits(lessons)):
        step()
        if not len(train) or not len(test):
            continue
        head = teach(lessons, train, np.flatnonzero(part != number))
        other = np.flatnonzero(part == number)
        bags, other_bags = lessons.bags, lessons.background_bags
        folds.append(
            Fold(
                kept=np.unique(lessons.labels[train]),
                rows=test,
                asked=asked,
                views=head.views(lessons.vectors[test], [bags[int(row)] for row in test if bags]),
                other_rows=other,
                other_views=head.views(
                    lessons.background[other], [other_bags[int(row)] for row in other if other_bags]
                ),
            )
        )
    return folds


def held_out(folds: Sequence[Fold], lessons: Lessons, neighbours: float) -> HeldOut:
    """What the folds' heads made of their tests, the votes weighing ``neighbours``."""
    judged = [_NOTHING]
    for fold in folds:
        known = fold.views.judged(neighbours)
        truth = lessons.labels[fold.rows]
        judged.append(
            HeldOut(
                features=known.features(),
                right=fold.kept[known.label] == truth,
                unknown=~np.isin(truth, fold.kept),
                asked=fold.asked,
                row=fold.rows,
                label=fold.kept[known.label].astype(np.intp),
                similarity=known.similarity,
                other=fold.other_views.judged(neighbours).features(),
                other_row=fold.other_rows,
            )
        )
    return HeldOut(
        *(np.concatenate([getattr(one, field.name) for one in judged]) for field in fields(HeldOut))
    )


_NOTHING = HeldOut(
    features=np.zeros((0, 3)),
    right=np.zeros(0, np.bool_),
    unknown=np.zeros(0, np.bool_),
    asked=np.zeros(0, np.bool_),
    row=np.zeros(0, np.intp),
    label=np.zeros(0, np.intp),
    similarity=np.zeros(0, np.float32),
    other=np.zeros((0, 3)),
    other_row=np.zeros(0, np.intp),
)


def _splits(
    lessons: Lessons,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]]:
    """Rows to train on, rows to test (sampled to bound the work), and which of these are asked."""
    random = np.random.default_rng(0)
    topic_fold = random.permutation(int(lessons.labels.max()) + 1) % FOLDS
    for number in range(FOLDS):
        unknown = topic_fold[lessons.labels] == number
        asked = (lessons.folds == number) & ~unknown
        # A question's cluster may go on under another answer, in another fold.
        near = np.isin(lessons.clusters, lessons.clusters[unknown | asked])
        tests = [random.permutation(np.flatnonzero(rows))[:_SAMPLE] for rows in (asked, unknown)]
        yield (
            np.flatnonzero(~near),
            np.concatenate(tests),
            np.repeat([True, False], [len(rows) for rows in tests]),
        )
