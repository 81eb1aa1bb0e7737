"""What cleaning makes of findings: which pairs go, what is asked of a person, what is only said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.tuning.examining.findings import Action, Examined, Finding
from agent.tuning.pair_queue import MUTUAL, WITHHELD, review_key
from knowledge.secret_patterns import without_secrets

_NEVER_TAUGHT = frozenset({"secret", "leak"})
"""Dropped again even where a person brought the pair back."""

_EXAMPLES = 3

_REASONS = {
    "format": "a text that no model can be trained on",
    "secret": "a key or a password: a model would tell it to whoever asks",
    "leak": "asks what a held-out question asks: every test would be a lie",
    "exact duplicate": "says what another pair says, letter by letter",
    "near duplicate": "says what another pair says, but for slips and word order",
    "semantic duplicate": "means what another pair means",
    "contradiction": "the same question with different answers",
    "label error": "the questions around it have another answer",
    "personal data": "names or numbers of a person",
    "ungrounded": "its document does not bear the answer out",
    "refusal": "an answer that declines to answer",
    "language": "question and answer in different languages",
    "length": "much shorter or longer than the rest",
    "low quality": "hardly a question, or hardly an answer",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A pair that a step met, and the pairs that it collides with."""

    pair_id: int
    others: tuple[int, ...]
    question: str
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of fault: how many pairs (drop, note) or questions to a person (queue) it made.

    ``waiting`` are pairs that are not taught until somebody has decided.
    """

    kind: str
    action: Action
    count: int
    reason: str
    examples: tuple[Example, ...]
    waiting: bool

    def as_json(self, *, texts: bool) -> dict[str, Any]:
        """Without ``texts`` for a manifest, which outlives what a pair said."""
        return {
            "kind": self.kind,
            "action": self.action,
            "count": self.count,
            "reason": self.reason,
            "withheld": self.waiting,
            "examples": [
                {
                    "pair_id": one.pair_id,
                    "others": list(one.others),
                    "why": one.why,
                    **({"question": one.question} if texts else {}),
                }
                for one in self.examples
            ],
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """One reason to drop for each pair that goes, and what is left to say of the others."""

    drops: Mapping[int, Finding]
    questions: Sequence[Finding]
    notes: Sequence[Finding]

    @property
    def suspects(self) -> frozenset[int]:
        """Every pair that anything was found of."""
        queued = {number for one in self.questions for number in one.pairs}
        return frozenset({*self.drops, *queued, *(one.pairs[0] for one in self.notes)})


def plan(findings: Sequence[Finding], digests: Mapping[int, str], decided: frozenset[str]) -> Plan:
    """Sort findings by what is done; ``decided`` are the keys of what persons have settled.

    A pair is never dropped for another that goes as well, unless that one says the same, too: its
    question and answer stay in the set.
    """
    known = {
        one
        for one in findings
        if review_key(one.kind, [digests[number] for number in one.pairs]) in decided
        or review_key(one.kind, [digests[one.pairs[0]]]) in decided
    }
    drops: dict[int, Finding] = {}
    asked = [one for one in findings if one not in known or one.kind in _NEVER_TAUGHT]
    # What another pair stands for is looked at last, when it is known whether that one stays.
    for one in sorted(asked, key=lambda finding: len(finding.pairs) > 1):
        if one.action == "drop" and one.pairs[0] not in drops and _stands(one, drops):
            drops[one.pairs[0]] = one
    left = [rest for one in asked if (rest := _without(one, drops)) is not None]
    questions = [one for one in left if one.action == "queue"]
    return Plan(drops, questions, [one for one in left if one.action == "note"])


def steps(made: Plan, pairs: Sequence[Examined]) -> list[Step]:
    """Drops first, then questions to a person, then what is only said; the most frequent first."""
    texts = {one.id: one.question for one in pairs}
    groups: dict[tuple[Action, str], list[Finding]] = {}
    for one in (*made.drops.values(), *made.questions, *made.notes):
        groups.setdefault((one.action, one.kind), []).append(one)
    found = [
        Step(
            kind,
            action,
            len(own),
            _REASONS[kind],
            tuple(_example(one, texts) for one in _surest(own)),
            action == "queue" and kind in WITHHELD,
        )
        for (action, kind), own in groups.items()
    ]
    order = {"drop": 0, "queue": 1, "note": 2}
    return sorted(found, key=lambda one: (order[one.action], -one.count, one.kind))


def _stands(finding: Finding, drops: Mapping[int, Finding]) -> bool:
    others = finding.pairs[1:]
    return not others or any(number not in drops for number in others)


def _without(finding: Finding, drops: Mapping[int, Finding]) -> Finding | None:
    """The finding without dropped pairs; None where nothing is left of it."""
    if finding.kind not in MUTUAL:
        return None if finding.pairs[0] in drops else finding
    left = tuple(number for number in finding.pairs if number not in drops)
    return replace(finding, pairs=left) if len(left) > 1 else None


def _surest(findings: Sequence[Finding]) -> Sequence[Finding]:
    return sorted(findings, key=lambda one: -(one.score or 0))[:_EXAMPLES]


def _example(finding: Finding, texts: Mapping[int, str]) -> Example:
    first, *others = finding.pairs
    return Example(first, tuple(others), without_secrets(texts[first]), finding.why)
