"""What the detectors find of planted faults: ``python -m tests.benchmarks.planted DATA [CACHE]``.

The set: 2,000 headings of the handbook's real Markdown as questions ("title: heading") with the
first sentences below them as answers, all of StackFAQ, 800 of BANKING77 and 300 Chinese questions
of XQuAD, less what is the same letter by letter, case and spaces aside. Planted: 200 exact and 200
near duplicates, 100 each of secrets, personal data, contradictions and leaked held-out questions.
Every finding of these kinds on what was not planted counts as wrong, and is printed to be judged
with ``--show``. CACHE keeps the vectors of a run.
"""

import argparse
import asyncio
import hashlib
import json
import random
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from agent.tuning.examining.examination import examine, world_of
from agent.tuning.examining.findings import Examined, Finding, World
from knowledge.embedding.minilm import MiniLM
from tests.benchmarks.planted_edits import exact, near, other_answer
from tests.benchmarks.planted_forms import CARRIERS, personal, secret

_HANDBOOK, _BANKING, _CHINESE = 2_000, 800, 300
_HELD_OUT = 100  # of each source; the handbook gives twice as many
_HEADING = re.compile(r"^#{1,4} +(.+?) *#*$")
_SHOWN = 110


@dataclass
class Planted:
    """The pairs so far, and the ids of those planted by kind; ``held_out`` is never trained on."""

    random: random.Random
    pairs: list[Examined] = field(default_factory=list)
    held_out: list[str] = field(default_factory=list)
    ids: dict[str, set[int]] = field(default_factory=dict)

    def add(self, question: str, answer: str, topic: str, kind: str | None = None) -> None:
        own = len(self.pairs) + 1
        self.pairs.append(Examined(own, question, answer, topic))
        if kind is not None:
            self.ids.setdefault(kind, set()).add(own)


def _handbook(folder: Path) -> list[tuple[str, str]]:
    """Title and heading, first sentences; sections without a sentence of prose are left out."""
    found = []
    for file in sorted(folder.rglob("*.md")):
        title, heading, said = file.stem.replace("_", " "), "", ""
        for line in [*file.read_text("utf-8").splitlines(), "# end"]:
            match = _HEADING.match(line)
            if match is None:
                said = f"{said} {line.strip()}" if len(said) < 500 else said
                continue
            sentences = re.split(r"(?<=[.!?]) ", said.strip())
            answer = " ".join(sentences[:2])[:400]
            if heading and len(answer.split()) > 5:
                found.append((f"{title}: {heading}" if heading != title else title, answer))
            if line.startswith("# ") and match[1] != "end":
                title = match[1]
            heading, said = match[1], ""
    return found


def _lines(file: Path) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [(row.get("question") or row["text"], row.get("answer") or row["answers"][0])
            for row in rows]  # fmt: skip


def _base(data: Path, planted: Planted) -> None:
    """The natural pairs and the held-out questions, apart by an exact rule of its own."""
    r = planted.random
    handbook = r.sample(_handbook(data / "handbook"), _HANDBOOK + 2 * _HELD_OUT)
    chinese = r.sample(_lines(data / "xquad-zh" / "queries.jsonl"), _CHINESE + _HELD_OUT)
    held = [*handbook[_HANDBOOK:], *chinese[_CHINESE:]]
    for name in ("domain-stackfaq", "intents-banking77"):
        held += r.sample(_lines(data / name / "heldout.jsonl"), _HELD_OUT)
    planted.held_out = [question for question, _ in held]
    natural = [
        *handbook[:_HANDBOOK],
        *_lines(data / "domain-stackfaq" / "pairs.jsonl"),
        *r.sample(_lines(data / "intents-banking77" / "pairs.jsonl"), _BANKING),
        *chinese[:_CHINESE],
    ]
    r.shuffle(natural)
    seen = {" ".join(question.lower().split()) for question in planted.held_out}
    for question, answer in natural:
        plain = " ".join(question.lower().split())
        if plain not in seen:
            seen.add(plain)
            planted.add(question, answer, "natural")
    print(f"{len(natural)} natural pairs, {len(natural) - len(planted.pairs)} the same letter by "
          f"letter left out; {len(planted.held_out)} held-out questions")  # fmt: skip


def _plant(planted: Planted) -> None:
    r = planted.random
    natural = list(planted.pairs)
    r.shuffle(natural)
    place = iter(natural)
    for _ in range(200):
        one = next(place)
        planted.add(exact(one.question, r), one.answer, "exact", "exact duplicate")
    for _ in range(200):
        one = next(place)
        planted.add(near(one.question, r), one.answer, "near", "near duplicate")
    for _ in range(100):
        one = next(place)
        asked = one.question if r.random() < 0.5 else near(one.question, r)
        elsewhere = next(other for other in place if other.answer != one.answer)
        planted.add(asked, other_answer(one.answer, elsewhere.answer, r), "", "contradiction")
    for question in r.sample(planted.held_out, 100):
        edit = r.choice([lambda text, _: text, exact, near])
        planted.add(edit(question, r), next(place).answer, "leak", "leak")
    forms: Sequence[tuple[str, Callable[[random.Random, int], str]]] = (
        ("secret", secret),
        ("personal data", personal),
    )
    for kind, form in forms:
        for number in range(100):
            one = next(place)
            fault = form(r, number)
            answer = r.choice(CARRIERS).format(answer=one.answer, fault=fault)
            question = one.question
            if r.random() < 0.2:
                question, answer = f"{question} {fault}", one.answer
            planted.pairs[one.id - 1] = Examined(one.id, question, answer, kind)
            planted.ids.setdefault(kind, set()).add(one.id)


def _judged(planted: Planted, found: Sequence[Finding], *, show: bool) -> None:
    by_id = {one.id: one for one in planted.pairs}
    for kind, ids in planted.ids.items():
        alike = {"near duplicate": {"near duplicate", "exact duplicate"}}.get(kind, {kind})
        hit = {own for one in found if one.kind in alike for own in one.pairs} & ids
        expected = ids | (planted.ids["near duplicate"] if kind == "exact duplicate" else set())
        same = [one for one in found if one.kind == kind]
        wrong = [one for one in same if not expected & set(one.pairs)]
        print(
            f"{kind:16} recall {len(hit) / len(ids):.3f} ({len(hit)} of {len(ids)}), precision "
            f"{1 - len(wrong) / max(len(same), 1):.3f} ({len(wrong)} of {len(same)} not planted)"
        )
        if show:
            for own in sorted(ids - hit):
                print(f"  missed {_line(by_id[own])}")
            for one in wrong:
                print(
                    f"  extra  {one.why} :: {' <> '.join(_line(by_id[i]) for i in one.pairs[:3])}"
                )


def _line(one: Examined) -> str:
    return f"{one.id} {one.question[:_SHOWN]!r} → {one.answer[-_SHOWN:]!r}"


async def _world(encoder: MiniLM, planted: Planted, cache: Path) -> World:
    texts = [*(one.question for one in planted.pairs), *planted.held_out]
    kept = cache / f"{hashlib.sha256(repr(texts).encode()).hexdigest()[:16]}.npz"
    if not kept.exists():
        made = await world_of(encoder, planted.pairs, planted.held_out)
        np.savez(
            kept,
            ids=list(made.vectors),
            rows=np.stack(list(made.vectors.values())),
            held=list(made.held_out_vectors),
            others=np.array(list(made.held_out_vectors.values())),
        )
    read = np.load(kept)
    return World(
        dict(zip(read["ids"].tolist(), read["rows"], strict=True)),
        planted.held_out,
        dict(zip(read["held"].tolist(), read["others"], strict=True)),
    )


async def _banking(encoder: MiniLM, data: Path, cache: Path) -> None:
    """Of the pairs with a cosine above .95 and different labels, how many are in the queue."""
    asked = _lines(data / "intents-banking77" / "pairs.jsonl")
    everything = Planted(random.Random(0))  # noqa: S311  # the same
    for question, answer in asked:
        everything.add(question, answer, "")
    world = await _world(encoder, everything, cache)
    started, spent = time.perf_counter(), time.process_time()
    found = examine(everything.pairs, world)
    seconds, spent = time.perf_counter() - started, time.process_time() - spent
    rows = np.stack([world.vectors[one.id] for one in everything.pairs])
    close = [
        (start + one + 1, other + 1)
        for start in range(0, len(rows), 1_000)
        for one, other in np.argwhere(rows[start : start + 1_000] @ rows.T > 0.95).tolist()
        if start + one < other and asked[start + one][1] != asked[other][1]
    ]
    queued = [set(one.pairs) for one in found if one.kind == "contradiction"]
    there = sum(any({*pair} <= own for own in queued) for pair in close)
    doubts = sum(one.kind == "label error" for one in found)
    print(
        f"BANKING77: {there} of {len(close)} close pairs with different labels are queued; "
        f"{doubts} label errors; {len(asked)} pairs examined in {seconds:.1f} s, "
        f"{spent:.1f} s of them on a processor"
    )


async def _main(data: Path, cache: Path, seed: int, *, show: bool) -> None:
    encoder = MiniLM(cache)
    planted = Planted(random.Random(seed))  # noqa: S311  # not for secrecy
    _base(data, planted)
    _plant(planted)
    world = await _world(encoder, planted, cache)
    last: list[tuple[str, float]] = []

    def step(name: str, _: int, __: int) -> None:
        now = time.perf_counter()
        if last:
            print(f"  {last[-1][0]}: {now - last[-1][1]:.2f} s")
        last.append((name, now))

    started, spent = time.perf_counter(), time.process_time()
    found = examine(planted.pairs, world, step)
    print(
        f"{len(planted.pairs)} pairs examined in {time.perf_counter() - started:.1f} s, "
        f"{time.process_time() - spent:.1f} s of them on a processor"
    )
    _judged(planted, found, show=show)
    await _banking(encoder, data, cache)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path, nargs="?")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", action="store_true", help="print what was missed or is extra")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cache = given.cache or Path(folder)
        asyncio.run(_main(given.data, cache, given.seed, show=given.show))
