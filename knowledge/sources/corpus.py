"""The documents of a BEIR corpus: one a line."""

from collections.abc import Iterator
from pathlib import Path

from knowledge.beir import numbered_lines, parse_entry
from knowledge.errors import InvalidInput, UnreadableDocument
from knowledge.parsing import check_size
from knowledge.sources.values import Placement, Skipped, Source, shown, unusable


def corpus_sources(path: Path, placement: Placement) -> Iterator[Source | Skipped]:
    """Every line of the file, as a document or with what is wrong with it."""
    try:
        for number, line in numbered_lines(path):
            yield _line(path, number, line, placement)
    except InvalidInput as error:
        yield Skipped(shown(path), str(error), incomplete=True)


def _line(path: Path, number: int, line: bytes, placement: Placement) -> Source | Skipped:
    where = f"{path} line {number}"
    try:
        check_size(len(line))
        entry = parse_entry(line, where)
    except (InvalidInput, UnreadableDocument) as error:
        reason = str(error).removeprefix(f"{where}: ")
        return Skipped(shown(where), reason, incomplete=True)
    identity = f"{path}#{entry.id}"
    if problem := unusable(identity):
        return Skipped(shown(where), problem, identity)
    return Source(identity, entry.id, lambda: line, lambda _: entry.parsed, placement)
