"""Whether two questions near to each other in meaning can be about the same thing at all.

An encoder sees the many words that two questions share, not the one in which they differ.
"""

import re
from collections import Counter

from agent.tuning.examining.folding import folded, numbers_of, words_of
from agent.tuning.examining.slips import sameness
from knowledge.terms import query_terms

_SHARED = 5
"""Terms in common from which one term each of their own outweighs a cosine of .95."""

_CONTEXT = re.compile(r"\s*(?::\s|：|\s[>|»/–—-]\s)\s*")


def same_subject(one: str, other: str) -> bool:
    """Not where a number differs, nor the heading under a title, nor a term each among many."""
    if numbers_of(one) != numbers_of(other):
        return False
    mine, theirs = _CONTEXT.split(one), _CONTEXT.split(other)
    if folded(mine[0]) == folded(theirs[0]):
        tails = words_of(" ".join(mine[1:])), words_of(" ".join(theirs[1:]))
        return sameness(*tails) is not None
    left, right = Counter(query_terms(one)), Counter(query_terms(other))
    apart = bool(left - right) and bool(right - left)
    return not (apart and (left & right).total() >= _SHARED)
