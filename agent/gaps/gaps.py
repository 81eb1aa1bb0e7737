"""Gaps: what several people asked and got no good answer to, the most wanted first."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.gaps.clustering import Floats, clustered
from agent.gaps.unmet import Period, Sight, Unmet, unmet
from agent.tuning.topic_names import topic_names
from knowledge.database import Database
from knowledge.embedding import Encoder


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions about one thing, the most typical first; ``terms`` tell it from the other gaps."""

    terms: tuple[str, ...]
    questions: tuple[Unmet, ...]

    @property
    def people(self) -> int:
        """How many different people asked."""
        return len({one.person for one in self.questions})

    @property
    def rated(self) -> int:
        """How many of the questions were answered, but badly."""
        return sum(one.rated for one in self.questions)

    @property
    def asked_at(self) -> datetime:
        """When it was asked last."""
        return max(one.asked_at for one in self.questions)

    @property
    def channels(self) -> tuple[str, ...]:
        """Where it was asked, the most typical question's first."""
        return tuple(dict.fromkeys(one.channel for one in self.questions))

    def examples(self, most: int) -> tuple[str, ...]:
        """Different wordings, the most typical first."""
        worded = {one.question.casefold(): one.question for one in reversed(self.questions)}
        return tuple(reversed(worded.values()))[:most]


async def find_gaps(
    database: Database, encoder: Encoder, team: str, sight: Sight, period: Period
) -> tuple[Gap, ...]:
    """Those asked by most people first, then by most questions, then the newest."""
    questions = await unmet(database, team, sight, period)
    texts = [one.question for one in questions]
    covered = [place for place, one in enumerate(texts) if encoder.covers(one)]
    distinct = list(dict.fromkeys(texts[place] for place in covered))
    encoded = dict(zip(distinct, await encoder.encode(distinct), strict=True)) if distinct else {}
    vectors = {place: encoded[texts[place]] for place in covered}
    return await asyncio.to_thread(_gaps, questions, vectors)


def _gaps(questions: Sequence[Unmet], vectors: Mapping[int, Floats]) -> tuple[Gap, ...]:
    groups = clustered([one.question for one in questions], vectors)
    held = [tuple(questions[place] for place in group) for group in groups]
    names = topic_names([[one.question for one in group] for group in held])
    gaps = (Gap(terms, group) for terms, group in zip(names, held, strict=True))
    return tuple(
        sorted(
            gaps,
            key=lambda gap: (-gap.people, -len(gap.questions), -gap.asked_at.timestamp()),
        )
    )
