"""How much text a web page's elements hold, and a way through them that bears cutting."""

from collections.abc import Iterator

from bs4 import Tag
from bs4.element import NavigableString, PreformattedString

HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])

_MOSTLY = 0.5
_LINK_WORTH = 0.1


def elements(root: Tag) -> Iterator[Tag]:
    """All below it in the document's order; what is decomposed on the way is not entered."""
    waiting = [root]
    while waiting:
        tag = waiting.pop()
        if tag is not root:
            yield tag
        waiting.extend(child for child in reversed(tag.contents) if isinstance(child, Tag))


class Measure:
    """Of each element: characters below it, those of links, headings. Taken once, in one pass."""

    def __init__(self, root: Tag) -> None:
        self._text: dict[int, int] = {}
        self._links: dict[int, int] = {}
        self._headings: dict[int, int] = {}
        # Children come after their parents in a document: counted from its end, they are known.
        for tag in reversed([root, *elements(root)]):
            text = links = 0
            headings = int(tag.name in HEADINGS)
            for child in tag.contents:
                if isinstance(child, Tag):
                    text += self._text[id(child)]
                    links += self._links[id(child)]
                    headings += self._headings[id(child)]
                elif isinstance(child, NavigableString) and not isinstance(
                    child, PreformattedString
                ):
                    text += len("".join(child.split()))
            self._text[id(tag)] = text
            self._links[id(tag)] = text if tag.name == "a" and "href" in tag.attrs else links
            self._headings[id(tag)] = headings

    def text(self, tag: Tag) -> int:
        """All of it, without blanks."""
        return self._text[id(tag)]

    def own(self, tag: Tag) -> int:
        """What stands outside of links."""
        return self._text[id(tag)] - self._links[id(tag)]

    def worth(self, tag: Tag) -> float:
        """Own words count in full, those of links a tenth: a page may be a list of links."""
        return self.own(tag) + _LINK_WORTH * self._links[id(tag)]

    def is_linky(self, tag: Tag, share: float = _MOSTLY) -> bool:
        """Whether that share of its text, by default half, is links'."""
        return self._links[id(tag)] >= share * max(1, self._text[id(tag)])

    def has_heading(self, tag: Tag) -> bool:
        """Whether it is one or holds one."""
        return self._headings[id(tag)] > 0
