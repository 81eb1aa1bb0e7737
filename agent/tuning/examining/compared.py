"""Pairs held against each other once, for every kind of fault that lies between two of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.tuning.examining.findings import Examined, World
from agent.tuning.examining.folding import folded_answer
from agent.tuning.examining.likeness import Likeness, likeness


@dataclass(frozen=True, slots=True)
class Compared:
    """Pairs with the likeness of their questions and their answers without form, by position."""

    pairs: tuple[Examined, ...]
    questions: Likeness
    answers: tuple[str, ...]

    def asking(self) -> dict[int, list[int]]:
        """The positions of the pairs of each distinct question."""
        own: dict[int, list[int]] = {}
        for place, number in enumerate(self.questions.number):
            own.setdefault(number, []).append(place)
        return own


def compare(pairs: Sequence[Examined], world: World) -> Compared:
    """CPU-bound: some seconds for 8,000 pairs."""
    vectors = {
        place: world.vectors[one.id] for place, one in enumerate(pairs) if one.id in world.vectors
    }
    return Compared(
        tuple(pairs),
        likeness([one.question for one in pairs], vectors),
        tuple(folded_answer(one.answer) for one in pairs),
    )
