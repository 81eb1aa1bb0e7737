"""The file suffix, and so the parser, of what a web server sends."""

from pathlib import PurePath

from knowledge.errors import UnreadableDocument
from knowledge.parsing import known_formats

_OFFICE = "application/vnd.openxmlformats-officedocument"

_OF_TYPE = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "application/pdf": ".pdf",
    "text/csv": ".csv",
    "text/x-rst": ".rst",
    "text/asciidoc": ".adoc",
    "message/rfc822": ".eml",
    "application/x-ipynb+json": ".ipynb",
    f"{_OFFICE}.wordprocessingml.document": ".docx",
    f"{_OFFICE}.presentationml.presentation": ".pptx",
    f"{_OFFICE}.spreadsheetml.sheet": ".xlsx",
}

_NO_TEXT = ("image/", "audio/", "video/", "font/")


def suffix_of(content_type: str, path: str) -> str:
    """Of a known type; of a path where the type says too little; raises UnreadableDocument.

    A server says ``text/html`` for the page it shows instead of a missing PDF, so the type goes
    before the name.
    """
    named = PurePath(path).suffix.lower()
    suffix = _OF_TYPE.get(content_type)
    if suffix in known_formats():
        return suffix
    if named in known_formats() and not content_type.startswith(_NO_TEXT):
        return named
    if content_type == "text/plain":
        return ".txt"
    kind = content_type[:80] or "without a type"
    raise UnreadableDocument(f"content {kind} is not supported")
