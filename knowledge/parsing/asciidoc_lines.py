"""Kinds of lines of AsciiDoc, and which of them end a paragraph."""

import re

HEADING = re.compile(r"^(={1,6}|#{1,6})\s+(\S.*?)(?:\s+\1)?\s*$")
"""A section's title; its level is the number of marks."""

ATTRIBUTE = re.compile(r"^:(!?[\w-]+!?):\s*(.*)$")
"""A name and what it stands for from here on."""

BLOCK_STYLE = re.compile(r"^\[([^\]]*)\]\s*$")
"""What the block below is, in brackets."""

BLOCK_TITLE = re.compile(r"^\.([^\s.].*)$")
"""The title of the block below."""

ID = re.compile(r"^\[\[([\w.:-]+)[^\]]*\]\]\s*$|^\[#([\w.:-]+)[^\]]*\]\s*$")
"""The fragment of the heading below."""

LISTING = re.compile(r"^(-{4,}|\.{4,}|`{3,}[\w+-]*|\+{4,})\s*$")
"""Where a block begins or ends whose text stays as it is."""

FRAME = re.compile(r"^(={4,}|\*{4,}|_{4,}|--)\s*$")
"""Where a block begins or ends that holds blocks of its own."""

TABLE = re.compile(r"^([|,:!])===+\s*$")
"""Where a table begins or ends; the mark stands before its cells."""

COMMENT_BLOCK = re.compile(r"^/{4,}\s*$")
"""Where a comment of many lines begins or ends."""

ITEM = re.compile(r"^\s*(\*{1,5}|-|\.{1,5}|\d+\.)\s+(\S.*)$")
"""An item of a list; its marker says how deep."""

LABELLED = re.compile(r"^\s*([^\s:][^:]{0,200}?)(:{2,4}|;;)(?:\s+(\S.*))?$")
"""A term, and perhaps what is said of it."""

ADMONITION = re.compile(r"^(NOTE|TIP|IMPORTANT|WARNING|CAUTION):\s+(.*)$")
"""A paragraph that begins with what kind of note it is."""

INCLUDE = re.compile(r"^include::([^\[]+)\[[^\]]*\]\s*$")
"""Another file that would stand here."""

CONDITION = re.compile(r"^(?:ifdef|ifndef|ifeval|endif)::.*$")
"""Where text begins or ends that is only for some readers."""


def starts_block(line: str) -> bool:
    """Whether the paragraph or item above ends with this line."""
    patterns = (LISTING, FRAME, TABLE, COMMENT_BLOCK, BLOCK_STYLE, HEADING, ITEM, ATTRIBUTE)
    return any(pattern.match(line) for pattern in patterns)
