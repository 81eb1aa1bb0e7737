"""Sentences of two documents that say the same of something, but with other numbers or a *not*.

A sentence is reduced to the words that say what it is about; documents that share those and differ
in the rest contradict each other, or one of them is out of date. Nothing is judged by its meaning:
what is worded anew is not found, and which of the two is right is for a person to say.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from knowledge.terms import CJK, index_terms

_LEAST_TERMS = 4
_LEAST_TERMS_CJK = 5
_LONGEST = 600
_FORM = 4
"""A sentence that more documents share is a form's, filled in anew in each."""

_FENCED = re.compile(r"^(```+|~~~+).*?^\1", re.MULTILINE | re.DOTALL)
_ENDS = re.compile(r"(?<=[.!?])\s+|(?<=[。!?;;])|\n\s*\n|\n(?=\s*(?:[-*+|#>]|\d+[.)])\s)")
_NUMERAL = "零〇一二两三四五六七八九十百千万"
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot)\b|n['’]t\b|不|没有|没|無|无|未|勿|禁止",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"!?\[([^\]]*)\]\([^)\s]*\)|\[([^\]]*)\]\[[^\]]*\]|https?://\S+|\*+|[_`~]+(?=\W|$)|(?<!\w)[_`~]+"
)
_LABEL = re.compile(r"^\W*(?:[^\W\d]+ )?\d+[\d.]*\s*[:.)]+\s*")
"""``3.``, ``Step 3:``: where it stands, not what it says."""

_HAS_CJK = re.compile(f"[{CJK}]")
_ONES = "zero one two three four five six seven eight nine ten eleven twelve"
_TENS = "ten twenty thirty forty fifty sixty seventy eighty ninety hundred"
_WORDS = {word: str(10 * n) for n, word in enumerate(_TENS.split(), 1)} | {
    word: str(n) for n, word in enumerate(_ONES.split())
}
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9_-])\d+(?:[.,:]\d+)*|[{_NUMERAL}]+|\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE
)
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a document."""

    document_id: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two documents that say different things of the same."""

    one: Said
    other: Said


@dataclass(frozen=True, slots=True)
class _Claim:
    said: Said
    facts: tuple[tuple[str, ...], bool]


class Claims:
    """What all documents say that another could contradict; they may be added in batches."""

    def __init__(self) -> None:
        self._about: dict[frozenset[str], list[_Claim]] = defaultdict(list)

    def add(self, documents: Iterable[tuple[int, str]]) -> None:
        """More documents, given by id and text; about 20 µs a sentence."""
        for document_id, text in documents:
            for topic, claim in _claims(document_id, text):
                self._about[topic].append(claim)

    def conflicts(self) -> Iterator[Conflict]:
        """Between any two of the documents; each pair of sentences once."""
        for claims in self._about.values():
            if 1 < len({claim.said.document_id for claim in claims}) <= _FORM:
                yield from _contradictions(claims)


def conflicts(documents: Iterable[tuple[int, str]]) -> Iterator[Conflict]:
    """The same of documents that are all there."""
    claims = Claims()
    claims.add(documents)
    yield from claims.conflicts()


def _contradictions(claims: list[_Claim]) -> Iterator[Conflict]:
    """One a pair of documents, unless somewhere they agree: then both say both.

    A number that only the one gives contradicts nothing.
    """
    by_document: dict[int, list[_Claim]] = defaultdict(list)
    for claim in claims:
        by_document[claim.said.document_id].append(claim)
    for one, other in combinations(by_document.values(), 2):
        agree = {claim.facts for claim in one} & {claim.facts for claim in other}
        if not agree and len(one[0].facts[0]) == len(other[0].facts[0]):
            yield Conflict(one[0].said, other[0].said)


def _claims(document_id: int, text: str) -> Iterator[tuple[frozenset[str], _Claim]]:
    """What each sentence is about, and what it says of it."""
    for part in _ENDS.split(_MARKUP.sub(r"\1\2", _FENCED.sub("\n\n", text))):
        sentence = _LABEL.sub("", " ".join(part.split()).lstrip("-+|#> "))
        if not sentence or len(sentence) > _LONGEST:
            continue
        bare = _NUMBER.sub(" ", _NEGATION.sub(_gap, sentence))
        topic = frozenset(index_terms(bare))
        least = _LEAST_TERMS_CJK if _HAS_CJK.search(bare) else _LEAST_TERMS
        if len(topic) >= least:
            numbers = tuple(sorted(map(_value, _NUMBER.findall(sentence))))
            denied = len(_NEGATION.findall(sentence)) % 2 == 1
            yield topic, _Claim(Said(document_id, sentence), (numbers, denied))


def _gap(negation: re.Match[str]) -> str:
    """Chinese has none where a word is left out."""
    return " " if negation[0].isascii() else ""


def _value(number: str) -> str:
    """The same for ``15``, ``fifteen`` and ``十五``; ``1,000`` is ``1000``."""
    if number.lower() in _WORDS:
        return _WORDS[number.lower()]
    if number[0].isdigit():
        return re.sub(r",(?=\d{3}\b)", "", number)
    if not set(number) & _UNITS.keys():
        return "".join(str(_DIGITS[character]) for character in number)
    total = section = digit = 0
    for character in number:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character == "万":
            total, section, digit = total + (section + digit) * 10000, 0, 0
        else:
            section, digit = section + (digit or 1) * _UNITS[character], 0
    return str(total + section + digit)
