"""Slack's request signature.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import re

_WINDOW_S = 300
"""A replay within it is absorbed by the ledger's unique keys."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The ``X-Slack-Signature`` of a body sent at ``timestamp`` (seconds, as text)."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def is_genuine(secret: str, timestamp: str, signature: str, body: bytes, now: float) -> bool:
    """Whether Slack sent this body within five minutes of ``now`` (seconds since 1970)."""
    if not _TIMESTAMP.fullmatch(timestamp) or not signature.isascii():
        return False
    if abs(now - int(timestamp)) > _WINDOW_S:
        return False
    return hmac.compare_digest(sign(secret, timestamp, body), signature)
