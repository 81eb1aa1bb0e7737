"""The domain model as the graph sees it: an estimate that is cheap, an answer that may not be."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Estimate:
    """How well the domain model believes to know the answer, before anything is generated.

    ``confidence`` is a calibrated probability that its answer is right; ``similarity`` the best
    cosine to a question it was trained on (of character n-grams where the encoder does not cover
    the script); ``topic`` what it takes the question to be about, in a few words for the reason.
    """

    confidence: float
    similarity: float
    topic: str
    answer: str | None
    """The team's verified answer, already known for the embedded head; None: needs `consult`."""
    threshold: float = 0.5
    """The confidence from which the model, asked alone, would answer rather than abstain."""
    shared: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """What the trained questions near this one have in common, of the encoder's dimension; None
    where the encoder does not cover the script."""


class DomainModel(Protocol):
    """A promoted model, whatever trained it."""

    @property
    def name(self) -> str:
        """``domain:VERSION``, stored with each answer."""
        ...

    async def estimate(self, question: str, vector: NDArray[np.float32] | None) -> Estimate:
        """Judge the question; ``vector`` is its embedding, None where the script is not covered."""
        ...

    async def consult(self, question: str, estimate: Estimate) -> str:
        """The answer itself."""
        ...
