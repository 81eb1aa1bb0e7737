"""What is found under an upload's paths, before it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from knowledge.parsing import Parsed

_IDENTITY_LIMIT = 2000
"""Bytes; a Postgres index takes no entry of more than 2,704."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a document goes and who it is for, as its folder says; None: as the upload says."""

    collection: str | None = None
    audience: tuple[str, ...] | None = None
    owner: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One document's bytes and how to read them; ``identity`` is Document.source.

    ``read`` and ``parse`` block and raise UnreadableDocument.
    """

    identity: str
    uri: str
    read: Callable[[], bytes]
    parse: Callable[[bytes], Parsed]
    placement: Placement = Placement()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was found and cannot be read; ``identity`` where it would be a document.

    ``incomplete``: what lies below it is unknown, so its root must not be pruned.
    """

    uri: str
    reason: str
    identity: str | None = None
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Root:
    """One path to read; every identity below it starts with ``prefix`` (None: a single file).

    The path is a string where it is a web address.
    """

    path: Path | str
    prefix: str | None


def unusable(identity: str) -> str | None:
    """Why a document cannot have this identity, if it cannot."""
    try:
        size = len(identity.encode())
    except UnicodeEncodeError:
        return "its name is not UTF-8: rename it"
    return f"its path is longer than {_IDENTITY_LIMIT} bytes" if size > _IDENTITY_LIMIT else None


def shown(path: Path | str) -> str:
    """A name as it can be printed and stored."""
    return str(path).encode(errors="replace").decode()
