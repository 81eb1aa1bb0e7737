"""What the app listens to, as its listeners register it."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.slack import listeners


class _Recorder:
    """Stands where Bolt's app stands, and keeps what is registered instead of serving it."""

    def __init__(self) -> None:
        self.heard: set[tuple[str, str]] = set()

    def __getattr__(self, kind: str) -> Callable[..., Callable[[Any], Any]]:
        def register(
            given: str | re.Pattern[str] | Mapping[str, Any],
            matchers: Sequence[Callable[..., Any]] = (),
            **_: Any,
        ) -> Callable[[Any], Any]:
            given = str(given["callback_id"]) if isinstance(given, Mapping) else given
            named = given if isinstance(given, str) else given.pattern
            name = ".".join((named, *(one.__name__ for one in matchers)))
            self.heard.add(("shortcut" if kind.endswith("_shortcut") else kind, name))
            return lambda function: function

        return register


def listened() -> set[tuple[str, str]]:
    """The kind and the id of each listener: ``("command", "/ask")``.

    An id that is a pattern stays one; one that only some matcher lets through has its name behind:
    ``("event", "message.is_below_a_task")``.
    """
    recorder = _Recorder()
    for module in pkgutil.iter_modules(listeners.__path__, f"{listeners.__name__}."):
        register = importlib.import_module(module.name).register
        register(*((recorder, None) if register.__code__.co_argcount > 1 else (recorder,)))
    return recorder.heard
