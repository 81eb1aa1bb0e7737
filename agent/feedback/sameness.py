"""Whether two questions that are alike ask the same: what a likeness of meaning does not see.

"On Saturday" and "on Sunday", "2025" and "2026", "may I" and "may I not" lie closer to each other
than most rewordings do (cosines of .92 to .98). So a word of the one in place of another word of
the other, another number or another negation makes two questions of them; words that only one of
them has do not.
"""

import re
import unicodedata

from knowledge.terms import CJK, query_terms

_HAN = re.compile(f"[{CJK}]")
_NEGATION = re.compile(
    r"\b(?:not|no|never|without|cannot|except)\b|n['’]t\b|不|没|無|无|未|勿|禁止", re.IGNORECASE
)
_EITHER_WAY = re.compile(r"能不能|可不可以|是不是|有没有|要不要|会不会|该不该|行不行|对不对|好不好")
"""Ways of asking that hold a negation and deny nothing."""

_ASKING = re.compile(
    "请问|想问|问下|一下|什么时候|几点|怎么样|怎么办|怎么|怎样|如何|什么|哪里|哪儿|哪些|可以|多少|几|为什么"
    "|是否|应该|需要|吗|呢|吧|的|了|我|我们|你们|咱们|有|是|能|会|要|在"
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def ask_the_same(one: str, other: str) -> bool:
    """Whether nothing in their words tells them apart; says nothing of whether they are alike."""
    one, other = _folded(one), _folded(other)
    if sorted(_NUMBER.findall(one)) != sorted(_NUMBER.findall(other)):
        return False
    if len(_NEGATION.findall(one)) % 2 != len(_NEGATION.findall(other)) % 2:
        return False
    own, others = _content(one), _content(other)
    return not (own - others and others - own)


def plainly(question: str) -> str:
    """The question without what typing it again may change: case, spaces, marks."""
    folded = unicodedata.normalize("NFKC", question).casefold()
    return "".join(character for character in folded if character.isalnum())


def _folded(text: str) -> str:
    return _EITHER_WAY.sub(" ", unicodedata.normalize("NFKC", text).casefold())


def _content(text: str) -> set[str]:
    """Stems of the words that are not stop words; of Han text each character."""
    bare = _ASKING.sub(" ", text)
    return {term for term in query_terms(_HAN.sub(" ", bare)) if term} | set(_HAN.findall(bare))
