"""A version's evaluation: what was asked, what each way of answering made of it, the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.evaluation.arm_measures import ArmMeasures, measured
from agent.evaluation.general_ability import GeneralAbility
from agent.evaluation.held_out import HeldOut
from agent.evaluation.judge import Opinion
from agent.evaluation.paired import Paired, paired
from agent.evaluation.replies import Scores
from agent.tuning.gate import Verdict

BASE, RETRIEVAL, CANDIDATE, TOGETHER, LIVE = (
    "base",
    "retrieval",
    "candidate",
    "candidate+retrieval",
    "live",
)
"""The arms: no knowledge, the documents, the model alone, the agent with both, and as it is now."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``against`` is the version that was live; None: nothing was, or this one."""

    version: int
    against: int | None
    held_out: HeldOut
    scores: Scores
    features: tuple[Mapping[str, Any], ...]
    """For each question what the router sees of it."""
    verdict: Verdict
    general: GeneralAbility | None
    opinion: Opinion | None
    seconds: float

    @property
    def before(self) -> str:
        """The arm that people have now."""
        return LIVE if LIVE in self.scores else RETRIEVAL

    @property
    def measures(self) -> dict[str, ArmMeasures]:
        """By arm."""
        return {arm: measured(scored) for arm, scored in self.scores.items()}

    def difference(self, arm: str) -> Paired:
        """The arm's share of right answers less that of what people have now."""
        first, second = ([one.right for one in self.scores[name]] for name in (self.before, arm))
        return paired(first, second, [one.cluster for one in self.held_out.asked])

    def as_json(self) -> dict[str, Any]:
        """The report, as printed and stored."""
        return {
            "version": self.version,
            "against": self.against,
            "source": self.held_out.source,
            "questions": len(self.held_out.asked),
            "leaked": len(self.held_out.leaked),
            "stale": self.held_out.stale,
            **self.verdict.as_json(),
            "before": self.before,
            "arms": {arm: one.as_json() for arm, one in self.measures.items()},
            "differences": {
                arm: self.difference(arm).as_json() for arm in self.scores if arm != self.before
            },
            "general": None if self.general is None else self.general.as_json(),
            "judge": None if self.opinion is None else self.opinion.as_json(),
            "seconds": round(self.seconds, 2),
        }
