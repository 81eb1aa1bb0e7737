"""What comes back from a web server, and that nothing does."""

from dataclasses import dataclass

from knowledge.errors import UnreadableDocument
from knowledge.sources.web_urls import WebAddress


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer; ``headers`` with lower-case names, ``body`` decompressed."""

    address: WebAddress
    status: int
    headers: dict[str, str]
    body: bytes


class NoAnswer(UnreadableDocument):
    """The server could not be reached, or broke off, or was too slow: it may be well tomorrow."""
