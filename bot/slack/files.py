"""The files of a message: what Slack says of them, their bytes, and what they say.

The token is only ever sent to Slack itself: an address comes with the message, and whoever can
make a message could otherwise have it sent anywhere.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Mapping
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import SplitResult, urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from agent.mentions import AttachedFile
from agent.reading.languages import Language
from agent.texts import Text
from bot.slack.connection import answered
from bot.slack.errors import Refused, SlackError
from knowledge.documents import Document
from knowledge.errors import UnreadableDocument
from knowledge.parsing import MAX_BYTES, Parsed, known_formats, parse

logger = logging.getLogger(__name__)

UNKNOWN_FORMAT = Text(
    en="I do not know its format; I read PDF, Word, Excel, PowerPoint, web pages, e-mail and text",
    zh="我不认识这种格式；我能读 PDF、Word、Excel、PowerPoint、网页、邮件和文本",
)
TOO_LARGE = Text(en="it is larger than {limit} MB", zh="它超过了 {limit} MB")
ELSEWHERE = Text(en="its content is not kept in Slack", zh="它的内容不在 Slack 里")
NO_ACCESS = Text(
    en="Slack does not let me open it: whoever runs me can add the scope `files:read`",
    zh="Slack 不让我打开它：请管理员为我添加 `files:read` 权限",
)
GONE = Text(en="it has been deleted", zh="它已被删除")
NO_ANSWER = Text(
    en="Slack did not hand it over; attach it again to have me try again",
    zh="Slack 没有把它交给我；重新上传一次，我会再试",
)

_OK = 200
_GONE = frozenset({404, 410})
_PATIENCE = aiohttp.ClientTimeout(total=60)
_TRIES = 3
_PIECE = 1 << 16
_SLACK = re.compile(r"(?:[a-z0-9-]+\.)*slack(?:-gov)?\.com", re.IGNORECASE)
_SUFFIXES = {
    "text": ".txt",
    "plain_text": ".txt",
    "post": ".html",
    "quip": ".html",
    "canvas": ".html",
    "email": ".eml",
    "markdown": ".md",
    "python": ".py",
    "javascript": ".js",
    "shell": ".sh",
}
"""What Slack calls a format, where it is no suffix."""


def attached(message: Mapping[str, Any]) -> tuple[AttachedFile, ...]:
    """The files of a message, or of an event that is one."""
    files = message.get("files")
    given = files if isinstance(files, list) else []
    return tuple(_file(one) for one in given if isinstance(one, Mapping) and one.get("id"))


async def read_file(
    client: AsyncWebClient, file: AttachedFile, source: str, language: Language
) -> Document:
    """What the file says, parsed under the same limits as an upload's.

    Raises UnreadableDocument with a reason in the person's language where it is ours to give.
    """
    file = await _described(client, file)
    if file.elsewhere:
        raise UnreadableDocument(ELSEWHERE.to(language))
    if PurePath(file.name).suffix.lower() not in known_formats():
        raise UnreadableDocument(UNKNOWN_FORMAT.to(language))
    with TemporaryDirectory(prefix="knowhow-") as folder:
        path = Path(folder) / "file"
        await _downloaded(client, file, path, language)
        parsed = await asyncio.to_thread(_parsed, path, file.name)
    return Document(
        source=source,
        uri=file.link or file.url,
        title=file.name,
        text=parsed.text,
        metadata=parsed.metadata,
        updated_at=parsed.updated_at,
        anchors=parsed.anchors,
    )


def digest(document: Document, audience: tuple[str, ...]) -> str:
    """A hash of all that decides what is stored of it."""
    parts = (document.title, document.uri, document.text, *sorted(audience))
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()


def _file(said: Mapping[str, Any]) -> AttachedFile:
    name = str(said.get("name") or said.get("title") or said["id"])
    if PurePath(name).suffix.lower() not in known_formats():
        kind = str(said.get("filetype") or "")
        suffix = _SUFFIXES.get(kind, f".{kind}")
        name += suffix if suffix in known_formats() else ""
    size = said.get("size")
    return AttachedFile(
        id=str(said["id"]),
        name=name,
        url=str(said.get("url_private_download") or said.get("url_private") or ""),
        size=size if isinstance(size, int) else 0,
        link=str(said.get("permalink") or ""),
        elsewhere=said.get("mode") in {"external", "tombstone", "hidden_by_limit"}
        or said.get("is_external") is True,
    )


async def _described(client: AsyncWebClient, file: AttachedFile) -> AttachedFile:
    """The file as Slack knows it: in shared channels a message only names it."""
    if file.url or file.elsewhere:
        return file
    try:
        found = await answered(client.api_call("files.info", data={"file": file.id}))
    except SlackError as error:
        logger.warning("Slack does not describe file %s: %s", file.id, error)
        return file
    said = found.get("file")
    return _file({"id": file.id, **said}) if isinstance(said, Mapping) else file


async def _downloaded(
    client: AsyncWebClient, file: AttachedFile, path: Path, language: Language
) -> None:
    too_large = UnreadableDocument(TOO_LARGE.to(language, limit=MAX_BYTES // 1_000_000))
    if file.size > MAX_BYTES:
        raise too_large
    if not is_slacks(file.url, client.base_url):
        raise UnreadableDocument(ELSEWHERE.to(language))
    for attempt in range(_TRIES):
        try:
            if not await _streamed(client, file.url, path):
                raise too_large
        except Refused as error:
            said = GONE if error.code == "gone" else NO_ACCESS
            raise UnreadableDocument(said.to(language)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            logger.warning("file %s did not come: %s", file.id, type(error).__name__)
            await asyncio.sleep(attempt)
        else:
            return
    raise UnreadableDocument(NO_ANSWER.to(language))


async def _streamed(client: AsyncWebClient, url: str, path: Path) -> bool:
    """Whether the whole file is at the path now; False as soon as it is too large."""
    session = client.session
    if session is None:
        raise OSError("the client is closed")
    # Not redirected: what Slack does not give out, it answers with its login page.
    async with session.get(
        url,
        headers={"Authorization": f"Bearer {client.token}"},
        allow_redirects=False,
        timeout=_PATIENCE,
        proxy=client.proxy,
        ssl=client.ssl or True,
    ) as response:
        if response.status in _GONE:
            raise Refused("gone")
        if response.status >= 500 or response.status == 429:  # noqa: PLR2004 - HTTP's numbers
            raise OSError(f"status {response.status}")
        if response.status != _OK or _is_login_page(response, url):
            raise Refused("no access")
        size = 0
        with path.open("wb") as file:
            async for piece in response.content.iter_chunked(_PIECE):
                size += len(piece)
                if size > MAX_BYTES:
                    return False
                file.write(piece)
    return True


def _is_login_page(response: aiohttp.ClientResponse, url: str) -> bool:
    page = PurePath(urlsplit(url).path).suffix.lower() in {".html", ".htm", ".xhtml", ""}
    return response.content_type == "text/html" and not page


def is_slacks(url: str, api: str) -> bool:
    """Whether an address is Slack's own, or that of the server that stands in for it."""
    try:
        asked, ours = urlsplit(url), urlsplit(api)
        same = _origin(asked) == _origin(ours)
    except ValueError:
        return False
    slacks = all(_SLACK.fullmatch(address.hostname or "") for address in (asked, ours))
    return same or (slacks and asked.scheme == "https" and asked.port is None)


def _origin(address: SplitResult) -> tuple[str, str | None, int | None]:
    return address.scheme, address.hostname, address.port


def _parsed(path: Path, name: str) -> Parsed:
    return parse(path.read_bytes(), name)
