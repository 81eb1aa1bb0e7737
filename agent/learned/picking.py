"""Which version answers a question: the one for everyone, the canary, or none. Pure."""

import hashlib

from agent.answers import Question
from agent.learned.promotions import Canary, Serving, Standing
from knowledge.documents import Reader


def picked(standing: Standing, question: Question) -> int | None:
    """The version that this question's readers get; None: the documents alone.

    A model trained on what only some may see answers only readers who hold one of those
    principals; a canary that they may not have leaves them what everyone has.
    """
    for serving in (standing.canary, standing.live):
        if serving is None or not may_ask(serving, question.reader):
            continue
        if serving.canary is None or _meets(serving.canary, serving.version, question):
            return serving.version
    return None


def may_ask(serving: Serving, reader: Reader) -> bool:
    """Whether all who read along may see every pair that the version was trained on."""
    return bool(set(serving.audience) & set(reader.principals))


def _meets(canary: Canary, version: int, question: Question) -> bool:
    principals = question.reader.principals
    # Somebody asking alone is in many channels, and in none of them.
    alone = any(one.startswith("user:") for one in principals)
    if not alone and any(f"channel:{channel}" in principals for channel in canary.channels):
        return True
    return canary.share is not None and _place(version, question) < canary.share


def _place(version: int, question: Question) -> float:
    """In 0..1, the same for a whole conversation in every process; new for each version."""
    asked = question.thread or " ".join(question.text.casefold().split())
    digest = hashlib.sha256(f"{version}\0{asked}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
