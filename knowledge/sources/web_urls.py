"""Web addresses in one written form, so that the same page has the same name each time."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from knowledge.errors import InvalidInput

URL_LIMIT = 2000
"""Bytes; longer ones are not stored, and few servers take them."""

DEFAULT_PORTS = {"http": 80, "https": 443}

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_UNWRITABLE = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
_KEPT = "/?:@!$&'()*+,;=-._~%[]"
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An http or https URL without fragment and credentials; ``host`` is lower-case ASCII.

    ``target`` is the path and the query, percent-encoded, its dot segments resolved.
    """

    scheme: str
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"

    @property
    def origin(self) -> str:
        """Scheme, host and, unless it is the scheme's own, the port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        own = self.port == DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{host}" if own else f"{self.scheme}://{host}:{self.port}"

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def joined(self, reference: str) -> "WebAddress":
        """The address that a link on this page leads to; raises InvalidInput."""
        try:
            return web_address(urljoin(str(self), reference.strip()))
        except ValueError as error:
            raise InvalidInput(f"{_shown(reference)} is not a web address") from error

    def same_site(self, other: "WebAddress") -> bool:
        """Whether the hosts are the same but for a leading ``www.``."""
        return self.host.removeprefix("www.") == other.host.removeprefix("www.")


def is_web(path: object) -> bool:
    """Whether what an admin named is meant as a web address and not as a file."""
    return isinstance(path, str) and bool(_SCHEME.match(path))


def web_address(url: str) -> WebAddress:
    """Read a URL; raises InvalidInput for what is none, or names a user or a password."""
    if not _SCHEME.match(url):
        raise InvalidInput(f"{_shown(url)} does not begin with http:// or https://")
    if len(url) > URL_LIMIT or _UNWRITABLE.search(url):
        raise InvalidInput(f"{_shown(url)} is not a web address: it is too long or has blanks")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii(parts.hostname or "")
    except ValueError as error:
        raise InvalidInput(f"{_shown(url)} is not a web address") from error
    if "@" in parts.netloc:
        # The URL itself is not repeated: it holds a password.
        raise InvalidInput(f"the URL of {host} names a user or a password: leave them out")
    if not host or port == 0:
        raise InvalidInput(f"{_shown(url)} is not a web address: it names no host")
    query = f"?{written(parts.query)}" if parts.query else ""
    target = _resolved(written(parts.path)) + query
    address = WebAddress(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], target)
    if len(str(address)) > URL_LIMIT:
        raise InvalidInput(f"{_shown(url)} is longer than {URL_LIMIT} bytes")
    return address


def written(text: str) -> str:
    """A path or query percent-encoded where it must be and only there, escapes in capitals."""
    return _ESCAPE.sub(_escape, quote(text, safe=_KEPT))


def _escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower().rstrip(".")
    return host.encode("idna").decode().lower().rstrip(".")


def _resolved(path: str) -> str:
    """The path without ``.`` and ``..`` segments (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _shown(url: str) -> str:
    return repr(url if len(url) <= 100 else f"{url[:100]}…")  # noqa: PLR2004 -- a line's worth
