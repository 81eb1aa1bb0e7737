"""What an answer must not lose or invent: numbers, dates, addresses, identifiers, names. Pure."""

import re
import unicodedata
from collections.abc import Iterator

from knowledge.terms import CJK

_ADDRESS = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'()（），。；]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,:/-]\d+)*")
_CITATION = re.compile(r"\[\d+\]")
_IDENTIFIER = re.compile(
    r"\b\w*[A-Za-z]\w*[_\d]\w*\b|`[^`\n]{1,80}`|\b[a-z]+[A-Z]\w*\b|\b[A-Z]{2,}\b"
)
_NAME = re.compile(
    r"(?<=[a-z,;] )[A-Z][a-z]{2,}(?: [A-Z][a-z]+)*|《[^》]{1,40}》"
    rf"|(?<=[{CJK}])[A-Z][a-z]{{2,}}"
)
_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
    "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7",
    "八": "8", "九": "9", "十": "10",
}  # fmt: skip
_SPELT = re.compile(rf"\b(?:{'|'.join(w for w in _WORDS if w.isascii())})\b", re.IGNORECASE)
_SPELT_CJK = re.compile(r"[一二两三四五六七八九十](?=[个天年月周次台小分米度点倍条张位名份页号])")


def facts(text: str) -> frozenset[str]:
    """Everything in the text that a person would act on, folded so that spellings agree."""
    return numbers(text) | frozenset(_folded(one) for one in _named(_plain(text)))


def numbers(text: str) -> frozenset[str]:
    """The text's numbers, dates and times; small ones count in words, too."""
    plain = _ADDRESS.sub(" ", _plain(text))
    found = {re.sub(r"(?<=\d),(?=\d{3})", "", one) for one in _NUMBER.findall(plain)}
    words = (*_SPELT.findall(plain), *_SPELT_CJK.findall(plain))
    return frozenset(found | {_WORDS[word.lower()] for word in words})


def kept(said: str, expected: str) -> float | None:
    """The share of the expected answer's facts that were said; None when it has none."""
    wanted = facts(expected)
    if not wanted:
        return None
    text = _folded(_plain(said))
    held = numbers(said)
    return sum(one in held or (not one.isdigit() and one in text) for one in wanted) / len(wanted)


def agreeing(said: str, expected: str) -> float | None:
    """The share of the numbers said that the expected answer has; None when none was said.

    A number that nobody gave is the most expensive thing to make up.
    """
    told = numbers(said)
    return len(told & numbers(expected)) / len(told) if told else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", _CITATION.sub("", text))


def _named(text: str) -> Iterator[str]:
    for pattern in (_ADDRESS, _IDENTIFIER, _NAME):
        yield from pattern.findall(text)


def _folded(text: str) -> str:
    return text.strip("`").rstrip(".,;:!?/").casefold()
