"""Zip archives, read without being unpacked: the exports of Notion, Confluence and Slack, or files.

A member is read when its document is asked for, and never more of it than it may have.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from knowledge.errors import UnreadableDocument
from knowledge.parsing import check_format, check_size, parse
from knowledge.parsing.archives import check_archive
from knowledge.sources import notion, slack_export
from knowledge.sources.settings import Settings
from knowledge.sources.values import Skipped, Source, shown, unusable

_MEMBERS = 200_000
_UNPACKED = 4_000_000_000
_INNER = 500_000_000
_FURNITURE = ("__MACOSX/", "styles/", "images/icons/")
_XML_EXPORT = "entities.xml"

Read = Callable[[], bytes]


def archive_sources(
    path: Path, settings: Settings, *, slack: bool = False
) -> Iterator[Source | Skipped]:
    """Every file in the archive; ``slack`` allows a Slack export.

    Archives within it are opened, too, one level deep: Notion's exports come so.
    """
    reads: dict[str, Read] = {}
    try:
        _open(path, "", reads)
    except (UnreadableDocument, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        yield Skipped(shown(path), f"it cannot be read: {reason}", str(path), incomplete=True)
        return
    for name in [name for name in reads if name.lower().endswith(".zip")]:
        try:
            _open(io.BytesIO(reads.pop(name)()), f"{name}/", reads)
        except UnreadableDocument as error:
            inner = f"{path}#{name}"
            yield Skipped(shown(inner), str(error), inner, incomplete=True)
    yield from _sources(path, reads, settings, slack=slack)


def _open(file: Path | io.BytesIO, prefix: str, reads: dict[str, Read]) -> None:
    """Put the archive's files among ``reads``. It stays open until nobody can read from it.

    Hidden files are passed over as in a folder. Raises UnreadableDocument and OSError.
    """
    with file.open("rb") if isinstance(file, Path) else io.BytesIO(file.getbuffer()) as whole:
        check_archive(whole, members=_MEMBERS, unpacked=_UNPACKED)
    archive = zipfile.ZipFile(file)
    for one in archive.infolist():
        hidden = any(part.startswith(".") for part in PurePosixPath(one.filename).parts)
        if not one.is_dir() and not hidden:
            reads[f"{prefix}{one.filename}"] = partial(_member, archive, one)


def _sources(
    path: Path, reads: dict[str, Read], settings: Settings, *, slack: bool
) -> Iterator[Source | Skipped]:
    if slack_export.is_export(reads):
        if slack:
            yield from slack_export.slack_sources(str(path), reads, settings)
        else:
            yield Skipped(shown(path), slack_export.NOT_ALLOWED, str(path), incomplete=True)
        return
    if any(PurePosixPath(name).name == _XML_EXPORT for name in reads):
        reason = "it is Confluence's XML export: export the space as HTML, and upload that"
        yield Skipped(shown(path), reason, str(path), incomplete=True)
        return
    for name in sorted(reads):
        if notion.repeats_pages(name, reads) or name.startswith(_FURNITURE):
            continue
        yield _source(path, name, reads[name], settings)


def _source(path: Path, name: str, read: Read, settings: Settings) -> Source | Skipped:
    identity = f"{path}#{name}"
    problem = unusable(identity)
    try:
        check_format(name)
    except UnreadableDocument as error:
        problem = problem or str(error)
    if problem:
        return Skipped(shown(identity), problem, identity)
    file = PurePosixPath(name).name
    if notion.is_page(file):
        uri, reader = notion.address(file), partial(notion.parse_page, name=file)
    else:
        uri, reader = identity, partial(parse, name=file)
    return Source(identity, uri, read, reader, settings.placement)


def _member(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    """One file's bytes; another archive may have more of them. Raises UnreadableDocument."""
    if not one.filename.lower().endswith(".zip"):
        check_size(one.file_size)
    elif one.file_size > _INNER:
        raise UnreadableDocument(f"it unpacks to more than {_INNER // 1_000_000} MB")
    try:
        with archive.open(one) as member:
            return member.read(one.file_size + 1)[: one.file_size]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        raise UnreadableDocument("it is damaged in its archive") from error
