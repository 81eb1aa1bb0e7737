"""A trained model as it was before it saw a question: its estimate from cross-validation.

The head answers its own training questions from memory; only what a head that never saw a question
or its cluster made of it says how it will do on the next one.
"""

from collections.abc import Mapping
from dataclasses import replace

from numpy import float32
from numpy.typing import NDArray

from agent.learned.domain import DomainModel, Estimate


class OutOfFold:
    """The model, with recorded estimates for the questions that it was trained on."""

    def __init__(self, model: DomainModel, recorded: Mapping[str, Estimate]) -> None:
        self._model = model
        self._recorded = recorded

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    async def estimate(self, question: str, vector: NDArray[float32] | None) -> Estimate:
        """The recorded one, else the model's; what is out of date, or generated, stays so."""
        own = await self._model.estimate(question, vector)
        recorded = self._recorded.get(question)
        if recorded is None:
            return own
        silent = own.answer is None and not own.confidence
        return replace(
            recorded,
            confidence=0.0 if silent else recorded.confidence,
            answer=None if own.answer is None else recorded.answer,
        )

    async def consult(self, question: str, estimate: Estimate) -> str:
        """The model's."""
        return await self._model.consult(question, estimate)
