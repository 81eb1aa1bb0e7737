"""Pairs that say what another pair says already: to the letter, but for slips, or in meaning."""

from collections.abc import Iterator, Sequence

from agent.tuning.examining.compared import Compared
from agent.tuning.examining.findings import Examined, Finding
from agent.tuning.examining.likeness import CLOSE, Alike
from knowledge.documents import covers


def find(compared: Compared) -> list[Finding]:
    """Of each answer, the pairs to drop for a better one, then those only worth knowing of.

    Better is approved before candidate, then the older; never one that fewer people may see.
    Paraphrases stay: they are what trains.
    """
    by_answer: dict[str, list[int]] = {}
    for place, answer in enumerate(compared.answers):
        by_answer.setdefault(answer, []).append(place)
    neighbours: dict[int, list[Alike]] = {}
    for alike in compared.questions.alike:
        if alike.by == "meaning" and alike.score <= CLOSE:
            continue
        neighbours.setdefault(alike.one, []).append(alike)
        neighbours.setdefault(alike.other, []).append(alike)
    return [
        finding
        for places in by_answer.values()
        if len(places) > 1
        for finding in _repeated(compared, places, neighbours)
    ]


def _repeated(
    compared: Compared, places: list[int], neighbours: dict[int, list[Alike]]
) -> Iterator[Finding]:
    pairs, number = compared.pairs, compared.questions.number
    kept: dict[int, list[Examined]] = {}
    for place in sorted(places, key=lambda one: (pairs[one].state != "approved", pairs[one].id)):
        own, question = pairs[place], number[place]
        same = _standing_for(own, kept.get(question, ()))
        if same is not None:
            why = f"says the same as pair {same.id}, letter by letter"
            yield Finding("exact duplicate", "drop", (own.id, same.id), why, 1.0)
            continue
        near = [
            (alike, found)
            for alike in neighbours.get(question, ())
            for found in kept.get(alike.one + alike.other - question, ())
        ]
        found = _nearest(own, near)
        if found is not None:
            yield found
        if found is None or found.action != "drop":
            kept.setdefault(question, []).append(own)


def _nearest(own: Examined, near: list[tuple[Alike, Examined]]) -> Finding | None:
    for alike, other in sorted(near, key=lambda one: (one[0].by != "words", -one[0].score)):
        if alike.by == "meaning":
            why = (
                f"means what pair {other.id} means, with the same answer (cosine {alike.score:.3f})"
            )
            return Finding("semantic duplicate", "note", (own.id, other.id), why, alike.score)
        if _covers(other, own):
            how = "in other order or form" if alike.score == 1 else "but for a slip of the keyboard"
            why = f"asks in the words of pair {other.id}, {how}, with the same answer"
            return Finding("near duplicate", "drop", (own.id, other.id), why, alike.score)
    return None


def _standing_for(own: Examined, kept: Sequence[Examined]) -> Examined | None:
    return next((one for one in kept if _covers(one, own)), None)


def _covers(kept: Examined, dropped: Examined) -> bool:
    """Whether everyone who may see the dropped pair may see the kept one."""
    return covers(kept.audience, dropped.audience)
