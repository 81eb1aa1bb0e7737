"""A domain model that keeps silent about what its pairs no longer say."""

from dataclasses import replace

from numpy import float32
from numpy.typing import NDArray
from sqlalchemy import func, select

from agent.learned.domain import DomainModel, Estimate
from agent.learned.stale_pairs import is_current
from agent.tables import pair
from knowledge.database import Database


class CurrentAnswers:
    """The model, asked anew at each answer whether any pair still stands behind it.

    So a document that changes or goes silences at once, in every process, what was learned from
    it; retraining is for the admin's next quiet hour.
    """

    def __init__(self, model: DomainModel, database: Database) -> None:
        self._model = model
        self._engine = database.autocommit

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    async def estimate(self, question: str, vector: NDArray[float32] | None) -> Estimate:
        """The model's; with no confidence where its answer is out of date."""
        estimate = await self._model.estimate(question, vector)
        if estimate.answer is None or await self._stands(estimate.answer):
            return estimate
        return replace(estimate, confidence=0.0, answer=None)

    async def consult(self, question: str, estimate: Estimate) -> str:
        """The model's."""
        return await self._model.consult(question, estimate)

    async def _stands(self, answer: str) -> bool:
        """Also where no pair is known: then it was trained elsewhere."""
        query = select(func.bool_or(is_current())).where(pair.c.answer == answer)
        async with self._engine.connect() as connection:
            return await connection.scalar(query) is not False
