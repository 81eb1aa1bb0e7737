"""What to do first, and what next: the few lines that an analysis is made for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.tuning.datasets import FOLDS
from agent.tuning.examining.findings import Action, Kind
from agent.tuning.figures import Figure
from agent.tuning.finding_words import WORDS, counted

_ENOUGH_HELD_OUT = 150
"""Questions below which an evaluation can hardly tell a better model from an equal one."""

_FEW_PHRASINGS = 3
_SHORT_OF_PHRASINGS = 0.2
"""Share of answers with one question from which that is worth a line before training."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do; ``figures`` are the keys of what it rests on."""

    text: str
    command: str
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """``ready``: nothing has to happen before training."""

    ready: bool
    headline: str
    steps: tuple[Advice, ...]


def verdict(
    pairs: int,
    answers: int,
    faults: Mapping[Kind, Figure],
    asked_once: Figure | None,
    held_out: int | None,
) -> Verdict:
    """From the faults, the answers with one question only, and the number of held-out questions."""
    if not pairs:
        advice = Advice("Import the team's pairs.", "knowhow tune import FILE")
        return Verdict(ready=False, headline="There are no pairs yet.", steps=(advice,))
    urgent = [one for one in faults.values() if one.count and one.action in {"drop", "queue"}]
    touched = len({pair for one in urgent for pair in one.pairs})
    secrets = faults["secret"].count
    if secrets:
        headline = f"Stop: {counted(secrets, 'secret')} in the pairs."
    elif urgent:
        headline = f"Not yet: {touched:,} of {pairs:,} pairs need work ({touched / pairs:.1%})."
    else:
        headline = "Ready to train: nothing that was found stands in the way."
    steps = (
        *_faulty(faults),
        *_thin(answers, asked_once),
        *_measured(pairs, held_out),
        Advice("Train on what remains." if urgent else "Train.", "knowhow tune train"),
    )
    return Verdict(ready=not urgent, headline=headline, steps=steps)


def _faulty(faults: Mapping[Kind, Figure]) -> Iterator[Advice]:
    if faults["secret"].count:
        yield Advice(
            f"Revoke the {counted(faults['secret'].count, 'secret')} where they are used, and "
            "take them out of the file they came from.",
            "knowhow tune analyze --show secret",
            ("secret",),
        )
    dropped, queued = (_of(faults, action) for action in ("drop", "queue"))
    if dropped:
        yield Advice(
            f"{_listed(dropped)}: cleaning leaves them out, and any of it can be undone.",
            "knowhow tune clean",
            tuple(one.key for _, one in dropped),
        )
    if queued:
        yield Advice(
            f"{_listed(queued)}: only a person can say which is right. Cleaning puts them into "
            "the queue.",
            "knowhow tune review",
            tuple(one.key for _, one in queued),
        )


def _thin(answers: int, asked_once: Figure | None) -> Iterator[Advice]:
    if asked_once is None or asked_once.count < _SHORT_OF_PHRASINGS * answers:
        return
    have = "answer has" if asked_once.count == 1 else "answers have"
    yield Advice(
        f"{asked_once.count:,} of {answers:,} {have} one question only: the head will "
        f"rarely dare to give them. Ask for {_FEW_PHRASINGS} phrasings of each, or leave them to "
        "the documents.",
        "knowhow tune import FILE",
        (asked_once.key,),
    )


def _measured(pairs: int, held_out: int | None) -> Iterator[Advice]:
    if held_out is None:
        yield Advice(
            "Nothing was held against an evaluation set: name its file to find leaks.",
            "knowhow tune analyze --held-out FILE",
        )
        if pairs // FOLDS < _ENOUGH_HELD_OUT:
            yield Advice(
                f"About {pairs // FOLDS:,} pairs would be held back to measure a model: below "
                f"{_ENOUGH_HELD_OUT} the verdict is mostly that nothing can be said.",
                "knowhow tune evaluate",
            )


def _of(faults: Mapping[Kind, Figure], action: Action) -> list[tuple[Kind, Figure]]:
    return [(kind, faults[kind]) for kind in WORDS if faults[kind].action == action]


def _listed(faults: Sequence[tuple[Kind, Figure]]) -> str:
    return ", ".join(counted(one.count, kind) for kind, one in faults)
