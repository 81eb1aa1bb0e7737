"""The files below a folder, each with what the folders around it say.

Nothing is left out silently: what is found and not read is a Skipped with its reason. Only hidden
entries, ``node_modules`` and what a folder's settings exclude are passed over.
"""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from knowledge.beir import CORPUS
from knowledge.errors import InvalidInput, UnreadableDocument
from knowledge.parsing import check_format, check_size, parse
from knowledge.sources.corpus import corpus_sources
from knowledge.sources.settings import Settings, settings_above
from knowledge.sources.values import Skipped, Source, shown, unusable

_DEPTH_LIMIT = 100

Found = Iterator[Source | Skipped]


def path_sources(path: Path) -> Found:
    """A file, a folder with all below it, or a corpus."""
    try:
        settings = settings_above(path)
    except InvalidInput as error:
        yield _barred(path, error)
        return
    if path.is_dir():
        yield from _folder(path, path, settings)
    else:
        yield from _file(path, settings)


def _folder(folder: Path, root: Path, outer: Settings) -> Found:
    if len(folder.parts) - len(root.parts) > _DEPTH_LIMIT:
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
    for entry in entries:
        if not entry.name.startswith(".") and entry.name != "node_modules":
            yield from _entry(Path(entry.path), entry, root, settings)


def _entry(path: Path, entry: os.DirEntry[str], root: Path, settings: Settings) -> Found:
    if entry.is_symlink():
        yield from _linked(path, root, settings)
    elif entry.is_dir(follow_symlinks=False):
        yield from _folder(path, root, settings)
    elif entry.is_file(follow_symlinks=False):
        yield from _file(path, settings)
    else:
        yield Skipped(shown(path), "it is neither a file nor a folder")


def _linked(path: Path, root: Path, settings: Settings) -> Found:
    """A link to a file below the root is that file, and its own folder says who may see it.

    One to a folder there is found without it.
    """
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        yield Skipped(shown(path), "it is a link that leads nowhere")
        return
    if not target.is_relative_to(root):
        yield Skipped(shown(path), "it is a link that leads out of the folder: not followed")
    elif target.is_file() and settings.allow(path):
        yield from path_sources(target)


def _file(path: Path, settings: Settings) -> Found:
    if path.name == CORPUS:
        yield from corpus_sources(path, settings.placement)
    elif settings.allow(path):
        yield _source(path, settings)


def _source(path: Path, settings: Settings) -> Source | Skipped:
    identity = str(path)
    problem = unusable(identity)
    try:
        check_format(path.name)
    except UnreadableDocument as error:
        problem = problem or str(error)
    if problem:
        return Skipped(shown(path), problem, identity)
    return Source(
        identity,
        settings.uri(path),
        partial(_read, path),
        partial(parse, name=path.name),
        settings.placement,
    )


def _barred(path: Path, error: InvalidInput) -> Skipped:
    return Skipped(shown(path), f"nothing below it is read: {error}", incomplete=True)


def _read(path: Path) -> bytes:
    try:
        check_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"it cannot be read: {error.strerror}") from error
