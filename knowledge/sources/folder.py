"""The files below a folder, each with what the folders around it say.

Nothing is left out silently: what is found and not read is a Skipped with its reason. Only hidden
entries, ``node_modules`` and what a folder's settings exclude are passed over.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from knowledge.beir import CORPUS
from knowledge.errors import InvalidInput, UnreadableDocument
from knowledge.parsing import check_format, check_size, parse
from knowledge.sources import notion, slack_export
from knowledge.sources.archive import archive_sources
from knowledge.sources.corpus import corpus_sources
from knowledge.sources.jsonl import jsonl_sources
from knowledge.sources.settings import Settings, settings_above
from knowledge.sources.values import Skipped, Source, shown, unusable

_DEPTH_LIMIT = 100

Found = Iterator[Source | Skipped]


def path_sources(path: Path, *, slack: bool = False) -> Found:
    """A file, a folder with all below it, or a corpus; ``slack`` allows Slack exports."""
    try:
        settings = settings_above(path)
    except InvalidInput as error:
        yield _barred(path, error)
        return
    if path.is_dir():
        yield from _folder(_Walk(path, slack), path, settings)
    else:
        yield from _file(_Walk(path, slack), path, settings)


@dataclass(frozen=True, slots=True)
class _Walk:
    """What holds for all that is found below one path."""

    root: Path
    slack: bool


def _folder(walk: _Walk, folder: Path, outer: Settings) -> Found:
    if len(folder.parts) - len(walk.root.parts) > _DEPTH_LIMIT:
        reason = f"it lies more than {_DEPTH_LIMIT} folders deep"
        yield Skipped(shown(folder), reason, incomplete=True)
        return
    try:
        settings = outer.inside(folder)
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except InvalidInput as error:
        yield _barred(folder, error)
        return
    except OSError as error:
        yield Skipped(shown(folder), f"it cannot be read: {error.strerror}", incomplete=True)
        return
    if any(entry.name == CORPUS and entry.is_file(follow_symlinks=False) for entry in entries):
        yield from corpus_sources(folder / CORPUS, settings.placement)
        return
    names = {entry.name: partial(_read, folder / entry.name) for entry in entries}
    if slack_export.is_export(names):
        yield from _slack(walk, folder, settings)
        return
    for entry in entries:
        if not entry.name.startswith(".") and entry.name != "node_modules":
            yield from _entry(walk, Path(entry.path), entry, settings)


def _entry(walk: _Walk, path: Path, entry: os.DirEntry[str], settings: Settings) -> Found:
    if entry.is_symlink():
        yield from _linked(walk, path, settings)
    elif entry.is_dir(follow_symlinks=False):
        yield from _folder(walk, path, settings)
    elif entry.is_file(follow_symlinks=False):
        yield from _file(walk, path, settings)
    else:
        yield Skipped(shown(path), "it is neither a file nor a folder")


def _linked(walk: _Walk, path: Path, settings: Settings) -> Found:
    """A link to a file below the root is that file, and its own folder says who may see it.

    One to a folder there is found without it.
    """
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        yield Skipped(shown(path), "it is a link that leads nowhere")
        return
    if not target.is_relative_to(walk.root):
        yield Skipped(shown(path), "it is a link that leads out of the folder: not followed")
    elif target.is_file() and settings.allow(path):
        yield from path_sources(target, slack=walk.slack)


def _file(walk: _Walk, path: Path, settings: Settings) -> Found:
    if path.name == CORPUS:
        yield from corpus_sources(path, settings.placement)
    elif not settings.allow(path):
        return
    elif path.suffix.lower() == ".jsonl":
        yield from jsonl_sources(path, settings.placement)
    elif path.suffix.lower() == ".zip":
        yield from archive_sources(path, settings, slack=walk.slack)
    else:
        yield _source(path, settings)


def _slack(walk: _Walk, folder: Path, settings: Settings) -> Found:
    """An export that was unpacked."""
    if not walk.slack:
        yield Skipped(shown(folder), slack_export.NOT_ALLOWED, incomplete=True)
        return
    files = (path for path in folder.glob("**/*.json") if path.is_file() and not path.is_symlink())
    reads = {path.relative_to(folder).as_posix(): partial(_read, path) for path in files}
    yield from slack_export.slack_sources(str(folder), reads, settings)


def _source(path: Path, settings: Settings) -> Source | Skipped:
    identity = str(path)
    problem = unusable(identity)
    try:
        check_format(path.name)
    except UnreadableDocument as error:
        problem = problem or str(error)
    if problem:
        return Skipped(shown(path), problem, identity)
    uri, reader = settings.uri(path), partial(parse, name=path.name)
    if notion.is_page(path.name):
        reader = partial(notion.parse_page, name=path.name)
        uri = notion.address(path.name) if settings.address is None else uri
    return Source(identity, uri, partial(_read, path), reader, settings.placement)


def _barred(path: Path, error: InvalidInput) -> Skipped:
    return Skipped(shown(path), f"nothing below it is read: {error}", incomplete=True)


def _read(path: Path) -> bytes:
    try:
        check_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"it cannot be read: {error.strerror}") from error
