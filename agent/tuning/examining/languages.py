"""The language of a pair: by its script where that decides, else by py3langid; unsure stays empty.

Lui and Baldwin 2012, "langid.py: An off-the-shelf language identification tool".
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from agent.tuning.examining.findings import Examined, Finding, World
from knowledge.embedding.scripts import dominant_script, letters_by_script

_LANGUAGES = [
    "ar",
    "bg",
    "bn",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fa",
    "fi",
    "fr",
    "he",
    "hi",
    "hr",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "lt",
    "lv",
    "nl",
    "no",
    "pl",
    "pt",
    "ro",
    "ru",
    "sk",
    "sl",
    "sv",
    "th",
    "tr",
    "uk",
    "ur",
    "vi",
    "zh",
]
"""What teams write in; the hundred others are mostly what a short English text is mistaken for."""

_LEAST_LETTERS = 20
_LEAST_SURE = 0.9
_UNSPOKEN = re.compile(r"```.*?```|`[^`\n]*`|https?://\S+|\S+@\S+|[\w./\\-]*[/\\_]\S*", re.DOTALL)
_LONGEST = 300  # characters; more make it no surer


def find(pairs: Sequence[Examined], _: World) -> list[Finding]:
    """Answers in another language than their question, both being sure."""
    found = []
    for one in pairs:
        asked, answered = language_of(one.question), language_of(one.answer)
        if asked and answered and asked != answered:
            why = f"the question is in {asked}, the answer in {answered}"
            found.append(Finding("language", "note", (one.id,), why))
    return found


def languages(pairs: Sequence[Examined]) -> dict[int, str]:
    """ISO 639-1 code of each pair by its id: the stored one, else the question's, else both's."""
    return {
        one.id: one.language
        or language_of(one.question)
        or language_of(f"{one.question}\n{one.answer}")
        for one in pairs
    }


def language_of(text: str) -> str:
    """ISO 639-1 code; empty for code, names and texts of a few words, which fit several."""
    said = _UNSPOKEN.sub(" ", text[:_LONGEST])
    script = dominant_script(said)
    if script is None:
        return ""
    if script == "cjk":
        if any("\u3040" <= character <= "\u30ff" for character in said):
            return "ja"
        return "ko" if any("\uac00" <= character <= "\ud7a3" for character in said) else "zh"
    if letters_by_script(said).total() < _LEAST_LETTERS:
        return ""
    return _identified(said)


@lru_cache(maxsize=4_096)  # many questions share an answer
def _identified(text: str) -> str:
    language, sure = _identifier().classify(text)
    return str(language) if sure >= _LEAST_SURE else ""


@cache
def _identifier() -> Any:
    from py3langid.langid import (  # type: ignore[import-untyped]  # ships no types
        MODEL_FILE,
        LanguageIdentifier,
    )

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier
