"""reStructuredText, Sphinx's kind too: docutils reads it, and its HTML becomes Markdown."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from knowledge.parsing.anchors import anchors_of
from knowledge.parsing.decoding import decode
from knowledge.parsing.formats.html import html_to_markdown
from knowledge.parsing.parsed import Format, Parsed

if TYPE_CHECKING:
    from docutils import nodes

_DIRECTIVE = re.compile(r"^[ \t]*\.\.[ \t]+([\w:.+-]+?)::", re.MULTILINE)
_ROLE = re.compile(r"(?<!\w):([\w.+-]+(?::[\w.+-]+)*):`")
_TARGETED = re.compile(r"^(.*\S)\s*<[^<>]*>$", re.DOTALL)
_LISTING = re.compile(r'<pre class="code ([\w+#-]{1,20}) literal-block">')
_WITHOUT_CONTENT = frozenset({"toctree", "index", "currentmodule", "highlight"})
_CODE_ROLES = re.compile(
    "attr|class|command|data|envvar|exc|file|func|kbd|meth|mod|obj|option|program"
)
_LITERAL = re.compile(
    r'<span class="docutils literal">((?:<span class="pre">[^<]*</span>|[^<])*)</span>'
)

_SETTINGS: Mapping[str, object] = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,
    "halt_level": 5,
    "input_encoding": "unicode",
    "output_encoding": "unicode",
    "syntax_highlight": "none",
    "math_output": "LaTeX",
    "embed_stylesheet": False,
    "smart_quotes": False,
    "line_length_limit": 100_000,
}


def parse_rst(data: bytes, name: str) -> Parsed:
    """The title is the document's own, else the file's name.

    Nothing is included and no raw HTML is let through. Directives and roles that docutils does not
    know give their content.
    """
    from docutils.core import publish_doctree, publish_from_doctree

    text = decode(data)
    _know_all(text)
    tree = publish_doctree(text, settings_overrides=dict(_SETTINGS))
    metadata = dict(_metadata(tree))
    anchors = anchors_of(_sections(tree))
    _as_prose(tree)
    html = publish_from_doctree(tree, writer="html5", settings_overrides=dict(_SETTINGS))
    body = html[html.find("<body") :].replace("<aside", "<div").replace("</aside", "</div")
    return Parsed(
        str(tree.get("title") or "") or PurePath(name).stem,
        html_to_markdown(_marked(body)),
        metadata,
        anchors=anchors,
    )


def _marked(html: str) -> str:
    """With code in the elements that say so."""
    return _LITERAL.sub(r"<code>\1</code>", _LISTING.sub(r'<pre class="language-\1">', html))


def _know_all(text: str) -> None:
    """Teach docutils the names it would refuse: what stands in them would be lost.

    It keeps them for the process, which is the sandbox's for this one document.
    """
    from docutils.parsers.rst import directives, roles
    from docutils.parsers.rst.languages import en
    from docutils.utils import new_document

    for name in _names(_DIRECTIVE, text):
        found, _ = directives.directive(name, en, new_document(""))  # type: ignore[arg-type]  # stubs
        if found is None:
            directives.register_directive(name, _unknown_directive())
        else:
            found.option_spec = _AnyOption(found.option_spec or {})
    for name in _names(_ROLE, text) - en.roles.keys():
        roles.register_local_role(name, _unknown_role)  # type: ignore[arg-type]  # stubs: references


def _names(pattern: re.Pattern[str], text: str) -> set[str]:
    return {match[1].lower() for match in pattern.finditer(text)}


class _AnyOption(dict[str, Any]):
    """Sphinx has more options than docutils, which drops a directive for one it does not know."""

    def __missing__(self, key: str) -> Any:
        return lambda value: value


def _unknown_directive() -> type[Any]:
    """What stands after the name in bold, then the content; options are left out."""
    from docutils import nodes
    from docutils.parsers.rst import Directive

    class Unknown(Directive):
        optional_arguments = 1
        final_argument_whitespace = True
        has_content = True
        option_spec = _AnyOption()

        def run(self) -> list[nodes.Node]:
            if self.name in _WITHOUT_CONTENT:
                return []
            held = nodes.container()
            if self.arguments:
                held += nodes.paragraph(
                    "", "", nodes.strong(text=" ".join(self.arguments[0].split()))
                )
            self.state.nested_parse(self.content, self.content_offset, held)
            return [held]

    return Unknown


def _unknown_role(
    name: str, rawtext: str, text: str, lineno: int, inliner: object, *_: object
) -> "tuple[list[nodes.Node], list[nodes.system_message]]":
    """The text that a reader sees: ``title <target>`` is the title, ``~a.b.c`` is c."""
    del rawtext, lineno, inliner
    from docutils import nodes

    plain = text.replace("\0", "")
    if match := _TARGETED.match(plain):
        plain = match[1]
    elif plain.startswith("~"):
        plain = plain.rpartition(".")[2].lstrip("~")
    code = _CODE_ROLES.fullmatch(name.rpartition(":")[2].lower())
    return [nodes.literal(text=plain) if code else nodes.inline(text=plain)], []


def _metadata(tree: "nodes.document") -> Iterator[tuple[str, str]]:
    """The fields at the head of the document."""
    from docutils import nodes

    for info in tree.findall(nodes.docinfo):
        for field in info.children:
            if isinstance(field, nodes.field):
                yield field[0].astext(), field[1].astext()
            else:
                yield type(field).__name__, field.astext()


def _as_prose(tree: "nodes.document") -> None:
    """Admonitions become quotes that begin with their name; the fields at the head go."""
    from docutils import nodes

    for info in list(tree.findall(nodes.docinfo)):
        info.parent.remove(info)
    for one in list(tree.findall(nodes.Element)):
        if not isinstance(one, nodes.Admonition):
            continue
        named = nodes.paragraph("", "", nodes.strong(text=type(one).__name__.capitalize()))
        held = [] if one.tagname == "admonition" else [named]
        one.parent.replace(one, nodes.block_quote("", *held, *one.children))


def _sections(tree: "nodes.document") -> Iterator[tuple[str, str | None]]:
    from docutils import nodes

    for section in tree.findall(nodes.section):
        ids = section["ids"]
        yield " ".join(section[0].astext().split()), str(ids[0]) if ids else None


FORMAT = Format((".rst", ".rest"), parse_rst)
