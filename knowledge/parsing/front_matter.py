"""The YAML block that may stand before a Markdown text."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import yaml
from yaml.nodes import Node

from knowledge.parsing.decoding import clean

_LIMIT = 16_384
_BLOCK = re.compile(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_URL_LIMIT = 2000
_PLAUSIBLE_YEARS = range(1900, 2200)


class _Loader(yaml.SafeLoader):
    """Refuses aliases: a few lines of them stand for gigabytes."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def split_front_matter(text: str) -> tuple[dict[str, object], str]:
    """The front matter and the text after it.

    A block that is no YAML mapping, is malformed, uses aliases or exceeds 16 kB is not front
    matter: nothing is read from it and it stays in the text, so that no words are lost.
    """
    match = _BLOCK.match(text, 0, _LIMIT)
    if match is None:
        return {}, text
    try:
        value = yaml.load(match[1] or "", _Loader)  # noqa: S506 -- a SafeLoader, made stricter
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, text
    if not isinstance(value, dict):
        return {}, text
    return {str(key): plain(item) for key, item in value.items()}, text[match.end() :]


def web_address(metadata: Mapping[str, object]) -> str | None:
    """``url`` where it is an http or https address that can be linked to."""
    url = metadata.get("url")
    if not isinstance(url, str) or len(url) > _URL_LIMIT or re.search(r"[\s<>|\"]", url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def updated_at(metadata: Mapping[str, object]) -> datetime | None:
    """``updated`` as a point in time; without a zone it is taken to be UTC."""
    try:
        moment = datetime.fromisoformat(str(metadata.get("updated")))
    except ValueError:
        return None
    if moment.year not in _PLAUSIBLE_YEARS:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def plain(value: object) -> object:
    """What JSON in Postgres can hold: no dates, bytes, NaN, NUL or half surrogate pairs."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    if isinstance(value, dict):
        return {clean(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    return clean(str(value))
