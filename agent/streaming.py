"""A model's text on its way to a person who watches it being written."""

import re
from collections.abc import Callable

from agent.gate import neutral
from agent.prompting.prompts import UNKNOWN

_SAFE_CUT = re.compile(r"(?<=[.!?])\s|(?<=[。！？])|\n")
_OPENERS = {"]": "[", ")": "(", ">": "<"}


class Gatekeeper:
    """Holds text back until a sentence is whole, and lets it pass without links and mentions.

    A ping or a link must not appear even for the moment until the final check replaces the text.
    """

    def __init__(self, passed: Callable[[str], None]) -> None:
        self._passed = passed
        self._held = ""

    def hear(self, delta: str) -> None:
        """Take the next piece; pass on what is whole."""
        self._held += delta
        for cut in reversed(list(_SAFE_CUT.finditer(self._held))):
            ready, rest = self._held[: cut.end()], self._held[cut.end() :]
            if _balanced(ready):
                self._held = rest
                self._pass(ready)
                return

    def close(self) -> None:
        """Pass on the rest, unless the model only said that it does not know."""
        held, self._held = self._held, ""
        if held.strip() != UNKNOWN:
            self._pass(held)

    def _pass(self, text: str) -> None:
        ending = text[len(text.rstrip()) :]
        if cleaned := neutral(text):
            self._passed(cleaned + ending)


def _balanced(text: str) -> bool:
    return all(text.count(opener) <= text.count(closer) for closer, opener in _OPENERS.items())
