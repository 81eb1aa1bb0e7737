"""The same question with different answers: only a person knows which of them is right."""

from collections.abc import Iterator

from agent.tuning.clusters import joined
from agent.tuning.examining.compared import Compared
from agent.tuning.examining.findings import Examined, Finding
from agent.tuning.examining.likeness import CLOSE
from agent.tuning.examining.subjects import same_subject

_MOST = 20
"""Pairs of one finding; more are spread over several, each with the oldest."""

_WEAK = 0.5


def find(compared: Compared) -> list[Finding]:
    """A finding for each group of pairs that disagree, one pair for each question and answer.

    Answers that differ in form alone agree; where one only says more, the score is halved.
    """
    pairs, answers = compared.pairs, compared.answers
    spoken = _spoken(compared)
    links: dict[tuple[int, int], float] = {}
    for places in spoken.values():
        for one, other in _disagreeing(places, places, answers):
            links[one, other] = 1.0
    for alike in compared.questions.alike:
        mine, theirs = spoken[alike.one], spoken[alike.other]
        if alike.by == "words" or same_subject(pairs[mine[0]].question, pairs[theirs[0]].question):
            for one, other in _disagreeing(mine, theirs, answers):
                # Weak on both counts is too weak to ask a person about.
                if alike.score > CLOSE or not _says_more(answers[one], answers[other]):
                    links[one, other] = alike.score
    roots = joined(len(pairs), links)
    groups: dict[int, list[tuple[int, int]]] = {}
    for link in links:
        groups.setdefault(roots[link[0]], []).append(link)
    return [
        finding
        for group in groups.values()
        for finding in _findings(compared, {link: links[link] for link in group})
    ]


def _spoken(compared: Compared) -> dict[int, list[int]]:
    """The positions of the pairs of each question, one for each of its answers."""
    return {
        number: list({compared.answers[place]: place for place in reversed(places)}.values())[::-1]
        for number, places in compared.asking().items()
    }


def _disagreeing(
    mine: list[int], theirs: list[int], answers: tuple[str, ...]
) -> Iterator[tuple[int, int]]:
    """Links enough to join all that disagree: each with the first of the other side, and back."""
    for one, other in [(mine[0], other) for other in theirs] + [(theirs[0], one) for one in mine]:
        if answers[one] != answers[other]:
            yield min(one, other), max(one, other)


def _findings(compared: Compared, links: dict[tuple[int, int], float]) -> Iterator[Finding]:
    pairs, answers = compared.pairs, compared.answers
    places = sorted({place for link in links for place in link}, key=lambda one: pairs[one].id)
    distinct = len({answers[place] for place in places})
    weak = all(_says_more(answers[one], answers[other]) for one, other in links)
    nearest = max(links.values())
    score = nearest * (_WEAK if weak else 1)
    same = "the same question" if nearest == 1 else f"nearly the same question ({nearest:.3f})"
    why = f"{distinct} different answers to {same}"
    if weak:
        why = f"one answer to {same} says more than the other"
    first, rest = pairs[places[0]], [pairs[place] for place in places[1:]]
    for start in range(0, len(rest), _MOST - 1):
        own: list[Examined] = [first, *rest[start : start + _MOST - 1]]
        yield Finding("contradiction", "queue", tuple(one.id for one in own), why, score)


def _says_more(one: str, other: str) -> bool:
    return one in other or other in one
