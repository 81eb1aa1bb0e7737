"""Two versions of a prompt on the same questions: which writes the better answers, and how surely.

McNemar 1947 (exact, on the questions where they differ); intervals by bootstrap over documents.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from agent.deps import Deps
from agent.evaluation.answer_evaluation import AnswerReport, Judged, judged_answers, summary
from agent.prompting.prompt_texts import ANSWERING
from agent.prompting.prompts import Place, Prompt, Prompts
from knowledge.database import Database
from knowledge.evaluation.intervals import interval
from knowledge.evaluation.outcomes import Advance, unheard
from knowledge.storage.ingest import Report, silent

_SIGNIFICANT = 0.05
_POWER = 1.96 + 0.84
"""Normal quantiles of a two-sided test at 5 % that finds a difference four times in five."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The second's share minus the first's; ``wins`` are the questions that only it got right."""

    value: float
    low: float
    high: float
    wins: int
    losses: int
    p: float

    def as_json(self) -> dict[str, Any]:
        """One entry of ``difference``."""
        return {
            "value": round(self.value, 4),
            "interval": [round(self.low, 4), round(self.high, 4)],
            "wins": self.wins,
            "losses": self.losses,
            "p": round(self.p, 4),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both prompts' measures, and what can be said of their difference.

    ``costs_usd`` are sums; None where a price or a usage is not known.
    """

    prompts: tuple[Prompt, Prompt]
    reports: tuple[AnswerReport, AnswerReport]
    costs_usd: tuple[float | None, float | None]
    contains_answer: Difference
    citation_correct: Difference
    questions: int

    @property
    def verdict(self) -> str:
        """In words; a difference too small to be seen is said to be that."""
        first, second = (prompt.label for prompt in self.prompts)
        found = self.contains_answer
        if found.p < _SIGNIFICANT:
            return f"{second if found.value > 0 else first} is better"
        differing = found.wins + found.losses
        visible = _POWER * sqrt(max(differing, 1)) / self.questions if self.questions else 1.0
        return f"no significant difference: one below {visible:.1%} would not have been seen"

    def as_json(self) -> dict[str, Any]:
        """What ``evaluate answers --prompt A --prompt B --json`` prints."""
        return {
            "prompts": [
                {"prompt": prompt.label, **report.as_json(), "cost_usd": cost}
                for prompt, report, cost in zip(
                    self.prompts, self.reports, self.costs_usd, strict=True
                )
            ],
            "difference": {
                "contains_answer": self.contains_answer.as_json(),
                "citation_correct": self.citation_correct.as_json(),
            },
            "questions": self.questions,
            "verdict": self.verdict,
        }


async def compare_prompts(
    directory: Path,
    database: Database,
    deps: Deps,
    prompts: tuple[Prompt, Prompt],
    *,
    progress: Report = silent,
    asking: Advance = unheard,
    limit: int | None = None,
) -> Comparison:
    """Ask the set's questions with each; ``deps`` has a chat model. All else is the same."""
    candidates = [replace(deps, prompts=_alone(prompt)) for prompt in prompts]
    first, second = await judged_answers(
        directory, database, candidates, progress=progress, asking=asking, limit=limit
    )
    return Comparison(
        prompts,
        (summary(first), summary(second)),
        (_cost(first), _cost(second)),
        _difference(
            [one.contains_answer for one in first],
            [one.contains_answer for one in second],
            [one.document for one in first],
        ),
        _difference(
            [one.citation_correct for one in first],
            [one.citation_correct for one in second],
            [one.document for one in first],
        ),
        len(first),
    )


def _alone(prompt: Prompt) -> Prompts:
    return Prompts({(ANSWERING, Place()): prompt})


def _cost(judged: Sequence[Judged]) -> float | None:
    costs = [one.answer.cost_usd for one in judged]
    return None if None in costs else sum(cost or 0.0 for cost in costs)


def _difference(
    first: Sequence[bool], second: Sequence[bool], documents: Sequence[str]
) -> Difference:
    pairs = list(zip(first, second, strict=True))
    wins = sum(b and not a for a, b in pairs)
    losses = sum(a and not b for a, b in pairs)
    values = [float(b) - float(a) for a, b in pairs]
    p = float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0
    mean = sum(values) / len(values) if values else 0.0
    return Difference(mean, *interval(values, documents), wins, losses, p)
