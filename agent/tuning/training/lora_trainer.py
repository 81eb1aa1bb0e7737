"""The backend lora: an adapter for any Hugging Face causal model, trained on this machine.

TRL and PEFT do it, in a process of its own: see `agent.tuning.training.lora_child`.
"""

import asyncio
import json
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agent.errors import TrainingError, TrainingInterrupted
from agent.learned.endpoints import LORA
from agent.tuning.datasets import Dataset
from agent.tuning.pair_files import Pair
from agent.tuning.training.chat_examples import SYSTEM, Split, messages, split, taught_part
from agent.tuning.training.head_trainer import HeadTrainer
from agent.tuning.training.trainer import Made, Memory, Progress, silent
from knowledge.embedding import Encoder

_CHILD = Path(__file__).with_name("lora_child.py")
_NEEDS = ("torch", "trl", "peft")
_GRACE_S = 120.0
"""To finish a step and save a checkpoint."""

_LOOK_S = 2.0
_LONGEST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class LoraTrainer:
    """``base`` is a model's path or its name on the hub.

    ``models`` is the folder that adapters are kept in, ``chosen`` are settings of PEFT's LoraConfig
    and TRL's SFTConfig by their names, ``environment`` is what the training process is started in:
    none of Knowhow's secrets is its business.
    """

    encoder: Encoder
    models: Path
    base: str
    chosen: Mapping[str, Any]
    environment: Mapping[str, str]
    backend: str = LORA

    @property
    def settings(self) -> Mapping[str, Any]:
        """The base model and what was chosen."""
        return {"base": _found(self.base), "chosen": dict(self.chosen)}

    async def train(self, dataset: Dataset, progress: Progress, memory: Memory) -> Made:
        """Train from the last checkpoint on; minutes to hours, by the base and the machine."""
        missing = [name for name in _NEEDS if find_spec(name) is None]
        if missing:
            raise TrainingError(
                f"the backend lora needs {', '.join(missing)}: run `uv sync --extra lora`, or "
                "`pip install 'knowhow[lora]'`"
            )
        folder = self.models / f"run-{memory.run}"
        folder.mkdir(parents=True, exist_ok=True)
        await memory.remember(folder=str(folder))
        order = self._order(split(dataset), folder)
        async with _child(folder, self.environment) as child:
            done = await _trained(child, order, folder, progress, memory)
        judge = await HeadTrainer(self.encoder).train(taught_part(dataset), silent, memory)
        await asyncio.to_thread(shutil.rmtree, folder / "checkpoints", ignore_errors=True)
        about = {
            **self.settings,
            **done,
            "model": str(folder / "model"),
            "adapter": str(folder / "adapter"),
            "system": SYSTEM,
        }
        # The judge's rates say how well it knows what was taught, not how well the model answers.
        rates = {"judge_held_out": judge.manifest.get("held_out"), "held_out": None}
        return Made(judge.parameters, {**judge.manifest, **rates, **about})

    def _order(self, parts: Split, folder: Path) -> dict[str, Any]:
        return {
            "base": _found(self.base),
            "folder": str(folder),
            "chosen": dict(self.chosen),
            "taught": _examples(parts.taught),
            "held_out": _examples(parts.held_out),
        }


async def discard(memory: Memory) -> None:
    """Remove what a training kept that nobody goes on with."""
    if folder := memory.remembered.get("folder"):
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _found(base: str) -> str:
    """A path as an absolute one, because the adapter names it; anything else is the hub's."""
    return str(Path(base).resolve()) if Path(base).exists() else base


def _examples(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """``prompt`` and ``completion``, so that the loss is on the answer alone."""
    return [{"prompt": said[:-1], "completion": said[-1:]} for said in map(messages, pairs)]


async def _trained(
    child: Process, order: Mapping[str, Any], folder: Path, progress: Progress, memory: Memory
) -> Mapping[str, Any]:
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("a process without its streams")
    child.stdin.write(json.dumps(order).encode() + b"\n")
    watch = asyncio.create_task(_stop_when_cancelled(child, memory))
    told: dict[str, Any] = {}
    try:
        async for line in child.stdout:
            told = json.loads(line)
            if "step" in told:
                progress(told["step"], told["total"])
            elif "say" in told:
                memory.say(str(told["say"]))
        code = await child.wait()
    finally:
        watch.cancel()
    if "done" in told:
        done: Mapping[str, Any] = told["done"]
        return done
    if not await memory.wanted():
        await discard(memory)
        raise TrainingError("the training was cancelled")
    log = folder / "training.log"
    if "error" in told:
        raise TrainingError(f"the training failed: {told['error']}; {log} shows where")
    raise TrainingInterrupted(
        f"the training process ended early (status {code}; -9 is often too little memory; {log}): "
        "run the same command again, it goes on from the last checkpoint"
    )


@asynccontextmanager
async def _child(folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Process]:
    """The process in a session of its own: Ctrl-C reaches this one alone, which then ends it."""
    with (folder / "training.log").open("ab") as log:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # else the modules beside the script would hide others of the same name
            str(_CHILD),
            stdin=PIPE,
            stdout=PIPE,
            stderr=log,
            env={**environment, "HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false"},
            start_new_session=True,
            limit=_LONGEST_LINE,
        )
    try:
        yield child
    finally:
        if child.stdin is not None:
            child.stdin.close()
        try:
            await asyncio.wait_for(child.wait(), _GRACE_S)
        except TimeoutError:
            child.kill()
            await child.wait()


async def _stop_when_cancelled(child: Process, memory: Memory) -> None:
    while await memory.wanted():  # noqa: ASYNC110 (another process says so, in the database)
        await asyncio.sleep(_LOOK_S)
    if child.stdin is not None:
        child.stdin.close()
