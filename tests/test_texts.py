"""Everything that people are told exists in both languages, with the same places to fill."""

import importlib
import pkgutil
from collections.abc import Iterator
from string import Formatter

import agent
import bot
from agent.texts import Text


def _texts() -> Iterator[tuple[str, Text]]:
    for package in (agent, bot):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                held = [*value.values()] if isinstance(value, dict) else [value]
                held = [*value] if isinstance(value, tuple) else held
                yield from ((f"{module.name}.{name}", one) for one in held if type(one) is Text)


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_text_is_in_both_languages_with_the_same_places() -> None:
    wrong = [
        name
        for name, text in _texts()
        if not text.en or not text.zh or _places(text.en) != _places(text.zh)
    ]
    assert wrong == []


def test_a_text_is_given_in_the_readers_language() -> None:
    text = Text("Hello {name}", "{name}，您好")
    assert text.to("en", name="Ada") == "Hello Ada"
    assert text.to("zh", name="Ada") == "Ada，您好"
