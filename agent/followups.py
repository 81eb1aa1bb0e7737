"""Whether a question leans on what was said before, told from its words: English and Chinese."""

import re

from agent.answers import Turn
from knowledge.terms import query_terms

_OPENERS = re.compile(
    r"(and|but|or|so|also|then|what about|how about|what if|same (for|with|goes)"
    r"|ok(ay)?,? (and|so|but)|(oops,? |sorry,? |no,? )?i('m| am)? (mean|meant|asking|talking)"
    r"|what else|why not|why\b\W*$|how so|how come\W*$|which ones?|any others?"
    r"|more (on|about) (it|that|this))\b",
    re.IGNORECASE,
)
_REFERENCES = re.compile(
    r"\b(it|its|it's|they|them|their|theirs|that|this|those|these|he|him|his|she|her|hers|there"
    r"|ones?|same|former|latter|above|either|neither|both|another|others?|else|instead)\b",
    re.IGNORECASE,
)
_DETERMINER = re.compile(
    r"\bth(is|at|ese|ose) (year|month|week|quarter|company|team|channel|workspace|office)\b"
    r"|\b(is|are|was|were) there\b|\bthere (is|are|was|were)\b|\bnext to each other\b",
    re.IGNORECASE,
)
_CHINESE_OPENER = re.compile(r"^(那么?|还有|另外|然后|所以|但是?|而且|如果是|换成|为什么[?？]?$)")
_CHINESE_ELLIPSIS = re.compile(r"^.{1,12}呢[?？。!！]?$")
_CHINESE_REFERENCE = re.compile(
    r"它|他们|她们|他的|她的|这个|那个|这些|那些|这种|那种|其(?!他|它|中|实|余)|上述|前者|后者|此(?!外)"
)
_CHINESE_PARTICLES = re.compile(
    r"^(那么?|还有|另外|然后|所以|但是?|而且)[，,]?|[呢吗吧啊呀]+[?？。!！]*$"
)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_WHOLE_QUESTION = re.compile(
    r"(what|when|where|who|whom|whose|which|how|do|does|did|is|are|was|were|can|could|should"
    r"|shall|will|would|may|must|has|have|had)\b.*\?",
    re.IGNORECASE | re.DOTALL,
)
_FEW_TERMS = 2
_FEW_CHARACTERS = 6
_TURNS_BACK = 3


def follows_up(text: str) -> bool:
    """Whether the question may need the turns before it; errs towards yes.

    In a conversation most questions do, and looking at two earlier turns costs a self-contained
    question little.
    """
    if _CHINESE.search(text):
        short = len(_CHINESE.findall(text)) <= _FEW_CHARACTERS
        return short or _elliptic(text) or bool(_CHINESE_REFERENCE.search(text))
    # "Do we have a choir?" has as few terms as "for contractors?", but is a whole sentence.
    few = _FEW_TERMS - 1 if _WHOLE_QUESTION.match(text.strip()) else _FEW_TERMS
    return (
        _elliptic(text)
        or bool(_REFERENCES.search(_DETERMINER.sub(" ", text)))
        or len(set(query_terms(text))) <= few
    )


def is_lost(text: str) -> bool:
    """Whether the question means nothing without the turns before it."""
    if _CHINESE.search(text):
        characters = len(_CHINESE.findall(text))
        bare = characters <= _FEW_CHARACTERS and bool(_CHINESE_REFERENCE.search(text))
        return bare or (_elliptic(text) and characters <= 2 * _FEW_CHARACTERS)
    terms = len(set(query_terms(text)))
    bare = terms <= 1 and bool(_REFERENCES.search(text))
    return bare or (_elliptic(text) and terms <= _FEW_TERMS)


def earlier_questions(turns: tuple[Turn, ...], text: str) -> tuple[str, ...]:
    """The user's turns that ``text`` leans on: back to the last that stands alone, oldest first.

    A turn in the other language is where the conversation began anew: its words find nothing.
    """
    needed: list[str] = []
    for turn in reversed(turns):
        if turn.speaker != "user":
            continue
        if bool(_CHINESE.search(turn.text)) != bool(_CHINESE.search(text)):
            break
        needed.insert(0, turn.text)
        if not follows_up(turn.text) or len(needed) == _TURNS_BACK:
            break
    return tuple(needed)


def without_particles(text: str) -> str:
    """A Chinese follow-up without the particles that only join it to the turn before.

    They stand unspaced, so a search would take them for parts of words that no document has.
    """
    return _CHINESE_PARTICLES.sub("", text.strip()) or text


def _elliptic(text: str) -> bool:
    stripped = text.strip()
    return bool(
        _OPENERS.match(stripped)
        or _CHINESE_OPENER.match(stripped)
        or _CHINESE_ELLIPSIS.match(stripped)
    )
