"""What a trained model leaves for the router to calibrate on: held-out questions and their odds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.learned.head import Head
from agent.tuning.training.head_fitting import HeldOut

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
        rows = _spread(np.flatnonzero(mask), labels[held_out.row])
        return tuple(
            Example(questions[held_out.row[row]], int(labels[held_out.row[row]]), float(odds[row]))
            for row in rows
        )

    other = zip(held_out.other_row, held_out.other @ head.curve, strict=True)
    return Examples(
        known=chosen(~held_out.unknown & held_out.right),
        unknown=chosen(held_out.unknown),
        other=tuple(Example(background[row], -1, float(value)) for row, value in other),
    )


def _spread(rows: NDArray[np.intp], labels: NDArray[np.int32]) -> NDArray[np.intp]:
    """Up to `_MOST` of the rows: one of each label, then a second of each, and so on."""
    order = rows[np.argsort(labels[rows], kind="stable")]
    sorted_labels = labels[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_labels, sorted_labels)
    return order[np.argsort(rank, kind="stable")][:_MOST]
