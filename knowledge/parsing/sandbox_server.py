"""The far side of the sandbox: a small process that forks for each file and limits the fork.

It is started with an empty environment and no open files but its two pipes, so that there is
nothing for a hostile file to take. It reads requests from its input, a name and the file's bytes,
and answers with one JSON document each. The pipes carry a length of eight bytes before each part.
"""

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress
from typing import IO, Any

from knowledge.errors import UnreadableDocument

_MEMORY = 1_500_000_000
_CPU_S = 20
_WALL_S = 25
_ANSWER_BYTES = 40_000_000
_FILES = 32
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_LENGTH = 8

_REFUSED = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "ctypes.",
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main() -> None:
    """Serve until the input ends: the parent closed it, or is gone."""
    from knowledge.parsing import known_formats

    known_formats()
    for module in ("pypdf", "docx", "pptx", "openpyxl", "bs4", "lxml.etree", "lxml.html"):
        __import__(module)  # every fork has them at once
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    while (name := receive(incoming)) is not None:
        data = receive(incoming)
        if data is None:
            return
        send(outgoing, _answer(name.decode(), data))


def receive(stream: IO[bytes]) -> bytes | None:
    """One part; None when the stream has ended."""
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    size = int.from_bytes(head, "big")
    part = stream.read(size)
    return part if len(part) == size else None


def send(stream: IO[bytes], part: bytes) -> None:
    """Write one part and push it out."""
    stream.write(len(part).to_bytes(_LENGTH, "big"))
    stream.write(part)
    stream.flush()


def _answer(name: str, data: bytes) -> bytes:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _parse_and_exit(name, data, writing)
    os.close(writing)
    try:
        answer, problem = _collected(reading)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return answer or _refusal(problem or _ended(status))


def _collected(reading: int) -> tuple[bytes, str]:
    """What the child wrote until it closed the pipe, or what it did wrong."""
    parts: list[bytes] = []
    size = 0
    deadline = time.monotonic() + _WALL_S
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([reading], [], [], left)[0]:
            break
        part = os.read(reading, 1 << 20)
        if not part:
            return b"".join(parts), ""
        parts.append(part)
        size += len(part)
        if size > _ANSWER_BYTES:
            return b"", "it unfolds to more text than a document may have"
    return b"", f"reading it takes more than {_WALL_S} s"


def _ended(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return f"reading it takes more than {_CPU_S} s of computing"
        return f"its parser crashed ({signal.Signals(number).name})"
    return "its parser ended without a word"


def _refusal(reason: str) -> bytes:
    return json.dumps({"unreadable": reason}).encode()


def _parse_and_exit(name: str, data: bytes, writing: int) -> None:
    """In the fork, which never returns: parse under limits and write the answer."""
    try:
        _confine()
        answer = _parsed(name, data)
    except MemoryError:
        answer = _refusal(f"reading it takes more than {_MEMORY // 1_000_000:,} MB of memory")
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the file's fault
        answer = _refusal(f"it cannot be parsed ({type(error).__name__})")
    try:
        for start in range(0, len(answer), 1 << 20):
            os.write(writing, answer[start : start + (1 << 20)])
    finally:
        os._exit(0)


def _parsed(name: str, data: bytes) -> bytes:
    from knowledge.parsing import parse_here

    try:
        parsed = parse_here(data, name)
    except UnreadableDocument as error:
        return _refusal(str(error))
    return json.dumps(
        {
            "title": parsed.title,
            "text": parsed.text,
            "metadata": dict(parsed.metadata),
            "uri": parsed.uri,
            "updated_at": parsed.updated_at and parsed.updated_at.isoformat(),
            "anchors": dict(parsed.anchors),
        },
        default=str,
    ).encode("utf-8", "surrogatepass")


def _confine() -> None:
    """No network, no new files or processes, little memory and time."""
    os.nice(5)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # the requests and the answers are not the fork's
        os.dup2(nothing, stream)
    with suppress(OSError, AttributeError):  # where there is no such call, the hook below must do
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    # The soft limit's signal says what it was; the hard one's would be any kill.
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S + 1))
    sys.setrecursionlimit(2_000)
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED):
        raise PermissionError(f"a file's parser may not do this: {event}")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
        raise PermissionError("a file's parser may not write")
