"""One HTTP request over a connection that the guard has checked, within bounds of time and size.

No proxy of the environment, no cookie and no credential is used: a proxy would look names up
itself, out of the guard's sight. Each request has a connection of its own, so each is checked.
"""

import ssl
import time
import zlib
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

import httpcore2

from knowledge.errors import UnreadableDocument
from knowledge.sources.web_guard import Guard
from knowledge.sources.web_reply import NoAnswer, Reply
from knowledge.sources.web_robots import PRODUCT
from knowledge.sources.web_urls import WebAddress

_CONNECT_S = 10.0
_SILENCE_S = 15.0

_HEADERS = (
    ("User-Agent", f"{PRODUCT}/1 (reads pages into its team's knowledge base)"),
    ("Accept", "text/html, application/xhtml+xml, text/markdown, application/pdf, */*;q=0.8"),
    ("Accept-Encoding", "gzip"),
    ("Connection", "close"),
)


def request(
    address: WebAddress, guard: Guard, tls: ssl.SSLContext, *, seconds: float, size: int
) -> Reply:
    """GET it, without following a redirect; blocking, for at most about ``seconds``.

    Raises UnreadableDocument where the guard refuses or the body has more than ``size`` bytes,
    packed or unpacked, and NoAnswer.
    """
    guard.check_port(address)
    backend = _GuardedBackend(guard, time.monotonic() + seconds)
    scheme, host = address.scheme.encode(), address.host.encode()
    origin = httpcore2.Origin(scheme, host, address.port)
    url = httpcore2.URL(scheme=scheme, host=host, port=address.port, target=address.target)
    headers = [("Host", address.origin.partition("//")[2]), *_HEADERS]
    timeouts = {"connect": _CONNECT_S, "read": _SILENCE_S, "write": _SILENCE_S}
    try:
        with (
            httpcore2.HTTPConnection(origin, tls, network_backend=backend) as connection,
            connection.stream(
                "GET", url, headers=headers, extensions={"timeout": timeouts}
            ) as response,
        ):
            return _reply(address, response, size)
    except httpcore2.TimeoutException as error:
        raise NoAnswer(f"{address.host} was too slow") from error
    except httpcore2.ConnectError as error:
        reason = f" ({cause.verify_message})" if (cause := _untrusted(error)) else ""
        raise NoAnswer(f"{address.host} could not be connected to{reason}") from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise NoAnswer(f"{address.host} broke the connection off") from error


def unpacked(packed: Iterable[bytes], size: int) -> bytes:
    """Gzip to bytes; raises UnreadableDocument for more than ``size`` of them, or damage."""
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    parts: list[bytes] = []
    left = size
    try:
        for part in packed:
            waiting = part
            while waiting:
                parts.append(unpacker.decompress(waiting, left + 1))
                left -= len(parts[-1])
                if left < 0:
                    raise UnreadableDocument(_too_large(size))
                waiting = unpacker.unconsumed_tail
            if unpacker.eof:
                break
    except zlib.error as error:
        raise UnreadableDocument("its compression is damaged") from error
    if not unpacker.eof:
        raise UnreadableDocument("its compression ends too early")
    return b"".join(parts)


def _reply(address: WebAddress, response: httpcore2.Response, size: int) -> Reply:
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
    }
    if response.status != HTTPStatus.OK:
        return Reply(address, response.status, headers, b"")
    encoding = headers.get("content-encoding", "").strip().lower()
    stream = _bounded(response.iter_stream(), size)
    if encoding in {"", "identity"}:
        body = b"".join(stream)
    elif encoding in {"gzip", "x-gzip"}:
        body = unpacked(stream, size)
    else:
        raise UnreadableDocument(f"its compression {encoding[:40]!r} was not asked for")
    return Reply(address, response.status, headers, body)


def _bounded(stream: Iterable[bytes], size: int) -> Iterator[bytes]:
    left = size
    for part in stream:
        left -= len(part)
        if left < 0:
            raise UnreadableDocument(_too_large(size))
        yield part


def _too_large(size: int) -> str:
    return f"it has more than the {size:,} bytes allowed"


def _untrusted(error: Exception) -> ssl.SSLCertVerificationError | None:
    cause = error.__cause__
    return cause if isinstance(cause, ssl.SSLCertVerificationError) else None


class _GuardedBackend(httpcore2.NetworkBackend):
    """Connects where the guard says; nothing on its connections lasts beyond the deadline."""

    def __init__(self, guard: Guard, deadline: float) -> None:
        self._guard = guard
        self._deadline = deadline
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """To the first of the checked addresses that answers."""
        problem: Exception = httpcore2.ConnectError("no address")
        for address in self._guard.addresses(host, port):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, _left(self._deadline, timeout), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
            else:
                return _TimedStream(stream, self._deadline)
        raise problem


class _TimedStream(httpcore2.NetworkStream):
    """A stream whose every step ends by the deadline, however steadily its bytes drip."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(self._deadline, timeout)
        return _TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the time for this request is over")
    return left if timeout is None else min(left, timeout)
