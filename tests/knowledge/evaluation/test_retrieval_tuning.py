import pytest
from sqlalchemy import select

from knowledge import tables
from knowledge.database import Database
from knowledge.documents import Query, Reader
from knowledge.errors import InvalidInput
from knowledge.evaluation.evaluation import evaluate_own
from knowledge.evaluation.retrieval_tuning import tune_retrieval, use
from knowledge.retrieval.blending import Blend, Weights
from knowledge.retrieval.search import Search
from knowledge.storage.library import Library
from tests.fakes.letters import Letters
from tests.knowledge.asking import add_questions
from tests.knowledge.preparing import prepare

LETTERS = Letters()
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


async def fill(database: Database, *, misleading: bool) -> None:
    """Ninety documents; each question's terms stand in its document.

    Or, where they mislead, in another one, and only its letters, which the encoder of these tests
    reads, still lead to its own.
    """
    names = [f"{a}{b}" for a in NUMBERS for b in NUMBERS[:9]]
    library = Library(database, LETTERS)
    await library.put([await prepare(LETTERS, name, f"{name} {name}") for name in names])
    asked = {}
    for place, name in enumerate(names):
        mirrored, other = name[::-1], names[(place + 40) % len(names)]
        words = f"{mirrored} {mirrored} {mirrored} {other}" if misleading else f"{name} {name}?"
        asked[words] = name
    await add_questions(database, LETTERS, asked)


async def test_weights_that_do_not_prove_better_are_not_kept(database: Database) -> None:
    await fill(database, misleading=False)
    report = await tune_retrieval(database, LETTERS)
    assert not report.kept
    assert report.overall.difference[0] <= 0
    async with database.engine.connect() as connection:
        assert await connection.scalar(select(tables.corpus.c.blend)) is None
        assert (await connection.scalars(select(tables.blend.c.id))).all() == []


async def test_weights_that_prove_better_are_used_by_the_next_search(database: Database) -> None:
    await fill(database, misleading=True)
    # Somebody had left the search to the terms alone, which mislead here.
    await use(database, Blend({"latin": Weights(1, 0, 0)}), {})
    before = await evaluate_own(database, LETTERS)
    report = await tune_retrieval(database, LETTERS)
    assert report.kept
    assert report.overall.after > report.overall.before
    assert report.overall.difference[0] > 0
    after = await evaluate_own(database, LETTERS)
    assert after.mean("ndcg_at_10") > before.mean("ndcg_at_10")
    async with database.engine.connect() as connection:
        kept = await connection.scalar(select(tables.corpus.c.blend))
        evidence = await connection.scalar(
            select(tables.blend.c.evidence).order_by(tables.blend.c.id.desc()).limit(1)
        )
    assert Blend.from_json(kept) == report.blend
    assert evidence == report.as_json()


async def test_the_fit_gains_what_blending_would(database: Database) -> None:
    """The fast sums of the fit and the search's own ranking must not drift apart."""
    from knowledge.evaluation.blend_fitting import Searched
    from knowledge.evaluation.own_questions import own_questions

    await fill(database, misleading=True)
    search = Search(database, LETTERS)
    grid = [Weights(1, 0, 0), Weights(0, 1, 0), Weights(0.5, 0.3, 0.2), Weights(0.1, 0.1, 0.8)]
    for own in (await own_questions(database))[:20]:
        candidates = await search.candidates(own.judged.query, Reader(), own.judged.excluding)
        async with database.engine.connect() as connection:
            rows = await connection.execute(select(tables.chunk.c.id, tables.chunk.c.document_id))
            searched = Searched(own, candidates, {row[0]: row[1] for row in rows})
        fast = searched.gains(grid)
        slow = [searched.gain(Blend({"latin": weights})) for weights in grid]
        # A tie counts against the document in the fit, by age in the search.
        assert all(f <= s + 1e-9 for f, s in zip(fast, slow, strict=True))
        assert fast[2] == pytest.approx(slow[2])


async def test_too_few_questions_are_refused(database: Database) -> None:
    library = Library(database, LETTERS)
    await library.put([await prepare(LETTERS, "moon", "tides")])
    with pytest.raises(InvalidInput, match="no question set yet"):
        await tune_retrieval(database, LETTERS)
    await add_questions(database, LETTERS, {"what pulls the tides?": "moon"})
    with pytest.raises(InvalidInput, match="1 questions are too few"):
        await tune_retrieval(database, LETTERS)


async def test_the_own_set_is_measured_without_finding_itself(database: Database) -> None:
    library = Library(database, LETTERS)
    await library.put([await prepare(LETTERS, name, name) for name in ("moon", "bread")])
    await add_questions(database, LETTERS, {"xyzzy plugh": "moon"})
    await use(database, Blend({"latin": Weights(0, 0, 1)}), {})
    found = await Search(database, LETTERS).find(Query("xyzzy plugh"), Reader())
    assert found.passages[0].title == "moon"
    report = await evaluate_own(database, LETTERS)
    assert report.outcomes[0].first[0].score < 1
    assert report.as_json()["questions"] == 1
