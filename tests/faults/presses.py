"""How people press buttons and fill in forms: again, as long as nobody acknowledges it."""

import asyncio
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tests.faults.crowd import Crowd
from tests.faults.slack import CLICK, ChaoticSlack, Json

Found = TypeVar("Found")

_PRESSES = 12
_FORM_WITHIN_S = 4.0
_AGAIN_AFTER_S = 1.0


class VoidError(Exception):
    """It cannot be gone on with, and that is no fault of ours: nothing was taken and dropped."""


@dataclass
class Presses:
    """Everybody's fingers. Raises VoidError where a press is never acknowledged."""

    slack: ChaoticSlack
    crowd: Crowd
    random: random.Random
    all: int = 0
    unheard: int = 0
    """Presses that were not acknowledged, or whose form did not open."""

    async def click(self, action: str, value: str, person: str, channel: str) -> None:
        """Press a button until it is acknowledged."""
        await self._taken(lambda: self.body(action, value, person, channel))

    async def form(self, body: Callable[[], Json], named: str) -> Json:
        """Press until the form is there: the one whose metadata begins so, or holds it."""
        for _ in range(_PRESSES):
            self.all += 1
            await self.crowd.press(body())
            try:
                async with asyncio.timeout(_FORM_WITHIN_S):
                    return await there(lambda: self._view(named))
            except TimeoutError:
                self.unheard += 1
        raise VoidError

    async def submit(self, view: Json, values: Json, person: str) -> None:
        """Send the same form off until it is taken."""
        body = self.slack.submit(view, values, user=person)
        await self._taken(lambda: body)

    def body(self, action: str, value: str, person: str, channel: str) -> Json:
        """One press of a button."""
        body = self.slack.click(action, value, user=person, channel=channel)
        url = f"{self.slack.url}response/{CLICK}{body['trigger_id']}"
        return body | {"response_url": url}

    async def _taken(self, body: Callable[[], Json]) -> None:
        for _ in range(_PRESSES):
            self.all += 1
            if await self.crowd.press(body()):
                return
            self.unheard += 1
            await asyncio.sleep(self.random.uniform(0, 2 * _AGAIN_AFTER_S))
        raise VoidError

    def _view(self, named: str) -> Json | None:
        kept = ((one, str(one.get("private_metadata"))) for one in reversed(self.slack.views))
        fits = (one for one, data in kept if data.startswith(named) or json.dumps(named) in data)
        return next(fits, None)


async def there(look: Callable[[], Found | None]) -> Found:
    """Wait until it is there."""
    while (found := look()) is None:
        await asyncio.sleep(0.2)
    return found


def value_of(message: Json, action: str, shape: str = r"[^']+") -> str:
    """What a button carries; there is none under apologies and small talk: VoidError."""
    blocks = str(message.get("blocks"))
    found = re.search(rf"'value': '({shape})'", blocks[max(0, blocks.find(f"'{action}'")) :])
    if f"'{action}'" not in blocks or found is None:
        raise VoidError
    return found[1]
