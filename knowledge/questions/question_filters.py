"""Whether a written question is worth keeping: judged by its words and by its passage."""

import re

from knowledge.secret_patterns import secret_in
from knowledge.terms import index_terms

_SHORTEST, _LONGEST = 8, 300
_SHORTEST_CJK = 4
_LONGEST_ANSWER = 600
_LEAST_TERMS = 2
_SELF_REFERENCE = re.compile(
    r"\b(?:(?:the|this|that) (?:passage|text|document|article|section|excerpt|paragraph|author"
    r"|above|following)|according to (?:the|this)|mentioned (?:here|above|in))\b"
    r"|本文|上文|下文|文中|文章|段落|作者|上述|这段|该文档|文档中",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"[?？]\s*$|^(?:who|what|when|where|which|whom|whose|why|how|is|are|was|were|do|does|did|can"
    r"|could|may|must|should|will|would|has|have)\b|[吗呢]$|什么|怎么|如何|多少|哪|谁|几|为何|是否",
    re.IGNORECASE,
)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def fault(question: str, answer: str, passage: str) -> str | None:
    """Why the question is left out, in a few words that are the same for all such; None: keep it.

    The answer must stand in the passage, case, spaces and marks aside: what a model adds of its
    own would be taught as the team's word.
    """
    shortest = _SHORTEST_CJK if _CJK.search(question) else _SHORTEST
    few = len(question) < shortest or len(set(index_terms(question))) < _LEAST_TERMS
    faults = (
        (few, "too short to say what it is about"),
        (len(question) > _LONGEST, "too long"),
        (not _ASKS.search(question.strip()), "not a question"),
        (_SELF_REFERENCE.search(question), "about the text instead of its subject"),
        (not 0 < len(answer.strip()) <= _LONGEST_ANSWER, "without an answer, or with a long one"),
        (secret_in(f"{question} {answer}"), "with a key or a password in it"),
        (_plain(answer) not in _plain(passage), "its answer does not stand in the passage"),
    )
    return next((reason for is_so, reason in faults if is_so), None)


def _plain(text: str) -> str:
    """Letters and digits alone; numbers keep their points, or 1.5 would stand in 15."""
    marked = _NUMBER.sub(lambda number: f"#{number[0].replace(',', '')}#", text.casefold())
    return "".join(character for character in marked if character.isalnum() or character in "#.:")
