"""What remains of a text when its form is taken off: letters for equality, words for likeness."""

import html
import re
import unicodedata
from collections.abc import Sequence

import Stemmer  # type: ignore[import-not-found]  # a C extension without stubs

from knowledge.terms import CJK

_KEPT = frozenset("+#%$€£¥°")
"""Signs that tell things apart: C, C++ and C#."""

_TAG = re.compile(
    r"</?(?:a|b|br|code|div|em|h[1-6]|i|kbd|li|ol|p|pre|s|span|strong|u|ul)(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+", re.MULTILINE)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[.,:/-](?=\d)")

_WORD = re.compile(rf"\d+(?:[.,:/-]\d+)*|[{CJK}]+|[^\W\d_{CJK}]+[+#]*")
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_SHORT_FORMS = (
    (re.compile(r"[’`´]"), "'"),
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'(?:s|re|ve|ll|d|m)\b"), " "),
)
_COURTESY = re.compile(
    r"\b(?:please|pls|plz|kindly|hi|hello|hey|hiya|thanks|thank you|thx|many thanks|cheers"
    r"|in advance|good (?:morning|afternoon|evening)|quick question|just wondering"
    r"|(?:can|could|would|will) (?:you|someone|anyone|somebody|anybody) (?:tell|help|show|explain)"
    r"(?: to)?(?: me| us)?"
    r"|do(?:es)? (?:you|anyone|anybody|someone) know|any idea"
    r"|i(?: would|) (?:want|wanted|like|need)(?: to)? know"
    r"|i (?:was|am) wondering(?: if)?|there|everyone|team|all|folks|guys)\b"
)
_GREETED = re.compile(r"^\W*(?:hi|hello|hey)\b[^,.!?;:]{0,20}[,.!;:]+")
_COURTESY_CJK = re.compile(
    "请问一下|请问|麻烦问一下|麻烦|你好|您好|谢谢|拜托|一下|吗|呢|啊|呀|吧|的|了"
)
_ASKED_CJK = re.compile("怎么样|怎样|如何|怎么")
_FILLERS = frozenset(["a", "an", "the", "my", "our", "your"])


def folded(text: str) -> str:
    """Letters, digits and the few signs that matter: NFKC, lower case, no spaces, no punctuation.

    Two texts that fold alike are the same text in another form.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    inside = {match.start() for match in _BETWEEN_DIGITS.finditer(plain)}
    kept = (
        character
        for place, character in enumerate(plain)
        if unicodedata.category(character)[0] in "LMN" or character in _KEPT or place in inside
    )
    return "".join(kept) or " ".join(plain.split())


def folded_answer(text: str) -> str:
    """The same for an answer, whose markup and list numbers say nothing either."""
    return folded(_NUMBERED.sub("", _TAG.sub(" ", html.unescape(text))))


def words_of(question: str) -> tuple[str, ...]:
    """What a question says: its words, stemmed, sorted, without courtesy and articles.

    All others stay: who asks the same with another verb has written a paraphrase, which trains. A
    Chinese run is one word.
    """
    plain = unicodedata.normalize("NFKC", html.unescape(question)).casefold()
    for form, full in _SHORT_FORMS:
        plain = form.sub(full, plain)
    found = _WORD.findall(_COURTESY.sub(" ", _GREETED.sub(" ", plain)))
    words = [word for word in map(_bare, found) if word and word not in _FILLERS]
    return tuple(sorted(_stemmed(words or found))) or (plain,)


def _bare(word: str) -> str:
    return _ASKED_CJK.sub("怎么", _COURTESY_CJK.sub("", word))


def _stemmed(words: Sequence[str]) -> list[str]:
    # PyStemmer's objects must not be shared by threads.
    stem: list[str] = Stemmer.Stemmer("english").stemWords(list(words))
    return stem


def numbers_of(text: str) -> tuple[str, ...]:
    """The numbers of a text, sorted: questions that differ in one differ in what they ask."""
    plain = unicodedata.normalize("NFKC", text)
    return tuple(sorted(_NUMBER.findall(plain)))
