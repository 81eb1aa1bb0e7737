"""What to do first, and what next: the few lines that an analysis is made for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agent.tuning.examining.findings import Action, Kind
from agent.tuning.figures import Figure
from agent.tuning.finding_words import WORDS, counted
from agent.tuning.folds import FOLDS
from agent.tuning.gate import FEWEST_QUESTIONS

_FEW_PHRASINGS = 3
_SHORT_OF_PHRASINGS = 0.2
"""Share of answers with one question from which that is worth a line before training."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do; ``figures`` are phrases of the text with the key of what each rests on."""

    text: str
    command: str
    figures: Mapping[str, str] = field(default_factory=dict)


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
    fates: Mapping[int, Action],
    *,
    asked_once: Figure | None,
    held_out: int | None,
) -> Verdict:
    """From the faults, the answers with one question only, and the number of held-out questions."""
    if not pairs:
        advice = Advice("Import the team's pairs.", "knowhow tune import FILE")
        return Verdict(ready=False, headline="There are no pairs yet.", steps=(advice,))
    touched = sum(fate != "note" for fate in fates.values())
    secrets = faults["secret"].count
    if secrets:
        headline = f"Stop: {counted(secrets, 'secret')} in the pairs."
    elif touched:
        headline = f"Not yet: {touched:,} of {pairs:,} pairs need work ({touched / pairs:.1%})."
    else:
        headline = "Ready to train: nothing that was found stands in the way."
    steps = (
        *_faulty(faults),
        *_thin(answers, asked_once),
        *_measured(pairs, held_out),
        Advice("Train on what remains." if touched else "Train.", "knowhow tune train"),
    )
    return Verdict(ready=not touched, headline=headline, steps=steps)


def _faulty(faults: Mapping[Kind, Figure]) -> Iterator[Advice]:
    if secrets := faults["secret"].count:
        named = counted(secrets, "secret")
        yield Advice(
            f"Revoke the {named} where they are used, and take them out of the file.",
            "knowhow tune analyze --show secret",
            {named: "secret"},
        )
    if dropped := _named(faults, "drop"):
        yield Advice(
            f"{', '.join(dropped)}: cleaning leaves them out, and any of it can be undone.",
            "knowhow tune clean",
            dropped,
        )
    if queued := _named(faults, "queue"):
        yield Advice(
            f"{', '.join(queued)}: cleaning queues them, a person says what is right.",
            "knowhow tune review",
            queued,
        )


def _thin(answers: int, asked_once: Figure | None) -> Iterator[Advice]:
    if asked_once is None or asked_once.count < _SHORT_OF_PHRASINGS * answers:
        return
    named = f"{asked_once.count:,} answer" + "s" * (asked_once.count != 1)
    have, them = ("has", "it") if asked_once.count == 1 else ("have", "them")
    yield Advice(
        f"{named} of {answers:,} {have} one question only: the head will rarely dare to give "
        f"{them}. Add phrasings, {_FEW_PHRASINGS} or more of each, or leave {them} to the "
        "documents.",
        "knowhow tune import FILE",
        {named: asked_once.key},
    )


def _measured(pairs: int, held_out: int | None) -> Iterator[Advice]:
    if held_out is not None:
        return
    yield Advice(
        "Leaks were not looked for: name the file that you evaluate on.",
        "knowhow tune analyze --held-out FILE",
    )
    if pairs // FOLDS < FEWEST_QUESTIONS:
        yield Advice(
            f"About {pairs // FOLDS:,} pairs would be held back to measure a model; under "
            f"{FEWEST_QUESTIONS} hardly show which of two is better: add pairs.",
            "knowhow tune import FILE",
        )


def _named(faults: Mapping[Kind, Figure], action: Action) -> dict[str, str]:
    """What this will happen to, such as ``36 contradictions``, each with its figure's key."""
    return {
        counted(faults[kind].actions[action], kind): faults[kind].key
        for kind in WORDS
        if faults[kind].actions.get(action)
    }
