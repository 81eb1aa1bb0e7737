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
        """The recorded one, else the model's; out of date is out of date for both."""
        live = await self._model.estimate(question, vector)
        recorded = self._recorded.get(question)
        if recorded is None:
            return live
        if live.answer is None:
            return replace(recorded, confidence=0.0, answer=None)
        return recorded

    async def consult(self, question: str, estimate: Estimate) -> str:
        """The model's."""
        return await self._model.consult(question, estimate)
