"""A circuit breaker: an endpoint that keeps failing is left alone for a while, then tried once.

Closed → (enough failures within the window) → open → (rest is over) → half open: one trial, whose
outcome closes or opens it again.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Breaker:
    """For one endpoint in one process; seconds by ``clock``."""

    failures: int = 3
    window_s: float = 60.0
    rest_s: float = 30.0
    clock: Callable[[], float] = time.monotonic
    _failed_at: deque[float] = field(default_factory=deque, repr=False)
    _open_until: float | None = None
    _trial: bool = False

    def admits(self) -> bool:
        """Whether to ask now. True owes `worked`, `failed` or `gave_up`."""
        if self._open_until is None:
            return True
        if self._trial or self.clock() < self._open_until:
            return False
        self._trial = True
        return True

    def worked(self) -> None:
        """The endpoint answered, be it with a refusal that is the request's own fault."""
        self._failed_at.clear()
        self._open_until, self._trial = None, False

    def failed(self) -> None:
        """It did not answer, or broke off."""
        now = self.clock()
        self._failed_at.append(now)
        while self._failed_at[0] <= now - self.window_s:
            self._failed_at.popleft()
        if self._trial or len(self._failed_at) >= self.failures:
            self._open_until = now + self.rest_s
        self._trial = False

    def gave_up(self) -> None:
        """Whoever asked went away before the endpoint could show anything."""
        self._trial = False
