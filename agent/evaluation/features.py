"""What the router sees of each question, kept with an evaluation for it to learn from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from agent.deps import Decides
from agent.evaluation.replies import Asked
from agent.routing.routing import Decision, Evidence
from knowledge.embedding import Encoder


@dataclass(frozen=True, slots=True)
class Watched:
    """A router whose evidence is kept, by question: what it decided on need not be found twice."""

    router: Decides
    seen: dict[str, Evidence] = field(default_factory=dict)

    def decide(self, evidence: Evidence) -> Decision:
        """The router's."""
        self.seen[evidence.question] = evidence
        return self.router.decide(evidence)

    def features(self, asked: Sequence[Asked], encoder: Encoder) -> list[dict[str, Any]]:
        """For each question; empty for one that the agent could not be asked."""
        return [self._of(one.question, encoder) for one in asked]

    def _of(self, question: str, encoder: Encoder) -> dict[str, Any]:
        evidence = self.seen.get(question)
        if evidence is None:
            return {}
        estimate = evidence.estimate
        return {
            "signals": asdict(evidence.signals),
            "confidence": estimate.confidence if estimate else 0.0,
            "similarity": estimate.similarity if estimate else 0.0,
            "threshold": estimate.threshold if estimate else 1.0,
            "topic": estimate.topic if estimate else "",
            "small_talk": evidence.small_talk,
            "covered": encoder.covers(question),
        }
