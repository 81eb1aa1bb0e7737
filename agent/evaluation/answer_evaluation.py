"""How good the answers are: the whole path over a question set with gold answers."""

import asyncio
import re
import statistics
import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.agent import Agent
from agent.answers import Answer, Question, Turn
from agent.deps import Deps
from agent.evaluation.scratch_library import scratch_library
from knowledge.beir import BeirQuery, read_corpus, read_qrels, read_queries
from knowledge.database import Database
from knowledge.embedding.scripts import is_cjk
from knowledge.evaluation.outcomes import Advance, unheard
from knowledge.retrieval.search import Search
from knowledge.storage.ingest import Report, silent

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation + "，。！？；：、“”‘’（）《》「」…·")
_CITATION = re.compile(r"\[\d+\]")
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """Shares of all questions; an abstention counts as wrong in the first three.

    ``citation_correct``: some document cited is one that the set calls relevant. ``longest`` is
    the longest answer's number of characters.
    """

    contains_answer: float
    token_f1: float
    citation_correct: float
    abstained_rate: float
    p50_ms: float
    longest: int

    def as_json(self) -> dict[str, float]:
        """The fixed JSON contract of ``knowhow evaluate answers --json``."""
        return {
            "contains_answer": round(self.contains_answer, 4),
            "token_f1": round(self.token_f1, 4),
            "citation_correct": round(self.citation_correct, 4),
            "abstained_rate": round(self.abstained_rate, 4),
            "p50_ms": round(self.p50_ms, 2),
            "longest": self.longest,
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer held against its gold answers; nothing counts for an abstention.

    ``document`` is the one that the set calls relevant, or one of them.
    """

    contains_answer: bool
    token_f1: float
    citation_correct: bool
    answer: Answer
    document: str


async def evaluate_answers(
    directory: Path,
    database: Database,
    deps: Deps,
    *,
    progress: Report = silent,
    asking: Advance = unheard,
    limit: int | None = None,
) -> AnswerReport:
    """Ask the questions that have gold ``answers``; ``deps`` is used with the set's own corpus."""
    (judged,) = await judged_answers(
        directory, database, [deps], progress=progress, asking=asking, limit=limit
    )
    return summary(judged)


async def judged_answers(
    directory: Path,
    database: Database,
    candidates: Sequence[Deps],
    *,
    progress: Report = silent,
    asking: Advance = unheard,
    limit: int | None = None,
) -> list[list[Judged]]:
    """The same questions through each candidate, in their order, over one corpus.

    With a chat model four are asked at once.
    """
    asked = [query for query in read_queries(directory) if query.answers][:limit]
    relevant = read_qrels(directory)
    encoder = candidates[0].encoder
    judged: list[list[Judged]] = []
    async with scratch_library(read_corpus(directory), database, encoder, progress) as scratch:
        search = Search(scratch, encoder)
        for number, deps in enumerate(candidates):
            before = number * len(asked)

            def count(done: int, before: int = before) -> None:
                asking(before + done, len(asked) * len(candidates))

            agent = Agent(replace(deps, search=search))
            width = 1 if deps.chat is None else _AT_ONCE
            answers = await _asked(agent, asked, width, count)
            judged.append(
                [_judged(q, a, relevant.get(q.id, {})) for q, a in zip(asked, answers, strict=True)]
            )
    return judged


async def _asked(
    agent: Agent, queries: Sequence[BeirQuery], width: int, count: Callable[[int], None]
) -> list[Answer]:
    free = asyncio.Semaphore(width)
    done = 0

    async def ask(query: BeirQuery) -> Answer:
        nonlocal done
        async with free:
            answer = await agent.ask(_question(query))
        done += 1
        count(done)
        return answer

    return await asyncio.gather(*map(ask, queries))


def _judged(query: BeirQuery, answer: Answer, relevant: Mapping[str, int]) -> Judged:
    told = not answer.abstained
    return Judged(
        contains_answer=told and contains_answer(answer.text, query.answers),
        token_f1=token_f1(answer.text, query.answers) if told else 0.0,
        citation_correct=told and any(relevant.get(c.uri, 0) > 0 for c in answer.citations),
        answer=answer,
        document=next((name for name, grade in relevant.items() if grade > 0), query.id),
    )


def _question(query: BeirQuery) -> Question:
    turns = tuple(
        Turn("user" if turn.speaker == "user" else "agent", turn.text) for turn in query.turns
    )
    return Question(query.text, turns=turns)


def summary(judged: Sequence[Judged]) -> AnswerReport:
    """Of one candidate's answers."""
    answers = [one.answer for one in judged]

    def share(values: Iterable[float]) -> float:
        return sum(values) / len(judged) if judged else 0.0

    return AnswerReport(
        contains_answer=share(one.contains_answer for one in judged),
        token_f1=share(one.token_f1 for one in judged),
        citation_correct=share(one.citation_correct for one in judged),
        abstained_rate=share(a.abstained for a in answers),
        p50_ms=statistics.median([a.timings_ms["total"] for a in answers]) if answers else 0.0,
        longest=max((len(a.text) for a in answers), default=0),
    )


def contains_answer(text: str, gold: Sequence[str]) -> bool:
    """Whether one of the gold answers stands in the text, after `normalised`."""
    said = normalised(text)
    return any(bool(answer := normalised(one)) and answer in said for one in gold)


def token_f1(text: str, gold: Sequence[str]) -> float:
    """The best F1 of tokens in common, as in SQuAD; Chinese is counted by characters."""
    return max((_f1(_tokens(text), _tokens(one)) for one in gold), default=0.0)


def normalised(text: str) -> str:
    """SQuAD's normalisation: lower case, no punctuation, no articles, single spaces.

    In text with Chinese characters all spaces go, for they say nothing there. Citations go too.
    """
    plain = _CITATION.sub("", text).lower().translate(_PUNCTUATION)
    if any(map(is_cjk, plain)):
        return "".join(plain.split())
    return " ".join(_ARTICLES.sub(" ", plain).split())


def _tokens(text: str) -> list[str]:
    plain = normalised(text)
    return list(plain) if any(map(is_cjk, plain)) else plain.split()


def _f1(said: Sequence[str], gold: Sequence[str]) -> float:
    common = (Counter(said) & Counter(gold)).total()
    if not common:
        return 0.0
    precision, recall = common / len(said), common / len(gold)
    return 2 * precision * recall / (precision + recall)
