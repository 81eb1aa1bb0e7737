"""E-mail as saved by a mail program: what its sender wrote, without what was quoted."""

import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import PurePath

from knowledge.errors import UnreadableDocument
from knowledge.parsing.decoding import clean
from knowledge.parsing.formats.html import html_to_markdown
from knowledge.parsing.parsed import Format, Parsed

_FIELDS = ("From", "To", "Cc", "Date")
_LONGEST_FIELD = 300
_MOST_PARTS = 500
_QUOTED = re.compile(r"^>.*$\n?", re.MULTILINE)
_INTRODUCTION = re.compile(
    r"\n(?:On [^\n]{5,200}wrote:|Am [^\n]{5,200}schrieb[^\n]{0,100}:|Le [^\n]{5,200}a écrit\s?:"
    r"|在[^\n]{5,200}写道[::])\s*\Z"
)
_FORWARDED = re.compile(
    r"^(?:-{3,} ?(?:Original Message|Ursprüngliche Nachricht|原始邮件) ?-{3,}|_{10,})\s*$",
    re.MULTILINE,
)
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)


def parse_mail(data: bytes, name: str) -> Parsed:
    """The subject is the title; attachments are named, not read.

    Raises UnreadableDocument for what holds no text a person wrote.
    """
    message = BytesParser(policy=policy.default).parsebytes(data)
    parts = list(_parts(message))
    if not message["From"] and not message["Subject"]:
        raise UnreadableDocument("it is no e-mail: it has neither a sender nor a subject")
    fields = {field: _field(message, field) for field in _FIELDS}
    told = {field: value for field, value in fields.items() if value}
    head = "\n".join(f"- **{field}**: {value}" for field, value in told.items())
    attached = [shown for part in parts if (shown := _attachment(part))]
    tail = f"Attachments (not read): {', '.join(attached)}" if attached else ""
    body = _body(message)
    if not body and not attached:
        raise UnreadableDocument("it has no text")
    try:
        sent = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError, IndexError):
        sent = None
    return Parsed(
        _field(message, "Subject") or PurePath(name).stem,
        "\n\n".join(part for part in (head, body, tail) if part),
        {field.lower(): value for field, value in told.items()},
        updated_at=sent,
    )


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    for number, part in enumerate(message.walk()):
        if number == _MOST_PARTS:
            raise UnreadableDocument(f"it has more than {_MOST_PARTS} parts")
        if isinstance(part, EmailMessage):
            yield part


def _field(message: EmailMessage, name: str) -> str:
    """A header's words; hostile ones may break the parser in many ways."""
    try:
        value = str(message[name] or "")
    except (ValueError, IndexError, LookupError, AttributeError, TypeError):
        return ""
    short = " ".join(clean(value).split())
    return short if len(short) <= _LONGEST_FIELD else f"{short[: _LONGEST_FIELD - 1]}…"


def _attachment(part: EmailMessage) -> str | None:
    if part.get_content_disposition() != "attachment":
        return None
    return " ".join(clean(part.get_filename() or "without a name").split())[:_LONGEST_FIELD]


def _body(message: EmailMessage) -> str:
    """Plain text where there is any, else the HTML; quotes and the signature are left out."""
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        content = str(part.get_content())
    except (LookupError, UnicodeError) as error:
        raise UnreadableDocument(
            f"its text is in an encoding that is not known: {error}"
        ) from error
    if part.get_content_subtype() == "html":
        return html_to_markdown(content)
    text = clean(content)
    if forwarded := _FORWARDED.search(text):
        text = text[: forwarded.start()] or text
    if signature := _SIGNATURE.search(text):
        text = text[: signature.start()] or text
    own = _QUOTED.sub("", text).rstrip()
    return _INTRODUCTION.sub("", f"\n{own}").strip() or text.strip()


FORMAT = Format((".eml",), parse_mail)
