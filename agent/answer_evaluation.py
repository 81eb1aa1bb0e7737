"""How good the answers are: the whole path over a question set with gold answers."""

import re
import statistics
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.agent import Agent
from agent.answers import Answer, Question, Turn
from agent.deps import Deps
from agent.scratch_library import scratch_library
from knowledge.beir import BeirQuery, read_corpus, read_qrels, read_queries
from knowledge.database import Database
from knowledge.embedding.scripts import is_cjk
from knowledge.ingest import Report, silent
from knowledge.search import Search

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation + "，。！？；：、“”‘’（）《》「」…·")
_CITATION = re.compile(r"\[\d+\]")


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


async def evaluate_answers(
    directory: Path, database: Database, deps: Deps, progress: Report = silent
) -> AnswerReport:
    """Ask every question that has gold ``answers``; ``deps`` is used with the set's own corpus."""
    asked = [query for query in read_queries(directory) if query.answers]
    relevant = read_qrels(directory)
    async with scratch_library(read_corpus(directory), database, deps.encoder, progress) as scratch:
        agent = Agent(replace(deps, search=Search(scratch, deps.encoder)))
        answers = [await agent.ask(_question(query)) for query in asked]
    return _report(asked, answers, relevant)


def _question(query: BeirQuery) -> Question:
    turns = tuple(
        Turn("user" if turn.speaker == "user" else "agent", turn.text) for turn in query.turns
    )
    return Question(query.text, turns=turns)


def _report(
    asked: Sequence[BeirQuery],
    answers: Sequence[Answer],
    relevant: Mapping[str, Mapping[str, int]],
) -> AnswerReport:
    pairs = [(q, a) for q, a in zip(asked, answers, strict=True)]
    told = [(q, a) for q, a in pairs if not a.abstained]

    def share(values: Sequence[float]) -> float:
        return sum(values) / len(pairs) if pairs else 0.0

    return AnswerReport(
        contains_answer=share([contains_answer(a.text, q.answers) for q, a in told]),
        token_f1=share([token_f1(a.text, q.answers) for q, a in told]),
        citation_correct=share(
            [any(relevant.get(q.id, {}).get(c.uri, 0) > 0 for c in a.citations) for q, a in told]
        ),
        abstained_rate=share([a.abstained for a in answers]),
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
