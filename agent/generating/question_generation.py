"""From chunks to a question set: written, held against retrieval and passage, stored as they come.

A question is kept when its answer stands in its passage, when search finds that passage back among
the first ten (round-trip consistency, Alberti et al. 2019), and when nobody asks the same already.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.generating.question_writing import Written, write_questions
from agent.models import ChatModel
from agent.prompting.prompts import Prompt
from knowledge.database import Database
from knowledge.documents import Query
from knowledge.embedding import Encoder
from knowledge.evaluation.outcomes import Advance, unheard
from knowledge.questions.question_filters import fault
from knowledge.questions.question_places import Unasked, is_known, mark_asked, unasked
from knowledge.questions.question_set import Answered, add_questions
from knowledge.retrieval.search import Search

_AT_ONCE = 4
_DEPTH = 10
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Generated:
    """What a run did; ``left_out`` counts by reason, with some ``examples`` of each."""

    chunks: int
    written: int
    added: int
    left_out: Mapping[str, int]
    examples: Mapping[str, Sequence[str]]
    cost_usd: float | None

    def as_json(self) -> dict[str, Any]:
        """For ``knowhow questions generate --json``."""
        return {
            "chunks": self.chunks,
            "written": self.written,
            "added": self.added,
            "left_out": dict(self.left_out),
            "examples": {reason: list(found) for reason, found in self.examples.items()},
            "cost_usd": self.cost_usd,
        }


@dataclass(frozen=True, slots=True)
class Generator:
    """Everything that writing a question set takes."""

    database: Database
    search: Search
    encoder: Encoder
    chat: ChatModel
    prompt: Prompt

    async def run(
        self,
        *,
        collection: str | None = None,
        limit: int | None = None,
        each: int = 3,
        again: bool = False,
        advance: Advance = unheard,
    ) -> Generated:
        """Write up to ``each`` questions for every chunk that has none; with ``again``, for all.

        Four chunks at a time, each stored before the next are asked about. Raises
        ModelUnavailable; what was stored stays, and the next run goes on behind it.
        """
        chunks = await unasked(self.database.engine, collection, limit, again=again)
        left_out: Counter[str] = Counter()
        examples: defaultdict[str, list[str]] = defaultdict(list)
        written = added = done = 0
        costs: list[float | None] = []
        advance(0, len(chunks))
        for start in range(0, len(chunks), _AT_ONCE):
            batch = chunks[start : start + _AT_ONCE]
            asked = (write_questions(self.chat, self.prompt, one.place, each) for one in batch)
            replies: list[Written] = await asyncio.gather(*asked)
            costs += [reply.cost_usd for reply in replies]
            for one, reply in zip(batch, replies, strict=True):
                written += len(reply.pairs)
                for question, answer in reply.pairs:
                    reason = await self._kept(one, question, answer)
                    added += reason is None
                    if reason is not None:
                        left_out[reason] += 1
                        examples[reason] += [question] * (len(examples[reason]) < _EXAMPLES)
            await mark_asked(self.database.engine, [one.place for one in batch])
            done += len(batch)
            advance(done, len(chunks))
        cost = None if None in costs else sum(cost or 0.0 for cost in costs)
        return Generated(done, written, added, dict(left_out.most_common()), examples, cost)

    async def _kept(self, one: Unasked, question: str, answer: str) -> str | None:
        """Store the question, or say why not."""
        if reason := fault(question, answer, one.place.text):
            return reason
        vector = await self._vector(question)
        if await is_known(self.database.engine, question, vector, self.encoder.name):
            return "asked already"
        found = await self.search.find(Query(question), one.reader, _DEPTH, vector)
        if one.place.chunk_id not in {passage.chunk_id for passage in found.passages}:
            return f"its passage is not among the first {_DEPTH} found"
        stored = Answered(question, answer, one.place)
        await add_questions([stored], self.database, self.encoder, self.chat.name)
        return None

    async def _vector(self, question: str) -> NDArray[np.float32] | None:
        if not self.encoder.covers(question):
            return None
        vector: NDArray[np.float32] = (await self.encoder.encode([question]))[0]
        return vector
