"""What the app listens to, as its listeners register it."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

from bot.slack import listeners


class _Recorder:
    """Stands where Bolt's app stands, and keeps what is registered instead of serving it."""

    def __init__(self) -> None:
        self.heard: set[tuple[str, str]] = set()

    def __getattr__(self, kind: str) -> Callable[..., Callable[[Any], Any]]:
        def register(given: Any) -> Callable[[Any], Any]:
            given = given.get("callback_id") if isinstance(given, dict) else given
            self.heard.add((kind, given if isinstance(given, str) else "*"))
            return lambda function: function

        return register


def listened() -> set[tuple[str, str]]:
    """The kind and the id of each listener: ``("command", "/ask")``; ``*`` stands for the rest."""
    recorder = _Recorder()
    for module in pkgutil.iter_modules(listeners.__path__, f"{listeners.__name__}."):
        register = importlib.import_module(module.name).register
        register(*((recorder, None) if register.__code__.co_argcount > 1 else (recorder,)))
    return recorder.heard
