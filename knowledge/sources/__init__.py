"""What is to be read under the paths that an admin names: files, folders, BEIR corpora, the web."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.beir import CORPUS
from knowledge.errors import InvalidInput
from knowledge.sources.values import Placement, Root, Skipped, Source
from knowledge.sources.web_urls import is_web

if TYPE_CHECKING:
    from knowledge.sources.web_browser import Browser

_OF_MANY = (".jsonl", ".zip")
"""Files that hold many documents."""

__all__ = ["Placement", "Root", "Skipped", "Source", "roots", "sources"]


def roots(paths: Sequence[Path | str]) -> tuple[Root, ...]:
    """The paths, resolved; raises InvalidInput for one that is no file and no folder."""
    return tuple(dict.fromkeys(map(_root, paths)))


def sources(
    root: Root, browser: "Browser | None" = None, *, slack_export: bool = False
) -> Iterator[Source | Skipped]:
    """The documents below a root, in the order of their paths, read as they are asked for.

    ``browser`` reads the web's; one of an upload's own, which goes nowhere private, if left out.
    ``slack_export``: the admin wants what people said in Slack to be documents.
    """
    if isinstance(root.path, str):
        from knowledge.sources.web import web_sources
        from knowledge.sources.web_browser import Browser

        yield from web_sources(root, browser or Browser())
    else:
        from knowledge.sources.folder import path_sources

        yield from path_sources(root.path, slack=slack_export)


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
    many = resolved.suffix.lower() in _OF_MANY
    return Root(resolved, f"{resolved}#" if many else None)
