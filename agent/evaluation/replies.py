"""What an arm of a comparison replied to a question, and how good that was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.evaluation import facts
from agent.evaluation.answer_evaluation import normalised, token_f1
from agent.evaluation.rightness import Rightness
from knowledge.secret_patterns import secret_in

_KEPT = 4_000
"""Characters of an answer that are stored: the longest that is shown."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A held-out question with the team's answer; those of one ``cluster`` err together."""

    question: str
    expected: str
    cluster: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as people would get it; ``cost_usd`` is None where no price is known.

    ``citations_valid`` is None where nothing was cited; ``failed`` says why an endpoint gave none.
    """

    text: str
    route: str
    confidence: float
    ms: float
    cost_usd: float | None = 0.0
    citations_valid: bool | None = None
    failed: str = ""

    @property
    def abstained(self) -> bool:
        """Whether it declined; words of its own on small talk answer nothing, either."""
        return self.route in {"none", "chat", "clarify"}

    @property
    def shown(self) -> str:
        """The text as it may be kept and looked at: a secret is not repeated in a report."""
        kind = secret_in(self.text)
        return self.text[:_KEPT] if kind is None else f"(withheld: it holds what looks like {kind})"


@dataclass(frozen=True, slots=True)
class Scored:
    """A reply held against the team's answer; an abstention is neither right nor wrong.

    ``facts`` is the share of the answer's facts that were kept, ``numbers`` that of the numbers
    said which the answer has; None where there are none.
    """

    reply: Reply
    right: bool
    exact: bool
    f1: float
    facts: float | None
    numbers: float | None

    @property
    def wrong(self) -> bool:
        """Answered, and not right."""
        return not (self.right or self.reply.abstained)

    def as_json(self) -> dict[str, Any]:
        """As stored for each question and arm."""
        return {
            "answer": self.reply.shown,
            "route": self.reply.route,
            "right": self.right,
            "exact": self.exact,
            "f1": round(self.f1, 4),
            "facts": self.facts,
            "numbers": self.numbers,
            "abstained": self.reply.abstained,
            "confidence": round(self.reply.confidence, 4),
            "ms": round(self.reply.ms, 2),
            "cost": self.reply.cost_usd,
        }


Scores = Mapping[str, tuple[Scored, ...]]
"""By arm, in the order of the questions."""


def score(reply: Reply, asked: Asked, rightness: Rightness) -> Scored:
    """By rules alone; no model is asked."""
    if reply.abstained:
        return Scored(reply, right=False, exact=False, f1=0.0, facts=None, numbers=None)
    return Scored(
        reply,
        right=rightness.is_right(reply.text, asked.expected),
        exact=normalised(reply.text) == normalised(asked.expected),
        f1=token_f1(reply.text, [asked.expected]),
        facts=facts.kept(reply.text, asked.expected),
        numbers=facts.agreeing(reply.text, asked.expected),
    )
