"""Where functions and types begin in source code, told by the look of their first lines.

No grammar is consulted: one expression knows the words that open a definition in some twenty
languages, and indentation says what is a member of what. A line that is missed leaves its function
in the block above, whole; nothing is ever lost.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_WORDS = (
    r"(?:export|default|public|private|protected|internal|static|final|abstract|async|override|open"
    r"|sealed|partial|virtual|inline|extern|unsafe|const|local|data|suspend|case|pub(?:\([^)]*\))?"
    r"|create|or replace|temporary|replace|declare|readonly|synchronized)"
)
_CONTAINER = (
    r"class|interface|enum|struct|trait|impl|object|module|namespace|record|protocol|extension"
    r"|union|service"
)
_CALLABLE = r"func(?:tion)?\*?|fun|fn|def|sub|macro_rules!|procedure|message|rpc|type|table|view"
_NAME = r"[\w$.:<>!?~]*\w[!?]?"

_OPENING = re.compile(
    rf"^(?P<indent>[ \t]*)(?:{_WORDS}\s+)*"
    rf"(?:(?P<container>{_CONTAINER})(?:<[^>]*>)?\s+(?P<held>{_NAME})"
    rf"|(?:{_CALLABLE})\s+(?:\([^)]*\)\s*)?(?:if not exists\s+)?(?P<called>{_NAME})"
    r"|(?:const|let|var)\s+(?P<bound>\w+)\s*(?::[^=]*)?=\s*(?:async\s*)?(?:function|\(|\w+\s*=>)"
    r"|(?:resource|variable|module|output|provider)\s+\"(?P<block>[\w.-]+)\""
    r"|(?P<shell>[\w-]+)\s*\(\)\s*\{"
    r"|(?:[\w<>\[\],.?*&:]+\s+){1,6}[*&]?(?P<method>(?!if\b|for\b|while\b|switch\b|return\b)~?\w+)"
    r"\s*\([^;]*\)?[^;=]*[{,(]?\s*$)",
    re.IGNORECASE,
)
_LONGEST = 300
"""Characters of a line that are looked at."""

_STATEMENT = re.compile(r"^\s*(?:return|else|throw|new|await|yield|if|for|while|import|from|use)\b")
_PREAMBLE = re.compile(r"^\s*(?:#(?!include|define)|//|/\*|\*|--|@|\[[A-Z]|///)")


@dataclass(frozen=True, slots=True)
class Definition:
    """Something with a name; ``line`` is its first, counted from 0, ``level`` its heading's."""

    title: str
    level: int
    line: int


@dataclass(slots=True)
class _Container:
    """A type that was opened; ``inner`` is the indentation of its members, once one was seen."""

    title: str
    indent: int
    inner: int | None = None


def definitions(lines: Sequence[str]) -> Iterator[Definition]:
    """Top-level definitions and members of types, in order; linear in the text."""
    around: list[_Container] = []
    taken = 0
    for number, line in enumerate(lines):
        short = line[:_LONGEST]
        found = None if _STATEMENT.match(short) else _OPENING.match(short)
        if found is None:
            continue
        indent = len(found["indent"].expandtabs(4))
        while around and around[-1].indent >= indent:
            around.pop()
        if indent and not (around and around[-1].inner in {None, indent}):
            continue
        names = (found[group] for group in _GROUPS)
        name = next(name for name in names if name)
        title = name
        if around:
            around[-1].inner = indent
            title = f"{around[-1].title}.{name}"
        start = _with_preamble(lines, number, taken)
        yield Definition(title, min(2 + len(around), 6), start)
        taken = start + 1
        if found["container"]:
            around.append(_Container(title, indent))


_GROUPS = ("held", "called", "bound", "block", "shell", "method")


def _with_preamble(lines: Sequence[str], start: int, least: int) -> int:
    """Comments and annotations right above belong to the definition."""
    while start > least and _PREAMBLE.match(lines[start - 1][:_LONGEST]):
        start -= 1
    return start
