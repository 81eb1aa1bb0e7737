"""Names for groups of questions: the terms that tell each group from the others.

Class-based TF-IDF (Grootendorst 2022, "BERTopic") over questions that hold a term, not its
repeats; stems are shown as the word they are most often seen as. Chinese has no spaces: a telling
pair of characters is grown to the string around it that is nearly always written with it.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from knowledge.terms import CJK, index_terms

_TERMS = 4
_CANDIDATES = 16
_FILLERS = re.compile(
    "ask|becaus|come|get|go|happen|help|know|make|need|pleas|say|still|take|tell|tri|us|use|want"
    "|way|whether|without"
)
"""Stems that questions about anything hold."""

_LEAST = 2
"""Questions that must hold a term for it to name their group, unless the group is smaller."""

_WORD = re.compile(rf"[^\W\d_{CJK}][^\W_{CJK}]+(?:['’-][^\W_{CJK}]+)*")
_RUN = re.compile(f"[{CJK}]{{2,}}")
_ASKING = re.compile(
    "请问|怎么样|怎么办|怎么|怎样|如何|什么时候|什么|哪里|哪些|哪个|可以|能不能|是不是|是否|多少|几个"
    "|为什么|需要|应该|一下|我们|吗|呢|的|了|吧|我|你|要|能|是|在|有|和|该|被|把"
)
_LONGEST = 5
"""Characters of the longest string that reads as a word."""

_WHOLE = 0.6
"""Share of a string's occurrences that must go on in the same way for the string to grow."""


def topic_names(groups: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Up to four terms for each group of questions, the most telling first."""
    seen_as: defaultdict[str, Counter[str]] = defaultdict(Counter)
    words: dict[str, tuple[str, ...]] = {}
    held = [Counter(_held(group, words, seen_as)) for group in groups]
    total: Counter[str] = Counter()
    for counts in held:
        total.update(counts)
    average = total.total() / max(len(groups), 1)
    return [
        tuple(_name(_telling(counts, total, average, len(group)), group, seen_as))
        for group, counts in zip(groups, held, strict=True)
    ]


def _held(
    group: Iterable[str], words: dict[str, tuple[str, ...]], seen_as: dict[str, Counter[str]]
) -> Iterator[str]:
    """The distinct terms of every question; ``words`` remembers the terms of a word."""
    for question in group:
        terms: set[str] = set()
        for word in _WORD.findall(question):
            folded = word.lower()
            found = words.get(folded)
            if found is None:
                found = words[folded] = tuple(index_terms(folded))
            if len(found) == 1 and not _FILLERS.fullmatch(found[0]):
                seen_as[found[0]][folded] += 1
                terms.add(found[0])
        for run in _RUN.findall(_ASKING.sub(" ", question)):
            terms.update(index_terms(run))
        yield from terms


def _telling(counts: Counter[str], total: Counter[str], average: float, size: int) -> list[str]:
    """The group's terms by how much more often it holds them than the others do."""
    least = min(_LEAST, size)
    weight = {
        term: count * math.log(1 + average / total[term]) * (count / total[term]) ** 0.5
        for term, count in counts.items()
        if count >= least
    }
    return sorted(weight, key=lambda term: (-weight[term], term))[:_CANDIDATES]


def _name(
    terms: Sequence[str], group: Sequence[str], seen_as: dict[str, Counter[str]]
) -> Iterator[str]:
    """Terms as words; a CJK string that shares a character with one before is left out."""
    text = " ".join(_ASKING.sub(" ", question) for question in group)
    taken: list[str] = []
    for term in terms:
        if len(taken) == _TERMS:
            break
        if seen_as.get(term):
            word = seen_as[term].most_common(1)[0][0]
        else:
            word = _grown(term, text)
            if any(set(word) & set(other) for other in taken):
                continue
        taken.append(word)
        yield word


def _grown(term: str, text: str) -> str:
    """The CJK string around the term that most of its occurrences are part of.

    One that grows beyond a word's length is a sentence asked twice: then the term itself.
    """
    word = term
    while len(word) <= _LONGEST:
        around: Counter[str] = Counter()
        for found in re.finditer(re.escape(word), text):
            start, end = found.span()
            for left, right in ((start - 1, end), (start, end + 1)):
                if left >= 0 and _RUN.fullmatch(longer := text[left:right]) and longer != word:
                    around[longer] += 1
        longer, count = max(around.items(), key=lambda item: item[1], default=("", 0))
        if count < max(_WHOLE * text.count(word), _LEAST):
            return word
        word = longer
    return term
