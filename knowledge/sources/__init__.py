"""What is to be read under the paths that an admin names: files, folders, BEIR corpora, the web.

Nothing is left out silently: what is found and not read is a Skipped with its reason. Only hidden
entries and ``node_modules`` are passed over.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.beir import CORPUS, numbered_lines, parse_entry
from knowledge.errors import InvalidInput, UnreadableDocument
from knowledge.parsing import Parsed, check_format, check_size, parse
from knowledge.sources.web_urls import is_web

if TYPE_CHECKING:
    from knowledge.sources.web_browser import Browser

_IDENTITY_LIMIT = 2000
"""Bytes; a Postgres index takes no entry of more than 2,704."""

_DEPTH_LIMIT = 100


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


def roots(paths: Sequence[Path | str]) -> tuple[Root, ...]:
    """The paths, resolved; raises InvalidInput for one that is no file and no folder."""
    return tuple(dict.fromkeys(map(_root, paths)))


def sources(root: Root, browser: "Browser | None" = None) -> Iterator[Source | Skipped]:
    """The documents below a root, in the order of their paths, read as they are asked for.

    ``browser`` reads the web's; one of an upload's own, which goes nowhere private, if left out.
    """
    if isinstance(root.path, str):
        from knowledge.sources.web import web_sources
        from knowledge.sources.web_browser import Browser

        yield from web_sources(root, browser or Browser())
    elif root.path.is_dir():
        yield from _folder(root.path, root.path)
    elif root.path.name == CORPUS:
        yield from _corpus(root.path)
    else:
        yield _file(root.path)


def _root(path: Path | str) -> Root:
    if is_web(path):
        from knowledge.sources.web import web_root

        return web_root(str(path))
    try:
        resolved = Path(path).expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidInput(f"there is no file or folder {str(path)!r}") from error
    if resolved.is_dir():
        corpus = resolved / CORPUS
        if corpus.is_file() and not corpus.is_symlink():
            return Root(corpus, f"{corpus}#")
        return Root(resolved, f"{resolved}/")
    if not resolved.is_file():
        raise InvalidInput(f"{str(path)!r} is neither a file nor a folder")
    return Root(resolved, f"{resolved}#" if resolved.name == CORPUS else None)


def _folder(folder: Path, root: Path) -> Iterator[Source | Skipped]:
    if len(folder.parts) - len(root.parts) > _DEPTH_LIMIT:
        reason = f"it lies more than {_DEPTH_LIMIT} folders deep"
        yield Skipped(_shown(folder), reason, incomplete=True)
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Skipped(_shown(folder), f"it cannot be read: {error.strerror}", incomplete=True)
        return
    if any(entry.name == CORPUS and entry.is_file(follow_symlinks=False) for entry in entries):
        yield from _corpus(folder / CORPUS)
        return
    for entry in entries:
        if not entry.name.startswith(".") and entry.name != "node_modules":
            yield from _entry(Path(entry.path), entry, root)


def _entry(path: Path, entry: os.DirEntry[str], root: Path) -> Iterator[Source | Skipped]:
    if entry.is_symlink():
        yield from _linked(path, root)
    elif entry.is_dir(follow_symlinks=False):
        yield from _folder(path, root)
    elif entry.is_file(follow_symlinks=False):
        yield _file(path)
    else:
        yield Skipped(_shown(path), "it is neither a file nor a folder")


def _linked(path: Path, root: Path) -> Iterator[Source | Skipped]:
    """A link to a file below the root is that file; one to a folder there is found without it."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        yield Skipped(_shown(path), "it is a link that leads nowhere")
        return
    if not target.is_relative_to(root):
        yield Skipped(_shown(path), "it is a link that leads out of the folder: not followed")
    elif target.is_file():
        yield _file(target)


def _file(path: Path) -> Source | Skipped:
    identity = str(path)
    problem = _unusable(identity)
    try:
        check_format(path.name)
    except UnreadableDocument as error:
        problem = problem or str(error)
    if problem:
        return Skipped(_shown(path), problem, identity)
    return Source(identity, identity, partial(_read, path), partial(parse, name=path.name))


def _corpus(path: Path) -> Iterator[Source | Skipped]:
    try:
        for number, line in numbered_lines(path):
            yield _line(path, number, line)
    except InvalidInput as error:
        yield Skipped(_shown(path), str(error), incomplete=True)


def _line(path: Path, number: int, line: bytes) -> Source | Skipped:
    where = f"{path} line {number}"
    try:
        check_size(len(line))
        entry = parse_entry(line, where)
    except (InvalidInput, UnreadableDocument) as error:
        reason = str(error).removeprefix(f"{where}: ")
        return Skipped(_shown(where), reason, incomplete=True)
    identity = f"{path}#{entry.id}"
    if problem := _unusable(identity):
        return Skipped(_shown(where), problem, identity)
    return Source(identity, entry.id, lambda: line, lambda _: entry.parsed)


def _read(path: Path) -> bytes:
    try:
        check_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"it cannot be read: {error.strerror}") from error


def _unusable(identity: str) -> str | None:
    try:
        size = len(identity.encode())
    except UnicodeEncodeError:
        return "its name is not UTF-8: rename it"
    return f"its path is longer than {_IDENTITY_LIMIT} bytes" if size > _IDENTITY_LIMIT else None


def _shown(path: Path | str) -> str:
    return str(path).encode(errors="replace").decode()
