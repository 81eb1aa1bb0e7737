"""Source code, cut by function: each under a heading with its name and a link to its lines."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath

from knowledge.errors import UnreadableDocument
from knowledge.parsing.anchors import anchors_of
from knowledge.parsing.decoding import decode
from knowledge.parsing.definitions import Definition, definitions
from knowledge.parsing.fences import fenced
from knowledge.parsing.parsed import Format, Parsed

_LONGEST_LINE = 5_000
_PYTHON = (".py", ".pyi")

_LANGUAGES = {
    ".py": "python",
    ".pyi": "python",
    ".js": "javascript",
    ".mjs": "javascript",
    ".jsx": "jsx",
    ".ts": "typescript",
    ".tsx": "tsx",
    ".go": "go",
    ".java": "java",
    ".kt": "kotlin",
    ".scala": "scala",
    ".cs": "csharp",
    ".swift": "swift",
    ".rs": "rust",
    ".c": "c",
    ".h": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".hpp": "cpp",
    ".php": "php",
    ".rb": "ruby",
    ".lua": "lua",
    ".pl": "perl",
    ".r": "r",
    ".sh": "sh",
    ".bash": "bash",
    ".sql": "sql",
    ".proto": "protobuf",
    ".tf": "hcl",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".ini": "ini",
    ".cfg": "ini",
}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines ``start`` to ``end`` (not included), counted from 0; "" is what precedes all names."""

    title: str
    level: int
    start: int
    end: int

    @property
    def fragment(self) -> str:
        """As GitHub, GitLab and Gitea name lines."""
        return f"L{self.start + 1}-L{self.end}"


def parse_code(data: bytes, name: str) -> Parsed:
    """The file's name is the title; every line stands in one block, in its order.

    Python is read by its own grammar, other languages by the lines that begin a definition.
    Raises UnreadableDocument for what a program wrote.
    """
    text = decode(data)
    lines = text.split("\n")
    if longest := max((len(line) for line in lines if len(line) > _LONGEST_LINE), default=0):
        raise UnreadableDocument(f"it is minified or generated: a line has {longest:,} characters")
    path = PurePath(name)
    suffix = path.suffix.lower()
    found = _python(text) if suffix in _PYTHON else None
    pieces = _pieces(found if found is not None else list(definitions(lines)), len(lines))
    language = _LANGUAGES[suffix]
    parts = [part for piece in pieces for part in _block(piece, lines, language)]
    anchors = anchors_of((piece.title, piece.fragment) for piece in pieces if piece.title)
    return Parsed(path.name, "\n\n".join(parts), anchors=anchors)


def _block(piece: _Piece, lines: Sequence[str], language: str) -> Iterator[str]:
    code = "\n".join(lines[piece.start : piece.end])
    if code.strip():
        if piece.title:
            yield f"{'#' * piece.level} `{piece.title}`"
        yield fenced(code, language)


def _pieces(found: Sequence[Definition], length: int) -> list[_Piece]:
    """From each definition to the next, so that no line is lost."""
    starts = [Definition("", 1, 0), *found, Definition("", 1, length)]
    return [
        _Piece(one.title, one.level, one.line, following.line)
        for one, following in pairwise(starts)
        if following.line > one.line
    ]


def _python(text: str) -> list[Definition] | None:
    """Functions and classes of the module, and methods; None where it does not parse."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return list(_named(module.body, "", 2))


def _named(body: Sequence[ast.stmt], within: str, level: int) -> Iterator[Definition]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1
        title = f"{within}{node.name}"
        yield Definition(title, level, first)
        if isinstance(node, ast.ClassDef) and not within:
            yield from _named(node.body, f"{title}.", level + 1)


FORMAT = Format(tuple(_LANGUAGES), parse_code)
