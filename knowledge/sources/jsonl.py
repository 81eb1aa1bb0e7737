"""JSONL: a document a line, as exports of wikis, help desks and crawlers have it."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from knowledge.beir import numbered_lines
from knowledge.errors import InvalidInput, UnreadableDocument
from knowledge.parsing import Parsed, check_size
from knowledge.parsing.decoding import clean
from knowledge.parsing.parsed import MAX_TITLE
from knowledge.sources.values import Placement, Skipped, Source, shown, unusable

_TEXTS = ("text", "content", "body", "markdown")
_TITLES = ("title", "name", "subject")
_ADDRESSES = ("url", "uri", "link")
_NAMES = ("_id", "id", "url", "uri")
_TIMES = ("updated", "updated_at", "modified", "date")
_EXPECTED = 'expected {"title": string, "text": string, "url": string?, "id": string?}'
_LONGEST_LINK = 2_000


def jsonl_sources(path: Path, placement: Placement) -> Iterator[Source | Skipped]:
    """Every line as a document, named by its ``id`` or ``url``, else by its number."""
    seen: set[str] = set()
    try:
        for number, line in numbered_lines(path):
            found = _line(path, number, line, placement)
            if isinstance(found, Source) and found.identity in seen:
                reason = "its id stands in a line above"
                found = Skipped(shown(f"{path} line {number}"), reason, incomplete=True)
            elif isinstance(found, Source):
                seen.add(found.identity)
            yield found
    except InvalidInput as error:
        yield Skipped(shown(path), str(error), incomplete=True)


def _line(path: Path, number: int, line: bytes, placement: Placement) -> Source | Skipped:
    where = shown(f"{path} line {number}")
    try:
        check_size(len(line))
        record = _record(line)
        parsed = _parsed(record, f"{path.stem} {number}")
    except UnreadableDocument as error:
        return Skipped(where, str(error), incomplete=True)
    name = next((str(record[key]) for key in _NAMES if _is_name(record.get(key))), f"line {number}")
    identity = f"{path}#{clean(name)}"
    if problem := unusable(identity):
        return Skipped(where, problem, identity)
    return Source(identity, parsed.uri or identity, lambda: line, lambda _: parsed, placement)


def _record(line: bytes) -> Mapping[str, Any]:
    try:
        record = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument(f"it is not JSON in UTF-8; {_EXPECTED}") from error
    if not isinstance(record, dict):
        raise UnreadableDocument(f"it is no object; {_EXPECTED}")
    if "messages" in record or {"question", "answer"} <= record.keys():
        raise UnreadableDocument(
            "it is a question with its answer, not a document: `knowhow tune import` takes those"
        )
    return record


def _parsed(record: Mapping[str, Any], name: str) -> Parsed:
    text = next((record[key] for key in _TEXTS if isinstance(record.get(key), str)), "")
    content = clean(text).strip()
    if not content:
        raise UnreadableDocument(f"it has no text; {_EXPECTED}")
    title = next((record[key] for key in _TITLES if isinstance(record.get(key), str)), "")
    address = next((record[key] for key in _ADDRESSES if _is_link(record.get(key))), None)
    return Parsed(
        " ".join(clean(title).split())[:MAX_TITLE] or name,
        content,
        uri=address,
        updated_at=next(filter(None, (_moment(record.get(key)) for key in _TIMES)), None),
    )


def _is_name(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, str) and bool(value.strip()))


def _is_link(value: object) -> bool:
    web = isinstance(value, str) and value.startswith(("https://", "http://"))
    return web and len(str(value)) <= _LONGEST_LINK and not any(c.isspace() for c in str(value))


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
