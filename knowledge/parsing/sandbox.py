"""Foreign files are parsed in a process of their own, which may use little and reach nothing.

What comes back is as foreign as the file: it is checked like any input. See `sandbox_server` for
the limits. One server serves one caller at a time; it starts with the first file, in about half a
second, and each file then costs a fork of some milliseconds.
"""

import atexit
import json
import select
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from knowledge.errors import UnreadableDocument
from knowledge.parsing.parsed import MAX_CHARACTERS, MAX_TITLE, Parsed
from knowledge.parsing.sandbox_server import receive, send

_PATIENCE_S = 60
"""The server answers within its own limit of 25 s; more, and it is given up."""

_ANCHORS = 20_000
_START = "import sys; sys.path[:] = sys.argv[1:]; from knowledge.parsing.sandbox_server import main"


class Sandbox:
    """Parses files in forks of one server process, which is started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None

    def parse(self, data: bytes, name: str) -> Parsed:
        """As `knowledge.parsing.parse_here`, whatever the bytes do; blocking, up to a minute."""
        with self._lock:
            answer = self._asked(data, name)
        try:
            return _checked(json.loads(answer))
        except (ValueError, TypeError, KeyError) as error:
            raise UnreadableDocument("its parser gave no sensible answer") from error

    def close(self) -> None:
        """End the server."""
        server, self._server = self._server, None
        if server is not None:
            server.kill()
            for pipe in (server.stdin, server.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            server.wait()

    def _asked(self, data: bytes, name: str) -> bytes:
        if self._server is None or self._server.poll() is not None:
            self.close()
            self._server = _started()
            atexit.register(self.close)
        incoming, outgoing = self._server.stdin, self._server.stdout
        assert incoming is not None  # noqa: S101 - both are pipes
        assert outgoing is not None  # noqa: S101 - as above
        try:
            send(incoming, name.encode("utf-8", "replace"))
            send(incoming, data)
            ready = select.select([outgoing], [], [], _PATIENCE_S)[0]
            answer = receive(outgoing) if ready else None
        except OSError:
            answer = None
        if answer is None:
            self.close()
            raise UnreadableDocument("its parser was killed or hangs")
        return answer


def _started() -> subprocess.Popen[bytes]:
    """With no environment, hence no tokens and keys, and none of our files and sockets."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and code
        (sys.executable, "-I", "-B", "-c", f"{_START}; main()", *sys.path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
        start_new_session=True,  # Ctrl-C is the upload's to answer
    )


def _checked(answer: Mapping[str, object]) -> Parsed:
    from knowledge.parsing.decoding import clean
    from knowledge.parsing.front_matter import plain

    reason = answer.get("unreadable")
    if reason is not None:
        raise UnreadableDocument(" ".join(clean(str(reason)).split())[:MAX_TITLE])
    text, metadata, anchors = answer["text"], answer["metadata"], answer["anchors"]
    uri, moment = answer["uri"], answer["updated_at"]
    if not isinstance(text, str) or not isinstance(metadata, dict) or not isinstance(anchors, dict):
        raise TypeError("not a parsed document")
    if len(text) > MAX_CHARACTERS:
        raise UnreadableDocument(f"its text exceeds {MAX_CHARACTERS:,} characters: split it")
    if len(anchors) > _ANCHORS:
        anchors = {}
    return Parsed(
        title=clean(str(answer["title"]))[:MAX_TITLE],
        text=clean(text),
        metadata={clean(str(key)): plain(value) for key, value in metadata.items()},
        uri=None if uri is None else clean(str(uri)),
        updated_at=None if moment is None else datetime.fromisoformat(str(moment)),
        anchors={clean(str(key)): clean(str(value)) for key, value in anchors.items()},
    )


SANDBOX = Sandbox()
"""The process's own; nothing runs until it is asked for the first file."""
