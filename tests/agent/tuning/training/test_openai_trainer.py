"""The backend openai against a server on a local socket: one paid job, whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI

from agent.errors import ModelUnavailable, TrainingError
from agent.tuning.pairs import import_pairs
from agent.tuning.training import openai_trainer
from agent.tuning.training.openai_trainer import OpenAITrainer, stop
from agent.tuning.training.runs import Listed, Run, cancel, runs
from agent.tuning.training.training import Trained, train
from knowledge.database import Database
from knowledge.embedding import Encoder
from tests.agent.pairs import PAIRS, write_pairs
from tests.fakes.tuning_server import KEY, FakeTuning, fake_tuning


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openai_trainer, "_FIRST_WAIT_S", 0.01)
        yield


class Office:
    """A database with pairs, and an endpoint to train at."""

    def __init__(self, database: Database, encoder: Encoder, fake: FakeTuning) -> None:
        self.database, self.encoder, self.fake = database, encoder, fake
        self.said: list[str] = []
        self.steps: list[tuple[int, int | None]] = []

    async def train(self, *, key: str = KEY, **chosen: Any) -> Trained:
        async with self.client(key) as client:
            trainer = OpenAITrainer(self.encoder, client, "base-1", chosen)
            return await train(
                self.database,
                self.encoder,
                lambda done, total: self.steps.append((done, total)),
                trainer=trainer,
                say=self.said.append,
            )

    async def cancel(self, number: int) -> None:
        async with self.client() as client:

            async def end(run: Run, listed: Listed) -> None:
                await stop(client, run, listed.settings["base_url"])

            await cancel(self.database, number, end)

    @asynccontextmanager
    async def client(self, key: str = KEY) -> AsyncIterator[AsyncOpenAI]:
        async with AsyncOpenAI(api_key=key, base_url=self.fake.url, max_retries=0) as client:
            yield client


@asynccontextmanager
async def office(
    database: Database, encoder: Encoder, folder: Path, **how: Any
) -> AsyncIterator[Office]:
    await import_pairs(write_pairs(folder / "pairs.jsonl"), database)
    async with fake_tuning(**how) as fake:
        yield Office(database, encoder, fake)


@pytest.fixture
async def shop(database: Database, encoder: Encoder, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(database, encoder, tmp_path) as opened:
        yield opened


async def test_a_whole_training(shop: Office) -> None:
    done = await shop.train(n_epochs=4, suffix="handbook")
    assert done.model == "ft:base-1:o:knowhow:ftjob-1"
    assert done.exact_answer_rate is None
    (body,) = shop.fake.bodies
    assert body["method"] == {
        "type": "supervised",
        "supervised": {"hyperparameters": {"n_epochs": 4}},
    }
    assert body["hyperparameters"] == {"n_epochs": 4}  # where those that are not OpenAI look
    assert body["suffix"] == "handbook"
    taught, held_out = (shop.fake.examples(f"{name}.jsonl") for name in ("training", "validation"))
    assert len(taught) + len(held_out) == len(PAIRS)
    assert held_out
    asked = {one["messages"][1]["content"] for one in taught}
    assert not asked & {one["messages"][1]["content"] for one in held_out}
    assert shop.said == ["Created fine-tuning job", "The job has successfully completed"]
    assert shop.steps[-1] == (10, 20)
    (run,) = await runs(shop.database)
    assert (run.state, run.version, run.progress["job"]) == ("succeeded", done.version, "ftjob-1")
    assert KEY not in str(run)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_at_any_request_it_ends_with_one_job(
    database: Database, encoder: Encoder, tmp_path: Path, moment: str
) -> None:
    async with office(database, encoder, tmp_path) as first:
        await first.train()
        requests = len(first.fake.calls)
    for number in range(1, requests + 1):
        async with fake_tuning() as fake:
            again = Office(database, encoder, fake)
            task = asyncio.create_task(again.train())

            def kill(_call: str, at: int = number, it: asyncio.Task[Trained] = task) -> bool:
                return len(fake.calls) == at and it.cancel()

            setattr(fake, moment, kill)
            with pytest.raises(asyncio.CancelledError):
                await task
            done = await again.train()
            at = f"{moment} request {number}, {fake.calls[number - 1]}"
            assert len(fake.bodies) == 1 == len(fake.jobs), at
            assert len(fake.files) == 2, at
            assert len(again.said) == len(set(again.said)) == 2, at
            assert (await runs(database))[0].version == done.version


@pytest.mark.parametrize("forgets", [False, True])
async def test_a_lost_answer_to_the_creation_is_found_by_what_was_asked(
    shop: Office, *, forgets: bool
) -> None:
    shop.fake.forgets_metadata = forgets
    shop.fake.after = lambda call: call == "create"
    done = await shop.train()
    assert len(shop.fake.jobs) == 1
    assert done.model == "ft:base-1:o:knowhow:ftjob-1"


async def test_a_creation_that_never_arrived_is_made_up_for(shop: Office) -> None:
    shop.fake.before = lambda call: call == "create"
    with pytest.raises(ModelUnavailable, match="did not answer: run the same command again"):
        await shop.train()
    assert (await runs(shop.database))[0].shown_state == "stopped"
    shop.fake.before = lambda _call: False
    await shop.train()
    assert len(shop.fake.jobs) == 1


async def test_a_failed_job_says_why_and_the_next_training_is_another(shop: Office) -> None:
    shop.fake.fails = f"The file has 3\nexamples, 10 are needed. {KEY}"
    with pytest.raises(TrainingError, match="failed the job ftjob-1: The file has 3 examples") as e:
        await shop.train()
    assert KEY not in str(e.value)
    shop.fake.fails = ""
    assert (await shop.train()).model == "ft:base-1:o:knowhow:ftjob-2"
    assert [one.state for one in await runs(shop.database)] == ["succeeded", "failed"]


async def test_a_refused_job_ends_the_training_with_the_endpoints_words(shop: Office) -> None:
    shop.fake.refuses["create"] = (400, "n_epochs must be at most 50")
    with pytest.raises(TrainingError, match=r"127.0.0.1 refused: n_epochs must be at most 50"):
        await shop.train(n_epochs=99)
    assert (await runs(shop.database))[0].state == "failed"


async def test_a_wrong_key_is_named_and_not_repeated_and_can_be_mended(shop: Office) -> None:
    with pytest.raises(ModelUnavailable, match="refused the key: check OPENAI_API_KEY") as error:
        await shop.train(key="sk-wrong")
    assert "sk-wrong" not in str(error.value)
    await shop.train()
    assert len(await runs(shop.database)) == 1


async def test_a_cancelled_training_ends_here_and_there(shop: Office) -> None:
    shop.fake.holds_at = "running"
    task = asyncio.create_task(shop.train())
    while "ftjob-1" not in shop.fake.jobs or not (await runs(shop.database))[0].progress.get("job"):
        await asyncio.sleep(0.01)
    (run,) = await runs(shop.database)
    assert run.shown_state == "running"
    await shop.cancel(run.id)
    with pytest.raises(TrainingError, match="was cancelled"):
        await task
    assert shop.fake.jobs["ftjob-1"]["status"] == "cancelled"
    assert (await runs(shop.database))[0].state == "cancelled"
    with pytest.raises(TrainingError, match="is over already: it has cancelled"):
        await shop.cancel(run.id)


async def test_two_processes_do_not_follow_one_training(shop: Office) -> None:
    shop.fake.holds_at = "running"
    task = asyncio.create_task(shop.train())
    while "ftjob-1" not in shop.fake.jobs:
        await asyncio.sleep(0.01)
    with pytest.raises(TrainingError, match="running in another process"):
        await shop.train()
    shop.fake.holds_at = None
    await task
    assert len(shop.fake.jobs) == 1


async def test_other_settings_do_not_orphan_a_paid_job(shop: Office) -> None:
    shop.fake.refuses["retrieve"] = (503, "overloaded")
    with pytest.raises(ModelUnavailable):
        await shop.train()
    with pytest.raises(TrainingError, match=r"is not finished.*tune cancel 1"):
        await shop.train(n_epochs=2)


async def test_openai_itself_takes_no_new_job_after_its_day(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl"), database)
    async with AsyncOpenAI(api_key="k", base_url="https://api.openai.com/v1") as client:
        trainer = OpenAITrainer(encoder, client, "m", {}, today=lambda: date(2027, 1, 6))
        with pytest.raises(TrainingError, match=r"since 6 January 2027: --backend lora.*BASE_URL"):
            await train(database, encoder, trainer=trainer)
