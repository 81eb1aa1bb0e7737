"""What a trained model leaves behind: held-out questions, for the router and for the gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from agent.learned.head import Head
from agent.tuning.training.head_held_out import HeldOut
from agent.tuning.training.head_lessons import Lessons

_MOST = 160
"""Questions kept of each kind: each costs the calibration one search."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question, the label of its true answer (-1: none), and the model's log odds on it."""

    question: str
    label: int
    odds: float


@dataclass(frozen=True, slots=True)
class Examples:
    """``known`` were answered right though held out; ``unknown`` came when their topic was out.

    ``other`` are background questions.
    """

    known: tuple[Example, ...]
    unknown: tuple[Example, ...]
    other: tuple[Example, ...]


def examples(
    head: Head,
    held_out: HeldOut,
    questions: Sequence[str],
    labels: NDArray[np.int32],
    background: Sequence[str],
) -> Examples:
    """A bounded sample, spread evenly over the answers."""
    odds = held_out.features @ head.curve

    def chosen(mask: NDArray[np.bool_]) -> tuple[Example, ...]:
        rows = _spread(np.flatnonzero(mask), labels[held_out.row], _MOST)
        return tuple(
            Example(questions[held_out.row[row]], int(labels[held_out.row[row]]), float(odds[row]))
            for row in rows
        )

    other = list(zip(held_out.other_row, held_out.other @ head.curve, strict=True))[:_MOST]
    return Examples(
        known=chosen(~held_out.unknown & held_out.right),
        unknown=chosen(held_out.unknown),
        other=tuple(Example(background[row], -1, float(value)) for row, value in other),
    )


def out_of_fold(
    head: Head, held_out: HeldOut, lessons: Lessons, positions: Sequence[int], most: int
) -> list[dict[str, Any]]:
    """Up to ``most`` questions as a head judged them that never saw them or their clusters.

    Spread evenly over the answers. ``positions`` are the lessons' in the dataset. Questions whose
    answer no other cluster has are met as they would be: whatever is said is wrong.
    """
    labels = lessons.labels[held_out.row]
    known = np.flatnonzero((held_out.asked & ~held_out.unknown) | _alone(lessons)[held_out.row])
    _, first = np.unique(held_out.row[known], return_index=True)
    confidence = expit(held_out.features @ head.curve)
    return [
        {
            "position": int(positions[held_out.row[row]]),
            "label": int(held_out.label[row]),
            "confidence": float(confidence[row]),
            "similarity": float(held_out.similarity[row]),
            "threshold": float(head.threshold),
        }
        for row in _spread(known[first], labels, most)
    ]


def _alone(lessons: Lessons) -> NDArray[np.bool_]:
    """Whether a question's answer is known from no other cluster, shape ``(n,)``."""
    pairs = np.unique(np.column_stack([lessons.labels, lessons.clusters]), axis=0)
    alone: NDArray[np.bool_] = np.bincount(pairs[:, 0])[lessons.labels] == 1
    return alone


def _spread(rows: NDArray[np.intp], labels: NDArray[np.int32], most: int) -> NDArray[np.intp]:
    """Up to ``most`` of the rows: one of each label, then a second of each, and so on."""
    order = rows[np.argsort(labels[rows], kind="stable")]
    sorted_labels = labels[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_labels, sorted_labels)
    return order[np.argsort(rank, kind="stable")][:most]
