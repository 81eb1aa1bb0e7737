"""The steps of the registry as values: what answers whom, since when, and on which grounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Action = Literal["promote", "canary", "withdraw", "rollback"]


@dataclass(frozen=True, slots=True)
class Canary:
    """Who gets a version before everyone: those in some channels, or a share of all questions."""

    channels: tuple[str, ...] = ()
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """A version that answers; ``audience`` may see all that it was trained on."""

    version: int
    audience: tuple[str, ...]
    canary: Canary | None = None
    """None: it answers everyone."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What answers now: a version for everyone, and perhaps one on trial beside it."""

    live: Serving | None = None
    canary: Serving | None = None


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a promotion rests on; ``forced``: on no passing verdict, only on the reason."""

    reason: str
    evaluation: int | None = None
    forced: bool = False
    author: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the registry's history; ``verdict`` is the evaluation's."""

    version: int
    action: Action
    grounds: Grounds
    canary: Canary
    verdict: str | None
    created_at: datetime
