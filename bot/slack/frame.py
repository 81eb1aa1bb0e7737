"""What surrounds an answer: who reads it, and how its sources stand now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from agent.citing import Freshness
from agent.reading.languages import Language

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """Gathered by whoever sends an answer; the renderer only looks at it.

    ``mention`` is the row that buttons speak of, None: no buttons. ``alone`` says that one person
    reads it; ``asked`` repeats the question above the answer, where Slack does not show it.
    ``freshness`` is by document; None: how they stand is not known.
    """

    language: Language = "en"
    mention: UUID | None = None
    alone: bool = False
    shareable: bool = False
    asked: str = ""
    freshness: Mapping[int, Freshness] | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Message:
    """One message: ``text`` says all of it without blocks, for notifications and old servers.

    ``plain`` are blocks that any server takes, for one that refuses ``blocks``.
    """

    text: str
    blocks: tuple[Block, ...]
    plain: tuple[Block, ...] = ()


def mrkdwn(text: str) -> Block:
    """A text object; verbatim: Slack makes no links and no mentions of its own out of it."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def context(text: str) -> Block:
    """A quiet line, or several."""
    return {"type": "context", "elements": [mrkdwn(text)]}
