"""How likely the passages hold the answer: a logistic regression over what retrieval measured.

Fitted by ``tests/benchmarks/fit_answerability.py``. With vectors: on half of SQuAD 2.0's
development set (CC BY-SA 4.0) and of MT-RAG (Apache-2.0, with the conversation and without), whose
questions are marked answerable or not. Without: on half of XQuAD's Chinese part (CC BY-SA 4.0),
with every second paragraph left out of the library. Questions written to look answerable from a
passage (SQuAD 2.0's) need a reader that understands; here they are told apart a little better
than by chance.
"""

import math
from dataclasses import dataclass

from agent.reading.extractive import Reading
from knowledge.documents import Signals

THRESHOLD = 0.15
"""Confidence below which nothing is answered; chosen to lose few answerable questions."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the features as they are, not standardised."""

    bias: float
    features: tuple[float, ...]


WITH_VECTORS = Weights(-5.776, (0.560, 3.811, 1.007, 5.478))
WITHOUT_VECTORS = Weights(-4.436, (8.949, 12.864))


def features(signals: Signals, reading: Reading) -> tuple[float, ...]:
    """Four numbers where the encoder covers the question's script, else two of its terms."""
    if signals.dense is None or signals.dense_gap is None or reading.dense is None:
        return signals.coverage, signals.lexical
    return reading.coverage, signals.dense, signals.dense_gap, reading.dense


def answerability(signals: Signals, reading: Reading) -> float:
    """Probability that the sentences read hold the answer."""
    if not reading.sentences:
        return 0.0
    values = features(signals, reading)
    weights = WITH_VECTORS if len(values) == len(WITH_VECTORS.features) else WITHOUT_VECTORS
    score = weights.bias + sum(
        weight * value for weight, value in zip(weights.features, values, strict=True)
    )
    return 1 / (1 + math.exp(-score))
