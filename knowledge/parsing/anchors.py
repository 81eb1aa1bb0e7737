"""Fragments of links: where in a document a heading stands."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

_SLUG_DROPPED = re.compile(r"[^\w\- ]")
_SAFE = re.compile(r"[^\w.~!$&*+,;=:@/?-]")
_LONGEST = 300


def anchors_of(headings: Iterable[tuple[str, str | None]]) -> Mapping[str, str]:
    """Titles with their fragments, as `Parsed.anchors` wants them.

    A title that stands there twice leads nowhere: the section above both has an anchor of its own.
    """
    anchors: dict[str, str] = {}
    ambiguous: set[str] = set()
    for title, fragment in headings:
        if title in anchors or title in ambiguous:
            ambiguous.add(title)
            anchors.pop(title, None)
        elif fragment and len(fragment) <= _LONGEST:
            anchors[title] = _SAFE.sub(lambda odd: quote(odd[0], safe=""), fragment)
    return anchors


class Slugs:
    """Headings' fragments as GitHub makes them, each unlike those before it in the document."""

    def __init__(self) -> None:
        self._count: dict[str, int] = {}

    def of(self, title: str) -> str:
        """Lower case, punctuation dropped, a dash for each space; ``-1``, ``-2`` if taken."""
        plain = _SLUG_DROPPED.sub("", title.lower()).replace(" ", "-")
        slug = plain
        while slug in self._count:
            self._count[plain] += 1
            slug = f"{plain}-{self._count[plain]}"
        self._count[slug] = 0
        return slug
