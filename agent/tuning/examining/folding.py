"""What remains of a text when its form is taken off: letters for equality, words for likeness."""

import html
import re
import unicodedata

from knowledge.terms import CJK

_UNSAID = re.compile(r"[^\w\u0300-\u036f\u0900-\u0eff\ue000-\ue0ff+#%$€£¥°]|_")
"""What folding takes off. Signs that tell things apart stay (C, C++ and C#), and so do the marks
that are vowels in the scripts of India and South-East Asia, which are no letters to Unicode."""

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
    (re.compile(r"\b(what|when|where|who|how|why|it|that|there|here|he|she)'s\b"), r"\1 is"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"'s\b"), " "),
)
_COURTESY = re.compile(
    r"\b(?:please|pls|plz|kindly|hi there|hi|hello|hey|hiya|thanks|thank you|thx|many thanks|cheers"
    r"|in advance|good (?:morning|afternoon|evening)|quick question|just wondering"
    r"|(?:can|could|would|will) (?:you|someone|anyone|somebody|anybody) (?:tell|help|show|explain)"
    r"(?: to)?(?: me| us)?"
    r"|do(?:es)? (?:you|anyone|anybody|someone) know|any idea"
    r"|i(?: would|) (?:want|wanted|like|need)(?: to)? know"
    r"|i (?:was|am) wondering(?: if)?)\b"
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
    marked = _BETWEEN_DIGITS.sub(_kept_mark, plain)
    return _UNSAID.sub("", marked) or " ".join(plain.split())


def _kept_mark(mark: re.Match[str]) -> str:
    """A point between digits in the private use area, where `_UNSAID` does not look."""
    return chr(0xE000 + ord(mark[0]))


def folded_answer(text: str) -> str:
    """The same for an answer, whose markup and list numbers say nothing either."""
    return folded(_NUMBERED.sub("", _TAG.sub(" ", html.unescape(text))))


def words_of(question: str) -> tuple[str, ...]:
    """What a question says: its words, sorted, without courtesy and articles.

    All others stay: who asks the same with another verb has written a paraphrase, which trains. A
    Chinese run is one word.
    """
    plain = unicodedata.normalize("NFKC", html.unescape(question)).casefold()
    for form, full in _SHORT_FORMS:
        plain = form.sub(full, plain)
    found = _WORD.findall(_COURTESY.sub(" ", _GREETED.sub(" ", plain)))
    words = [word for word in map(_bare, found) if word and word not in _FILLERS]
    return tuple(sorted(words or found)) or (plain,)


def _bare(word: str) -> str:
    return _ASKED_CJK.sub("怎么", _COURTESY_CJK.sub("", word))


def numbers_of(text: str) -> tuple[str, ...]:
    """The numbers of a text, sorted: questions that differ in one differ in what they ask."""
    plain = unicodedata.normalize("NFKC", text)
    return tuple(sorted(_NUMBER.findall(plain)))
