"""The values of the knowledge layer: what is uploaded, stored, searched for and found."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from knowledge.errors import InvalidInput

if TYPE_CHECKING:  # the command line starts without it
    import numpy as np
    from numpy.typing import NDArray

EVERYONE = "everyone"
"""The principal that every member of the team has."""

PUBLIC = "public"
"""The principal of outsiders, who have no other: guests, people of another organisation. What is
for them is always for everyone too."""

ATTACHED = ":attached"
"""The collection of files that are read for one conversation, and forgotten after it."""

_PRINCIPAL = re.compile(r"public|everyone|(channel|user|group):[A-Za-z0-9._-]{1,64}")


def parse_audience(text: str) -> tuple[str, ...]:
    """Turn ``public``, ``everyone`` or ``channel:ID,user:ID,group:ID`` into who may see a document.

    Who holds any of them may. Raises InvalidInput for anything else: an audience that nobody can
    hold would hide a document from everyone, and one misread as ``everyone`` would leak it.
    """
    principals = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    for principal in principals:
        if not _PRINCIPAL.fullmatch(principal):
            raise InvalidInput(
                f"unknown audience {principal!r}: use everyone, channel:ID, user:ID or group:ID, "
                "several with commas between (Slack IDs, not names), or public, which is everyone "
                "and outsiders"
            )
    if PUBLIC in principals:
        return (EVERYONE, PUBLIC)
    return (EVERYONE,) if EVERYONE in principals else principals


def covers(audience: Collection[str], wanted: Collection[str]) -> bool:
    """Whether all of the ``wanted`` may see what is for the audience."""
    return set(wanted) <= set(audience) or (EVERYONE in audience and PUBLIC not in wanted)


def common(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Who may see what is for the one and what is for the other; empty: nobody."""
    if EVERYONE in other and EVERYONE not in one:
        return tuple(one)
    if EVERYONE in one and EVERYONE not in other:
        return tuple(other)
    return tuple(principal for principal in one if principal in other)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who will read an answer, as the principals that *all* of them hold.

    A channel's readers share only ``everyone`` and the channel itself, whoever asked: an answer
    that everybody in the channel sees must not quote what only the asker may see.
    """

    principals: tuple[str, ...] = (EVERYONE,)

    @classmethod
    def of_outsiders(cls) -> "Reader":
        """Whoever is not of the team, or reads together with somebody who is not."""
        return cls((PUBLIC,))

    @classmethod
    def of_channel(cls, channel: str) -> "Reader":
        """Everybody in a channel, at once."""
        return cls((EVERYONE, f"channel:{channel}"))

    @classmethod
    def of_person(
        cls, user: str, channels: Sequence[str] = (), groups: Sequence[str] = ()
    ) -> "Reader":
        """One person reading alone (a direct message, an ephemeral answer).

        With the channels and user groups that they are in.
        """
        own = (f"channel:{c}" for c in channels), (f"group:{g}" for g in groups)
        return cls((EVERYONE, f"user:{user}", *own[0], *own[1]))

    def within(self, conversation: str) -> "Reader":
        """The same readers, in a conversation whose attached files they may see."""
        return Reader((*self.principals, conversation_principal(conversation)))


def conversation_principal(conversation: str) -> str:
    """Who may see a conversation's files; nobody can give a document this audience by hand."""
    return f"conversation:{conversation}"


@dataclass(frozen=True, slots=True)
class Document:
    """One document as read from its source, ready to be stored.

    ``source`` is where the upload found it and is its identity within a collection; ``uri`` is
    where a reader finds it (front matter's ``url``, else the source). ``text`` is Markdown,
    whatever the format was; ``anchors`` as in `knowledge.parsing.parsed.Parsed`.
    """

    source: str
    uri: str
    title: str
    text: str
    metadata: Mapping[str, object] = field(default_factory=dict)
    updated_at: datetime | None = None
    anchors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document that is found, encoded and cited on its own (about 200 tokens).

    ``context`` says in a line what the piece is about, for finding it: never quoted or cited.
    """

    position: int
    heading: tuple[str, ...]
    text: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for; ``turns`` are the conversation's earlier user turns, oldest first."""

    text: str
    turns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk found for a query; ``score`` is the blend, ``lexical`` BM25, ``dense`` a cosine.

    ``dense`` is None where the encoder does not cover the query's or the chunk's script.
    ``anchor`` is the fragment of ``uri`` that leads to the chunk, if there is one; ``restricted``
    says that not everyone may see it; ``vector`` is its embedding, None as ``dense`` is.
    """

    chunk_id: int
    document_id: int
    version: int
    position: int
    uri: str
    title: str
    heading: tuple[str, ...]
    text: str
    score: float
    lexical: float
    dense: float | None
    anchor: str | None = None
    collection: str = ""
    restricted: bool = False
    vector: "NDArray[np.float32] | None" = field(default=None, compare=False, repr=False)

    @property
    def link(self) -> str:
        """Where a reader finds the chunk itself."""
        return f"{self.uri}#{self.anchor}" if self.anchor and "#" not in self.uri else self.uri


@dataclass(frozen=True, slots=True)
class Signals:
    """What retrieval itself says about whether the answer is there; the router's raw material.

    ``dense`` is the best cosine among the passages and ``dense_gap`` that minus the tenth's (both
    None where the encoder does not cover the query); ``lexical`` the best BM25 score divided by
    the highest that the query could reach; ``coverage`` the idf-weighted share of the query's
    terms that the best-covering passage holds. The last two lie in 0..1.
    """

    dense: float | None
    dense_gap: float | None
    lexical: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Found:
    """The result of one search, best passage first."""

    passages: tuple[Passage, ...]
    signals: Signals
    timings_ms: Mapping[str, float]
