"""The values of the agent layer: a question as asked, and the answer as it leaves the graph."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from agent.texts import Said
from knowledge.documents import Reader

if TYPE_CHECKING:  # the command line starts without numpy
    from agent.reading.languages import Language

Route = Literal["knowledge", "domain", "both", "chat", "clarify", "none"]
"""Which side answered: ``none`` is an abstention, ``clarify`` a question back."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said earlier in the conversation."""

    speaker: Literal["user", "agent"]
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it reached the agent, with all who will read the answer.

    ``thread`` keys the conversation's memory in Postgres; None asks outside any conversation, and
    then ``turns`` may carry what was said before.
    """

    text: str
    reader: Reader = field(default_factory=Reader)
    thread: str | None = None
    turns: tuple[Turn, ...] = ()
    workspace: str = ""
    """The Slack team that it was asked in: it may have prompts of its own."""

    collections: tuple[str, ...] = ()
    """Where documents are looked for; empty: in all."""

    least_confidence: float = 0.0
    """In 0..1: what is less sure is not answered."""

    language: "Language | Literal['']" = ""
    """In which language to answer; empty: the question's own."""

    id: UUID | None = None
    """The same when it is asked again after a crash: what was paid for then is not paid again."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered source of an answer; ``n`` is the number in the text's ``[n]``."""

    n: int
    title: str
    uri: str
    document_id: int
    passage: str
    heading: tuple[str, ...] = ()
    version: int = 1
    link: str = ""
    """Where a reader finds the passage itself: the document's address, page or heading with it."""

    def as_json(self) -> dict[str, Any]:
        """Its part of the JSON contract."""
        return {**asdict(self), "heading": list(self.heading)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the graph made of a question; every field is shown or stored.

    ``text`` is Markdown, with ``[n]`` for citations. ``model`` names what wrote it: ``extractive``,
    a chat model, or ``domain:VERSION``. ``cost_usd`` is None when the chat model's prices are not
    configured, 0 when no paid model was called. ``timings_ms`` is per stage, in milliseconds, with
    their sum under ``total``.
    """

    text: str
    route: Route
    confidence: float
    reason: Said
    abstained: bool
    citations: tuple[Citation, ...]
    model: str
    timings_ms: Mapping[str, float]
    cost_usd: float | None
    question: str = ""
    """The standalone question that was answered (a follow-up rewritten)."""

    prompts: tuple[str, ...] = ()
    """The versions of the prompts that a chat model was given for it: ``answering@2``."""

    nearest: tuple[Citation, ...] = ()
    """Of an abstention, the documents that came nearest; they are not said to answer."""

    def as_json(self) -> dict[str, Any]:
        """The fixed JSON contract of ``knowhow ask --json``."""
        return {
            "answer": self.text,
            "route": self.route,
            "confidence": round(self.confidence, 4),
            "reason": self.reason.en,
            "reason_zh": self.reason.zh,
            "abstained": self.abstained,
            "citations": [one.as_json() for one in self.citations],
            "nearest": [one.as_json() for one in self.nearest],
            "model": self.model,
            "timings_ms": {k: round(v, 2) for k, v in self.timings_ms.items()},
            "cost_usd": self.cost_usd,
            "question": self.question,
            "prompts": list(self.prompts),
        }
