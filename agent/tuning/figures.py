"""Figures of an analysis, each with the pairs behind it: examples say what a number means."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from agent.tuning.examining.findings import Action, Examined, Finding, Kind
from agent.tuning.finding_words import WORDS
from agent.tuning.lengths import estimated_tokens
from agent.tuning.topics import Topic

SECRET_KINDS: frozenset[Kind] = frozenset({"secret", "personal data"})
"""What is counted and located, never shown."""

_MILD_FIRST: tuple[Action, ...] = ("note", "queue", "drop")
WITHHELD = "(its text is withheld)"
_SHOWN = 12
_QUOTE = 24
"""Characters of a text by which a quotation of it is known."""

_BUCKETS = ((1, 1), (2, 4), (5, 9), (10, 19), (20, 49), (50, 99), (100, math.inf))


@dataclass(frozen=True, slots=True)
class Example:
    """Pairs that show something; ``why`` and ``score`` are a finding's."""

    pairs: tuple[int, ...]
    why: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and what it counts: ``key`` names it in an address and for ``--show``.

    ``pairs`` are all that it is about; ``actions`` counts what cleaning will do with a fault's.
    """

    key: str
    title: str
    count: int
    pairs: tuple[int, ...]
    examples: tuple[Example, ...]
    answers: int = 0
    actions: Mapping[Action, int] = field(default_factory=dict)

    def as_json(self, most: int = 20) -> dict[str, Any]:
        """With the first examples' pairs; no text of theirs."""
        return {
            "key": self.key,
            "title": self.title,
            "count": self.count,
            "pairs": len(self.pairs),
            **({"answers": self.answers} if self.answers else {}),
            **({"actions": dict(self.actions)} if self.actions else {}),
            "examples": [
                {"pairs": list(one.pairs)}
                | ({"why": one.why} if one.why else {})
                | ({} if one.score is None else {"score": round(one.score, 4)})
                for one in self.examples[:most]
            ],
        }


def withheld(findings: Iterable[Finding]) -> frozenset[int]:
    """Pairs whose text is never shown."""
    return frozenset(one.pairs[0] for one in findings if one.kind in SECRET_KINDS)


def shown(pair: Examined, hidden: AbstractSet[int]) -> Examined:
    """The pair as it may be seen: without its text, topic and passage if they are to be hidden."""
    if pair.id not in hidden:
        return replace(pair, passage=None)
    return replace(pair, question=WITHHELD, answer="", topic="", passage=None)


def at_fault(finding: Finding) -> tuple[int, ...]:
    """The pairs that something will happen to: of a contradiction all, else the first."""
    return finding.pairs if finding.kind == "contradiction" else finding.pairs[:1]


def fates(findings: Iterable[Finding]) -> dict[int, Action]:
    """By pair, the most that will happen to it; a pair that nothing was found of is not in it."""
    severest: dict[int, Action] = {}
    for finding in sorted(findings, key=lambda one: _MILD_FIRST.index(one.action)):
        severest.update(dict.fromkeys(at_fault(finding), finding.action))
    return severest


def found(findings: Sequence[Finding], hidden: Sequence[Examined]) -> dict[Kind, Figure]:
    """A figure for every kind of fault, also for those that nobody has; the surest first.

    What is said of a finding is left out where it touches or quotes one of the ``hidden`` pairs.
    """
    ids = frozenset(one.id for one in hidden)
    quotes = {text[:_QUOTE] for one in hidden for text in (one.question, one.answer)}
    by_kind: defaultdict[Kind, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_kind[finding.kind].append(finding)

    def why(finding: Finding) -> str:
        if finding.kind in SECRET_KINDS:
            return finding.why
        touches = not ids.isdisjoint(finding.pairs) or any(one in finding.why for one in quotes)
        return "" if touches else finding.why

    return {kind: _of_kind(kind, by_kind[kind], why) for kind in get_args(Kind)}


def _of_kind(kind: Kind, findings: list[Finding], why: Callable[[Finding], str]) -> Figure:
    findings.sort(key=lambda one: (-(one.score or 0), one.pairs))
    return Figure(
        key=kind.replace(" ", "-"),
        title=WORDS[kind].many,
        count=len(findings),
        pairs=tuple(dict.fromkeys(pair for one in findings for pair in at_fault(one))),
        examples=tuple(Example(one.pairs, why(one), one.score) for one in findings),
        actions=Counter(one.action for one in findings),
    )


def by_topic(topics: Sequence[Topic]) -> tuple[Figure, ...]:
    """A figure for each topic, its most typical pairs first."""
    return tuple(
        Figure(
            f"topic-{number}",
            topic.name,
            len(topic.pairs),
            topic.pairs,
            _each(topic.pairs[:_SHOWN]),
            topic.answers,
        )
        for number, topic in enumerate(topics, 1)
    )


def by(
    what: str,
    pairs: Sequence[Examined],
    name: Callable[[Examined], str],
) -> tuple[Figure, ...]:
    """A figure for each value that ``name`` gives, the most frequent first."""
    groups: defaultdict[str, list[Examined]] = defaultdict(list)
    for pair in pairs:
        groups[name(pair)].append(pair)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        _of_pairs(f"{what}-{number}", value, own) for number, (value, own) in enumerate(ordered, 1)
    )


def by_phrasings(pairs: Sequence[Examined]) -> tuple[Figure, ...]:
    """The answers by how many questions they have; ``count`` are answers."""
    own: defaultdict[str, list[Examined]] = defaultdict(list)
    for pair in pairs:
        own[pair.answer].append(pair)
    figures = []
    for low, high in _BUCKETS:
        those = [asked for asked in own.values() if low <= len(asked) <= high]
        if those:
            title = f"{low}–{high}" if high < math.inf else f"{low} or more"
            title = "1 question" if high == 1 else f"{title} questions"
            ids = tuple(pair.id for asked in those for pair in asked)
            firsts = _each(asked[0].id for asked in those)
            figures.append(Figure(f"asked-{low}", title, len(those), ids, firsts, len(those)))
    return tuple(figures)


def extremes(pairs: Sequence[Examined]) -> tuple[Figure, ...]:
    """The shortest and the longest questions and answers."""
    made = []
    for part in ("question", "answer"):
        sizes = {pair.id: estimated_tokens(getattr(pair, part)) for pair in pairs}
        for name, sign in (("longest", -1), ("shortest", 1)):
            order = sorted(sizes, key=lambda one: (sign * sizes[one], one))[:_SHOWN]
            examples = tuple(Example((one,), f"{sizes[one]} tokens") for one in order)
            title = f"the {name} {part}s"
            made.append(Figure(f"{name}-{part}s", title, len(order), tuple(order), examples))
    return tuple(made)


def keyed(*figures: Iterable[Figure]) -> Mapping[str, Figure]:
    """All of them by key, in this order."""
    return {one.key: one for those in figures for one in those}


def _of_pairs(key: str, title: str, pairs: Sequence[Examined]) -> Figure:
    ids = tuple(pair.id for pair in pairs)
    answers = len({pair.answer for pair in pairs})
    step = max(1, len(ids) // _SHOWN)
    return Figure(key, title, len(pairs), ids, _each(ids[::step][:_SHOWN]), answers)


def _each(ids: Iterable[int]) -> tuple[Example, ...]:
    return tuple(Example((one,)) for one in ids)
