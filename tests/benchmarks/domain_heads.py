"""How well the embedded domain model answers: ``python -m tests.benchmarks.domain_heads DATA``.

DATA holds ``domain-stackfaq``, ``intents-banking77`` and ``intents-clinc``; the Chinese questions
are the sample team's. Each set is trained on as the product does, in a scratch database of its
own, and asked what was held out of it. Seconds are of the whole training, encoding included.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from agent.learned.head_model import HeadModel
from agent.learned.loading import load_live
from agent.learned.registry import Registry
from agent.tuning.pairs import import_pairs
from agent.tuning.training.training import train
from knowledge.database import open_database
from knowledge.embedding.minilm import MiniLM

_HERE = Path(__file__).parent
_SAMPLE = _HERE.parents[1] / "bot" / "sample" / "pairs.jsonl"
_BATCH = 128

Row = tuple[str, str]
"""A question and its right answer, empty where there is none."""


def _rows(path: Path, answer: str = "answer") -> list[Row]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(one["question"], one[answer]) for one in map(json.loads, lines)]


def _sets(data: Path) -> dict[str, tuple[list[Row], list[Row]]]:
    clinc = data / "intents-clinc"
    unknown = [(question, "") for question, _ in _rows(clinc / "oos_val.jsonl", "intent")]
    return {
        "merrowby": (_rows(_SAMPLE), _rows(_HERE / "data" / "merrowby-zh.jsonl")),
        **{
            name: (_rows(data / name / "pairs.jsonl"), _rows(data / name / "heldout.jsonl"))
            for name in ("domain-stackfaq", "intents-banking77")
        },
        "clinc": (
            _rows(clinc / "train.jsonl", "intent"),
            [*_rows(clinc / "val.jsonl", "intent"), *unknown],
        ),
    }


async def _measure(name: str, pairs: Sequence[Row], asked: Sequence[Row], encoder: MiniLM) -> None:
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "pairs.jsonl"
        lines = [json.dumps({"question": q, "answer": a, "topic": a[:60]}) for q, a in pairs]
        path.write_text("\n".join(lines), encoding="utf-8")
        async with open_database(None, Path(home)) as database:
            await import_pairs(path, database)
            started = time.perf_counter()
            await train(database, encoder)
            seconds = time.perf_counter() - started
            await Registry(database).promote(None, "a benchmark")
            model = await load_live(database, encoder)
    if not isinstance(model, HeadModel):
        raise TypeError(f"{name}: the live model is {type(model).__name__}")
    answers, milliseconds = await _answers(model, [question for question, _ in asked], encoder)
    known = [(given, right) for given, (_, right) in zip(answers, asked, strict=True) if right]
    unknown = [given for given, (_, right) in zip(answers, asked, strict=True) if not right]
    exact = sum(given == right for given, right in known) / len(known)
    declined = sum(given is None for given, _ in known) / len(known)
    print(
        f"{name}: {len(pairs)} pairs trained in {seconds:.1f} s; of {len(known)} exact {exact:.4f},"
        f" wrong {1 - exact - declined:.4f}, declined {declined:.4f}; {milliseconds:.2f} ms each",
        flush=True,
    )
    if unknown:
        share = sum(given is None for given in unknown) / len(unknown)
        print(f"{name}: of {len(unknown)} that nobody answers, declined {share:.3f}", flush=True)


async def _answers(
    model: HeadModel, questions: Sequence[str], encoder: MiniLM
) -> tuple[list[str | None], float]:
    """What is answered, and the mean milliseconds of an estimate beyond the encoding."""
    answers: list[str | None] = []
    spent = 0.0
    for start in range(0, len(questions), _BATCH):
        batch = questions[start : start + _BATCH]
        vectors = await encoder.encode(batch)
        for question, vector in zip(batch, vectors, strict=True):
            started = time.perf_counter()
            read = vector if encoder.covers(question) else None
            estimate = await model.estimate(question, read)
            spent += time.perf_counter() - started
            sure = estimate.confidence >= estimate.threshold
            answers.append(estimate.answer if sure else None)
    return answers, 1000 * spent / len(questions)


async def _main(data: Path) -> None:
    with tempfile.TemporaryDirectory() as cache:
        encoder = MiniLM(Path(cache))
        for name, (pairs, asked) in _sets(data).items():
            await _measure(name, pairs, asked, encoder)


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
