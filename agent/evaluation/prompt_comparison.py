"""Two versions of a prompt on the same questions: which writes the better answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.deps import Deps
from agent.evaluation.answer_evaluation import AnswerReport, Judged, judged_answers, summary
from agent.evaluation.paired import Paired, paired
from agent.prompting.prompt_texts import ANSWERING
from agent.prompting.prompts import Place, Prompt, Prompts
from knowledge.database import Database
from knowledge.evaluation.outcomes import Advance, unheard
from knowledge.storage.ingest import Report, silent


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both prompts' measures, and what can be said of their difference.

    ``costs_usd`` are sums; None where a price or a usage is not known.
    """

    prompts: tuple[Prompt, Prompt]
    reports: tuple[AnswerReport, AnswerReport]
    costs_usd: tuple[float | None, float | None]
    contains_answer: Paired
    citation_correct: Paired

    @property
    def verdict(self) -> str:
        """In words; a difference too small to be seen is said to be that."""
        first, second = (prompt.label for prompt in self.prompts)
        found = self.contains_answer
        if found.finding != "unclear":
            return f"{second if found.finding == 'better' else first} is better"
        return f"no significant difference: one below {found.detectable:.1%} would not be seen"

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
            "questions": self.contains_answer.questions,
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
        paired(
            [one.contains_answer for one in first],
            [one.contains_answer for one in second],
            [one.document for one in first],
        ),
        paired(
            [one.citation_correct for one in first],
            [one.citation_correct for one in second],
            [one.document for one in first],
        ),
    )


def _alone(prompt: Prompt) -> Prompts:
    return Prompts({(ANSWERING, Place()): prompt})


def _cost(judged: Sequence[Judged]) -> float | None:
    costs = [one.answer.cost_usd for one in judged]
    return None if None in costs else sum(cost or 0.0 for cost in costs)
