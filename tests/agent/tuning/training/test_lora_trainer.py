"""The backend lora, for real: train a tiny model, stop it, go on, serve it, ask it."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from openai import APIConnectionError, AsyncOpenAI
from safetensors import safe_open

from agent.agent import Agent
from agent.answers import Question
from agent.errors import TrainingError
from agent.learned.endpoints import Endpoints
from agent.learned.loading import load_version
from agent.learned.registry import Registry
from agent.tuning.pairs import import_pairs
from agent.tuning.training.lora_trainer import LoraTrainer
from agent.tuning.training.runs import runs
from agent.tuning.training.training import train
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.agent.pairs import PAIRS, write_pairs
from tests.agent.team import deps, team

TINY = Path(__file__).parents[3] / "fakes" / "tiny_model.py"

installed = pytest.mark.skipif(find_spec("trl") is None, reason="the extra lora is not installed")


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0


@asynccontextmanager
async def served(model: str) -> AsyncIterator[AsyncOpenAI]:
    """`transformers serve` on a free port, with the model loaded before the first question."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = Path(sys.executable).with_name("transformers")
    process = await asyncio.create_subprocess_exec(
        *(str(command), "serve", model, "--host", "127.0.0.1", "--port", port, "--device", "cpu"),
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    url = f"http://127.0.0.1:{port}/v1"
    try:
        async with AsyncOpenAI(api_key="none", base_url=url, max_retries=0) as client:
            while process.returncode is None:
                try:
                    await client.models.list()
                    break
                except APIConnectionError:
                    await asyncio.sleep(0.5)
            yield client
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.lora
@installed
async def test_an_adapter_is_trained_stopped_gone_on_with_served_and_asked(
    database: Database, encoder: MiniLM, tmp_path: Path
) -> None:
    await _run(sys.executable, str(TINY), str(tmp_path / "tiny"))
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl"), database)
    chosen = {"num_train_epochs": 20, "learning_rate": 0.01, "save_steps": 5, "use_cpu": True}
    trainer = LoraTrainer(
        encoder, tmp_path / "models", str(tmp_path / "tiny"), chosen, dict(os.environ)
    )

    stopped = asyncio.Event()
    said: list[str] = []

    def progress(done: int, _total: int | None) -> None:
        if done == 7:
            stopped.set()

    first = asyncio.create_task(
        train(database, encoder, progress, trainer=trainer, say=said.append)
    )
    await stopped.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await runs(database))[0].shown_state == "stopped"

    done = await train(database, encoder, trainer=trainer, say=said.append)
    assert any(line.startswith("Going on from step ") for line in said)
    assert "Going on from step 5." not in said  # that of the stop, not the one before it
    (run,) = await runs(database)
    assert (run.state, run.version) == ("succeeded", done.version)
    (version,) = await Registry(database).versions()
    losses = version.manifest["loss"], version.manifest["held_out_loss"]
    assert all(isinstance(loss, float) for loss in losses)
    with safe_open(f"{version.manifest['adapter']}/adapter_model.safetensors", "np") as adapter:
        assert all("lora" in name for name in adapter.keys())  # noqa: SIM118 (no mapping)
    assert "torch" not in sys.modules

    search = await team(database, encoder)
    async with served(version.manifest["model"]) as client:
        endpoints = Endpoints(adapters=client, timeout_s=120)
        model = await load_version(database, encoder, done.version, endpoints)
        assert model is not None
        agent = Agent(deps(search, encoder, "domain", domain=model))
        answer = await agent.ask(Question(PAIRS[0][0]))
    assert answer.model == f"domain:{done.version}", answer.reason
    assert answer.route == "domain"
    assert answer.text


@pytest.mark.lora
@installed
async def test_a_setting_that_there_is_not_is_named(
    database: Database, encoder: MiniLM, tmp_path: Path
) -> None:
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl"), database)
    trainer = LoraTrainer(encoder, tmp_path / "models", "none", {"epochs": 3}, dict(os.environ))
    with pytest.raises(TrainingError, match=r"no setting epochs: .*num_train_epochs"):
        await train(database, encoder, trainer=trainer)


@pytest.mark.skipif(find_spec("trl") is not None, reason="the extra lora is installed")
async def test_without_the_extra_it_says_what_to_install(
    database: Database, encoder: MiniLM, tmp_path: Path
) -> None:
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl"), database)
    trainer = LoraTrainer(encoder, tmp_path / "models", "any", {}, {})
    with pytest.raises(TrainingError, match="needs torch, trl, peft: run `uv sync --extra lora`"):
        await train(database, encoder, trainer=trainer)
