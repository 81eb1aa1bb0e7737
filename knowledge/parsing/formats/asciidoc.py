"""AsciiDoc to Markdown: the parts of the language that documentation is written with.

There is no library with a licence that everyone can use. What is not known here stays as the text
it is; nothing is included, run or fetched.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from knowledge.parsing import asciidoc_lines as kinds
from knowledge.parsing.anchors import Slugs, anchors_of
from knowledge.parsing.asciidoc_inline import IMAGE_LINE, marked
from knowledge.parsing.decoding import decode
from knowledge.parsing.fences import fenced
from knowledge.parsing.markdown_table import markdown_table
from knowledge.parsing.parsed import Format, Parsed

_REFERENCE = re.compile(r"\{([\w-]+)\}")
_ADMONITIONS = frozenset({"NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"})
_CELL = re.compile(r"(?:(?<=\s)|^)(?:\d+\*|[\d.]*\+)?[<^>.]*[aehlmsv]?\|")

_LONGEST_VALUE = 1_000
_MOST_ATTRIBUTES = 500


def parse_asciidoc(data: bytes, name: str) -> Parsed:
    """The title is the document's (``= Title``), else the file's name.

    Attributes of the header are the metadata. An ``include::`` is named, not followed.
    """
    reader = _Reader(decode(data).split("\n"))
    blocks = [block for block in reader.blocks() if block.strip()]
    return Parsed(
        reader.title or PurePath(name).stem,
        "\n\n".join(blocks),
        dict(reader.stated),
        anchors=anchors_of(reader.headings),
    )


class _Reader:
    """Goes over the lines once; what it learns on the way stands in its attributes."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0
        self._slugs = Slugs()
        self.attributes: dict[str, str] = {}
        self.stated: Mapping[str, str] = {}
        self.title = ""
        self.headings: list[tuple[str, str | None]] = []

    def blocks(self) -> Iterator[str]:
        """The document in blocks of Markdown."""
        style, fragment = "", None
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip()
            self._at += 1
            if match := kinds.ID.match(line):
                fragment = match[1] or match[2]
            elif match := kinds.BLOCK_STYLE.match(line):
                style = match[1]
            elif not line or (line.startswith("//") and not kinds.COMMENT_BLOCK.match(line)):
                continue
            elif kinds.COMMENT_BLOCK.match(line):
                self._until(line)
            elif (match := kinds.ATTRIBUTE.match(line)) and len(self.attributes) < _MOST_ATTRIBUTES:
                self.attributes[match[1].strip("!")] = self._text(match[2])[:_LONGEST_VALUE]
            elif match := kinds.HEADING.match(line):
                yield self._heading(len(match[1]), self._text(match[2]).strip(), fragment)
                style, fragment = "", None
            else:
                yield self._block(line, style)
                style = ""

    def _heading(self, level: int, title: str, fragment: str | None) -> str:
        if level == 1 and not self.title and not self.headings:
            self.title = title
            self._header()
        # Asciidoctor's own ids begin with an underscore; GitHub's are its usual slugs.
        self.headings.append((title, fragment or self._slugs.of(title)))
        return f"{'#' * level} {title}"

    def _header(self) -> None:
        """The lines right below the title: author, revision, attributes."""
        while self._at < len(self._lines) and self._lines[self._at].strip():
            line = self._lines[self._at].strip()
            self._at += 1
            if match := kinds.ATTRIBUTE.match(line):
                self.attributes[match[1].strip("!")] = match[2][:_LONGEST_VALUE]
            elif "author" not in self.attributes and not line.startswith("//"):
                self.attributes["author"] = line[:_LONGEST_VALUE]
        self.stated = dict(self.attributes)

    def _block(self, line: str, style: str) -> str:
        for pattern, render in _BLOCKS:
            if match := pattern.match(line):
                return render(self, match, style)
        if style.partition(",")[0] in _ADMONITIONS:
            return _admonition(style, self._paragraph(line))
        if style.startswith(("source", "listing", "literal")):
            return fenced("\n".join([line, *self._rest()]), _language(style))
        return self._paragraph(line)

    def listing(self, match: re.Match[str], style: str) -> str:
        language = _language(style) or match[1].lstrip("`-.+")
        return fenced("\n".join(self._until(match[1])), language)

    def included(self, match: re.Match[str], _: str) -> str:
        return f"(Included here, not read: {match[1]})"

    def nothing(self, *_: object) -> str:
        return ""

    def titled(self, match: re.Match[str], _: str) -> str:
        return f"**{self._text(match[1])}**"

    def admonished(self, match: re.Match[str], _: str) -> str:
        return _admonition(match[1], self._paragraph(match[2]))

    def labelled(self, match: re.Match[str], _: str) -> str:
        said = self._text(match[3] or "")
        return f"- **{self._text(match[1])}**" + (f": {said}" if said else "")

    def items(self, *_: object) -> str:
        """A list with its nesting; a line below an item that is none belongs to it."""
        rendered = []
        markers: list[str] = []
        self._at -= 1
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip()
            match = kinds.ITEM.match(line)
            if match:
                marker = "1." if match[1][0].isdigit() else match[1]
                while marker in markers and markers[-1] != marker:
                    markers.pop()
                if marker not in markers:
                    markers.append(marker)
                sign = "1." if marker.startswith((".", "1")) else "-"
                indent = "   " * (len(markers) - 1)
                rendered.append(f"{indent}{sign} {self._text(match[2])}")
            elif not line or line == "+" or kinds.starts_block(line):
                break
            else:
                rendered.append("   " * len(markers) + self._text(line.strip()))
            self._at += 1
        return "\n".join(rendered)

    def framed(self, match: re.Match[str], style: str) -> str:
        """An example, sidebar or quote: its own blocks, quoted where it is an admonition."""
        inner = _Reader(self._until(match[1]))
        inner.attributes = self.attributes
        inner.title = self.title or " "
        inside = "\n\n".join(block for block in inner.blocks() if block.strip())
        self.headings += inner.headings
        name = style.partition(",")[0]
        if name in _ADMONITIONS:
            return _admonition(name, inside)
        return _quote(inside) if match[1].startswith("_") else inside

    def table(self, match: re.Match[str], _: str) -> str:
        """Cells by their bars; the columns are as many as the first line with cells has."""
        rows: list[list[str]] = []
        cells: list[str] = []
        width = 0
        mark = match[1]
        for row in self._until(match[0].rstrip()):
            if mark in ",:":
                rows.append([self._text(cell) for cell in row.split(mark)])
                continue
            first, *parts = _CELL.split(row.replace("!", "|") if mark == "!" else row)
            if cells and first.strip():
                cells[-1] += f" {self._text(first.strip())}"
            cells += [self._text(part.strip()) for part in parts]
            width = width or len(parts)
        width = width or 1
        rows += [cells[start : start + width] for start in range(0, len(cells), width)]
        return markdown_table(rows)

    def _paragraph(self, line: str) -> str:
        return self._text(" ".join(part.strip() for part in [line, *self._rest()]))

    def _rest(self) -> list[str]:
        """The paragraph's further lines."""
        start = self._at
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip()
            if not line or kinds.starts_block(line):
                break
            self._at += 1
        return self._lines[start : self._at]

    def _until(self, delimiter: str) -> list[str]:
        """The lines up to the delimiter that ends a block, or to the end."""
        delimiter = "```" if delimiter.startswith("```") else delimiter
        start = self._at
        while self._at < len(self._lines) and self._lines[self._at].rstrip() != delimiter:
            self._at += 1
        self._at += 1
        return self._lines[start : self._at - 1]

    def _text(self, text: str) -> str:
        """Inline marks as Markdown has them; an attribute's value is not looked into again."""
        return marked(_REFERENCE.sub(lambda one: self.attributes.get(one[1], one[0]), text))


def _admonition(name: str, text: str) -> str:
    return _quote(f"**{name.capitalize()}**\n\n{text}")


def _quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


_BLOCKS = (
    (kinds.LISTING, _Reader.listing),
    (kinds.TABLE, _Reader.table),
    (kinds.FRAME, _Reader.framed),
    (kinds.INCLUDE, _Reader.included),
    (kinds.CONDITION, _Reader.nothing),
    (IMAGE_LINE, _Reader.nothing),
    (kinds.BLOCK_TITLE, _Reader.titled),
    (kinds.ADMONITION, _Reader.admonished),
    (kinds.ITEM, _Reader.items),
    (kinds.LABELLED, _Reader.labelled),
)
"""What a line may begin, tried in this order."""


def _language(style: str) -> str:
    parts = [part.strip() for part in style.split(",")]
    named = parts[1] if parts[0] in {"source", ""} and len(parts) > 1 else ""
    return named if re.fullmatch(r"[\w+#-]{1,20}", named) else ""


FORMAT = Format((".adoc", ".asciidoc", ".asc"), parse_asciidoc)
