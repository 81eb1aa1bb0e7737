"""Whether a generative candidate still answers what its base model answers: non-inferiority."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from agent.errors import ModelUnavailable
from agent.evaluation.general_questions import GENERAL, General
from agent.evaluation.paired import Paired, paired
from agent.tuning.gate import Veto

MARGIN = 0.15
"""How much of the general questions a candidate may lose: with 40 of them, two losses are within
it with 97.5 % certainty, and a narrower margin could not be told from none."""
_AT_ONCE = 4

Says = Callable[[str], Awaitable[str]]
"""A model's reply to a bare question."""


@dataclass(frozen=True, slots=True)
class GeneralAbility:
    """``difference`` is the candidate's share of right answers less its base model's."""

    difference: Paired
    base: float
    candidate: float

    @property
    def veto(self) -> Veto | None:
        """None when the candidate is certainly no more than `MARGIN` worse."""
        if self.difference.low >= -MARGIN:
            return None
        return Veto(
            "general ability",
            f"it answers {self.candidate:.0%} of {self.difference.questions} general questions, "
            f"its base model {self.base:.0%}: a loss of more than {MARGIN:.0%} is not ruled out",
        )

    def as_json(self) -> dict[str, Any]:
        """For a report."""
        return {
            "base": round(self.base, 4),
            "candidate": round(self.candidate, 4),
            "difference": self.difference.as_json(),
            "margin": MARGIN,
        }


async def general_ability(base: Says, candidate: Says) -> GeneralAbility:
    """Ask both the bundled questions. Raises ModelUnavailable when either endpoint is down."""
    first, second = await _asked(base), await _asked(candidate)
    count = len(GENERAL)
    return GeneralAbility(paired(first, second), sum(first) / count, sum(second) / count)


async def _asked(says: Says) -> list[bool]:
    free = asyncio.Semaphore(_AT_ONCE)
    failures: list[ModelUnavailable] = []

    async def one(general: General) -> bool:
        async with free:
            try:
                return general.is_right(await says(general.question))
            except ModelUnavailable as error:
                failures.append(error)
                return False

    right = await asyncio.gather(*map(one, GENERAL))
    if len(failures) > 1:
        raise failures[-1]
    return list(right)
