"""The analysis of a set of pairs: every figure with its examples, and what to do about them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median_low
from typing import Any

from agent.reading.answerability import THRESHOLD
from agent.tuning.estimates import Estimates, head_seconds, hosted, suggested_lora
from agent.tuning.examining.findings import Action, Examined, Finding, Kind, World
from agent.tuning.examining.languages import languages
from agent.tuning.figures import (
    Figure,
    by,
    by_phrasings,
    by_topic,
    extremes,
    fates,
    found,
    keyed,
    shown,
    withheld,
)
from agent.tuning.finding_words import WORDS
from agent.tuning.lengths import Lengths
from agent.tuning.topics import find_topics
from agent.tuning.verdict import Verdict, verdict

_ENCODED = 384
"""Dimensions taken for a step of the fit where no pair has a vector."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person wants to know beyond the pairs; ``price`` is dollars for a million tokens."""

    price: float | None = None
    encoding: float = 0.0
    """Seconds that encoding took just now."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """``pairs`` are as they may be seen: those ``kept_back`` are without their text.

    ``usual_phrasings`` is the median number of questions of an answer; ``places`` are points in a
    plane by pair; ``fates`` says what will happen to one; ``written`` is how likely the documents
    hold an answer, for those that were asked there.
    """

    pairs: Mapping[int, Examined]
    answers: int
    usual_phrasings: int
    questions: Lengths
    replies: Lengths
    faults: Mapping[Kind, Figure]
    fates: Mapping[int, Action]
    topics: tuple[Figure, ...]
    languages: tuple[Figure, ...]
    sources: tuple[Figure, ...]
    audiences: tuple[Figure, ...]
    phrasings: tuple[Figure, ...]
    extremes: tuple[Figure, ...]
    places: Mapping[int, tuple[float, float]]
    kept_back: frozenset[int]
    held_out: int | None
    estimates: Estimates
    verdict: Verdict
    written: Mapping[int, float] = field(default_factory=dict)

    @property
    def figures(self) -> Mapping[str, Figure]:
        """Every figure that has pairs, by key."""
        faults = [self.faults[kind] for kind in WORDS if self.faults[kind].count]
        groups = (self.topics, self.phrasings, self.extremes)
        return keyed(faults, *groups, self.languages, self.sources, self.audiences)

    def written_of(self, figure: Figure) -> tuple[float, ...]:
        """How likely the documents answer those of the figure's questions that were asked there."""
        return tuple(self.written[one] for one in figure.pairs if one in self.written)

    def as_json(self) -> dict[str, Any]:
        """Counts, pair ids and what to do; no text of a pair."""
        return {
            "verdict": asdict(self.verdict),
            "pairs": len(self.pairs),
            "answers": self.answers,
            "usual_phrasings": self.usual_phrasings,
            "held_out": self.held_out,
            "estimated_tokens": {
                "questions": self.questions.as_json(),
                "answers": self.replies.as_json(),
            },
            "found": {kind: figure.as_json() for kind, figure in self.faults.items()},
            "topics": [
                {**figure.as_json(), "written": _written(self.written_of(figure))}
                for figure in self.topics
            ],
            "languages": [one.as_json(3) for one in self.languages],
            "sources": [one.as_json(3) for one in self.sources],
            "audiences": [one.as_json(3) for one in self.audiences],
            "questions_per_answer": [one.as_json() for one in self.phrasings],
            "extremes": [one.as_json() for one in self.extremes],
            "estimates": self.estimates.as_json(),
        }


def analyse(
    pairs: Sequence[Examined], world: World, findings: Sequence[Finding], asked: Asked
) -> Analysis:
    """Everything that needs no documents; CPU-bound, seconds for thousands of pairs."""
    pairs = sorted(pairs, key=lambda pair: pair.id)
    hidden = withheld(findings)
    topics = find_topics(pairs, world.vectors, hidden)
    faults, fated = found(findings, [pair for pair in pairs if pair.id in hidden]), fates(findings)
    spoken = languages(pairs)
    phrasings = by_phrasings(pairs)
    per_answer = Counter(pair.answer for pair in pairs)
    questions = Lengths.of([pair.question for pair in pairs])
    replies = Lengths.of([pair.answer for pair in pairs])
    held_out = len(world.held_out) or None
    asked_once = next((one for one in phrasings if one.key == "asked-1"), None)
    return Analysis(
        pairs={pair.id: shown(pair, hidden) for pair in pairs},
        answers=len(per_answer),
        usual_phrasings=median_low(per_answer.values()) if per_answer else 0,
        questions=questions,
        replies=replies,
        faults=faults,
        fates=fated,
        topics=by_topic(topics.all),
        languages=by("language", pairs, lambda pair: spoken[pair.id]),
        sources=by("source", pairs, lambda pair: pair.source),
        audiences=by("audience", pairs, lambda pair: ", ".join(pair.audience)),
        phrasings=phrasings,
        extremes=extremes(pairs),
        places=topics.places,
        kept_back=hidden,
        held_out=held_out,
        estimates=_estimates(pairs, questions, replies, world, asked),
        verdict=verdict(
            len(pairs), len(per_answer), faults, fated, asked_once=asked_once, held_out=held_out
        ),
    )


def _estimates(
    pairs: Sequence[Examined], questions: Lengths, replies: Lengths, world: World, asked: Asked
) -> Estimates:
    dimension = len(next(iter(world.vectors.values()), range(_ENCODED)))
    together = map(sum, zip(questions.values, replies.values, strict=True))
    answers = len({pair.answer for pair in pairs})
    return Estimates(
        head_seconds(len(pairs), answers, dimension, asked.encoding),
        suggested_lora(len(pairs), max(together, default=0)),
        hosted(len(pairs), questions.total + replies.total, asked.price),
    )


def _written(odds: Sequence[float]) -> dict[str, Any]:
    """Of the questions that were asked of the documents, how many these answer."""
    return {"asked": len(odds), "answered": sum(one >= THRESHOLD for one in odds)}
