"""The values of the ledger: a question as accepted, and a row held under a lease."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from agent.answers import Answer, Citation
from agent.texts import Said

Kind = Literal["mention", "direct", "followup", "command", "shortcut", "overheard"]
"""``shortcut``: somebody has a message answered; ``overheard``: said to nobody, where we answer
every question."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of a message, as Slack describes it; nothing of it is read yet.

    ``url`` is where its bytes are, for whoever has the token, ``link`` where people look at it;
    ``size`` in bytes. ``elsewhere``: Slack only points to it, or does not give it out.
    """

    id: str
    name: str
    url: str = field(default="", repr=False)
    size: int = 0
    link: str = ""
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """One question to us, as accepted. ``ts`` is None for a slash command, as is ``thread_ts``.

    For a shortcut it is the click's: the message's own may be in the ledger already.
    """

    event_id: str
    kind: Kind
    team: str
    channel: str
    ts: str | None
    thread_ts: str | None
    person: str
    text: str = field(repr=False)
    response_url: str | None = field(default=None, repr=False)
    outside: bool = False
    files: tuple[AttachedFile, ...] = ()
    id: UUID = field(default_factory=uuid4)

    @property
    def thread(self) -> str | None:
        """The conversation's key; a slash command belongs to none."""
        return thread_key(self.team, self.channel, self.thread_ts) if self.thread_ts else None

    @property
    def lane(self) -> str:
        """What keeps its order: the thread, or the command alone."""
        return self.thread or str(self.id)


@dataclass(frozen=True, slots=True)
class Claim:
    """A row held under a lease.

    ``answer`` is set once it was decided: then only posting is left, and ``resumed`` says that an
    earlier holder may already have posted some of it. ``error`` is what went wrong last.
    ``first`` says that nothing was asked in this conversation before.
    """

    mention: Mention
    token: UUID
    attempts: int
    created_at: datetime
    first: bool
    answer: Answer | None = None
    error: str | None = None
    resumed: bool = False
    stream_ts: str | None = None
    """The message that is being written live; empty: there may be one, its ts was never learned.

    Of a slash command, how many parts of its answer are out.
    """

    stopped: bool = False


def thread_key(team: str, channel: str, thread_ts: str) -> str:
    """What a thread's conversation and its lane are known by."""
    return f"{team}:{channel}:{thread_ts}"


def answer_from_json(stored: Mapping[str, Any]) -> Answer:
    """The answer that `Answer.as_json` wrote into the ledger, in this version or another."""
    rest = dict(stored)
    reason = rest.pop("reason")
    return Answer(
        text=rest.pop("answer"),
        # Rows of an earlier version hold English only, and no nearest documents.
        reason=Said(reason, rest.pop("reason_zh", reason)),
        citations=_citations(rest.pop("citations")),
        nearest=_citations(rest.pop("nearest", ())),
        prompts=tuple(rest.pop("prompts", ())),
        **known(Answer, rest),
    )


def known(kind: type[Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Without what a newer version added: a row that cannot be read would block its lane."""
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in stored.items() if name in names}


def _citations(stored: Sequence[Mapping[str, Any]]) -> tuple[Citation, ...]:
    return tuple(
        Citation(**{**known(Citation, one), "heading": tuple(one["heading"])}) for one in stored
    )
