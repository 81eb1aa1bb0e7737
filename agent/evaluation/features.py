"""What the router sees of each question, stored with an evaluation for it to learn from."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agent.deps import Deps
from agent.evaluation.replies import Asked
from agent.retrieving import PASSAGES
from knowledge.documents import Query, Reader

_BATCH = 64


async def features(asked: Sequence[Asked], deps: Deps, reader: Reader) -> list[dict[str, Any]]:
    """For each question; ``deps`` has the domain model whose estimates are wanted."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(asked), _BATCH):
        texts = [one.question for one in asked[start : start + _BATCH]]
        covered = [text for text in texts if deps.encoder.covers(text)]
        vectors = (
            dict(zip(covered, await deps.encoder.encode(covered), strict=True)) if covered else {}
        )
        for text in texts:
            vector = vectors.get(text)
            passages = await deps.search.find(Query(text), reader, PASSAGES, vector)
            estimate = deps.domain and await deps.domain.estimate(text, vector)
            found.append(
                {
                    "signals": asdict(passages.signals),
                    "confidence": estimate.confidence if estimate else 0.0,
                    "similarity": estimate.similarity if estimate else 0.0,
                    "threshold": estimate.threshold if estimate else 1.0,
                    "topic": estimate.topic if estimate else "",
                    "small_talk": await deps.small_talk.closeness(text, vector),
                    "covered": vector is not None,
                }
            )
    return found
