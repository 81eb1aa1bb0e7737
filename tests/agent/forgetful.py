"""A training of seconds keeps nothing to go on with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Forgetful:
    """A training's memory that starts empty; a head asks nothing of it."""

    run: int = 0
    remembered: Mapping[str, Any] = field(default_factory=dict)

    async def remember(self, **facts: Any) -> None:
        del facts

    async def wanted(self) -> bool:
        return True

    def say(self, line: str) -> None:
        del line
