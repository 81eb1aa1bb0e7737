"""What people's votes say of the routes: weak evidence beside an evaluation's.

👍 on an answer says that its side was right for that question, 👎 (unless it was only unclear, or
something was missing) that the other side or nobody would have been. A vote is no measurement:

* a question weighs at most as much as one where an evaluation found both sides right, and less
  where people disagree;
* one person's votes weigh together no more than three, however many they give;
* all votes together weigh no more than the evaluation, and little where there is none;
* however many there are, they make nothing more certain: the threshold's proof counts none;
* a question that the model was taught, or one like it, says nothing of questions it was not.

Votes count from the next calibration on. Of the questions it keeps the router's few numbers alone,
no words.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import text

from agent.learned.domain import DomainModel
from agent.routing.outcomes import BOTH_RIGHT, Outcome
from agent.routing.scales import DOMAIN, KNOWLEDGE
from knowledge.database import Database
from knowledge.embedding import Encoder

_MOST = 100
"""Questions that are learned from, the newest: each costs the calibration one search."""
_PER_PERSON = 3.0
_WITHOUT_EVALUATION = 10.0
_TAUGHT = 0.95
"""Cosine to a trained question from which it is taken to be that one."""

_VOTES = text("""
    SELECT vote.person, good, answer ->> 'route' AS route, vote.team,
        coalesce(nullif(answer ->> 'question', ''), mention.text) AS question
    FROM vote JOIN mention ON mention.id = vote.mention
    WHERE (good OR fault IN ('', 'wrong', 'outdated'))
        AND (answer ->> 'route' = 'knowledge' OR answer ->> 'model' = :model)
    ORDER BY vote.updated_at DESC LIMIT 5000
""")


@dataclass(frozen=True, slots=True)
class Ballot:
    """One vote: who, on which side's answer to which question."""

    person: str
    question: str
    route: int
    good: bool


async def voted(
    database: Database, encoder: Encoder, model: DomainModel, measured: Sequence[Outcome]
) -> list[Outcome]:
    """What the votes add to an evaluation's outcomes of that model."""
    async with database.engine.connect() as connection:
        rows = (await connection.execute(_VOTES, {"model": model.name})).all()
    ballots = [
        Ballot(
            f"{row.team} {row.person}",
            row.question,
            KNOWLEDGE if row.route == "knowledge" else DOMAIN,
            row.good,
        )
        for row in rows
    ]
    weights = list(weighed(ballots).items())[:_MOST]
    covered = [question for (question, _), _ in weights if encoder.covers(question)]
    vectors = dict(zip(covered, await encoder.encode(covered), strict=True)) if covered else {}
    found = []
    for (question, route), weight in weights:
        vector = vectors.get(question)
        estimate = await model.estimate(question, vector)
        if estimate.similarity >= _TAUGHT:
            continue
        found.append(
            Outcome(
                question=question,
                route=route,
                weight=BOTH_RIGHT * abs(weight),
                confidence=estimate.confidence,
                cluster="",
                covered=vector is not None,
                against=weight < 0,
            )
        )
    most = sum(one.weight for one in measured) or _WITHOUT_EVALUATION
    scale = min(1.0, most / (sum(one.weight for one in found) or 1.0))
    return [replace(one, weight=one.weight * scale) for one in found]


def weighed(ballots: Sequence[Ballot]) -> dict[tuple[str, int], float]:
    """For each question and side how much speaks for it, in -1..1, in the ballots' order; not 0."""
    given = Counter(one.person for one in ballots)
    sums: defaultdict[tuple[str, int], float] = defaultdict(float)
    for one in ballots:
        own = min(1.0, _PER_PERSON / given[one.person])
        sums[one.question, one.route] += own if one.good else -own
    return {key: max(-1.0, min(1.0, total)) for key, total in sums.items() if total}
