"""The backend openai: any endpoint that speaks the fine-tuning API, OpenAI's or another's.

A job costs money and outlives this process. So what identifies it is written down before it is
created, and whoever comes back looks for it before creating another.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from openai import AsyncOpenAI
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent

from agent.errors import TrainingError
from agent.learned.endpoints import OPENAI, address
from agent.tuning.datasets import Dataset
from agent.tuning.pair_files import Pair
from agent.tuning.training.chat_examples import SYSTEM, chat_lines, split, taught_part
from agent.tuning.training.head_trainer import HeadTrainer
from agent.tuning.training.openai_jobs import FineTuning, Order, ResponseLost
from agent.tuning.training.trainer import Made, Memory, Progress, silent
from knowledge.embedding import Encoder

CLOSES = date(2027, 1, 6)
_CLOSES = "6 January 2027"
"""From this day OpenAI itself takes no new fine-tuning jobs."""

_SUFFIX = "knowhow"
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 15.0
_LOOKS = 3
_OVER = frozenset({"succeeded", "failed", "cancelled"})
_JOBS_OWN = ("seed", "suffix")
"""Names among the settings that belong to the job, not to its hyperparameters."""


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class OpenAITrainer:
    """``chosen`` are hyperparameters by the endpoint's own names, passed on as they are."""

    encoder: Encoder
    client: AsyncOpenAI
    base: str
    chosen: Mapping[str, Any]
    today: Callable[[], date] = _today
    backend: str = OPENAI

    @property
    def settings(self) -> Mapping[str, Any]:
        """The base model, the endpoint, and what was chosen."""
        return {"base": self.base, "base_url": address(self.client), "chosen": dict(self.chosen)}

    async def train(self, dataset: Dataset, progress: Progress, memory: Memory) -> Made:
        """Upload, create, wait; after an interruption, the same job."""
        api = FineTuning(self.client)
        number = memory.remembered.get("job") or await self._job(dataset, memory, api)
        job = await _over(number, progress, memory, api)
        if job.status == "cancelled":
            raise TrainingError(f"the job {number} was cancelled")
        if job.status == "failed" or not job.fine_tuned_model:
            reason = job.error.message if job.error else "it gave no reason"
            raise TrainingError(f"the endpoint failed the job {number}: {api.said(reason)}")
        judge = await HeadTrainer(self.encoder).train(taught_part(dataset), silent, memory)
        about = {
            **self.settings,
            "model": job.fine_tuned_model,
            "system": SYSTEM,
            "job": number,
            "checkpoints": await api.checkpoints(number),
            "trained_tokens": job.trained_tokens,
        }
        # The judge's rates say how well it knows what was taught, not how well the model answers.
        rates = {"judge_held_out": judge.manifest.get("held_out"), "held_out": None}
        return Made(judge.parameters, {**judge.manifest, **rates, **about})

    async def _job(self, dataset: Dataset, memory: Memory, api: FineTuning) -> str:
        """The job of this run: the one that an interrupted attempt created, else a new one."""
        parts = split(dataset)
        resumed = "key" in memory.remembered
        if not resumed:
            _check_open(api, memory, self.today())
            await memory.remember(key=uuid4().hex)
        key = str(memory.remembered["key"])
        training = await _stored("training", parts.taught, memory, api, look=resumed)
        validation = None
        if parts.held_out:
            validation = await _stored("validation", parts.held_out, memory, api, look=resumed)
        job = None
        if "creating" in memory.remembered:
            job = await _looked_for(key, training, api)
        if job is None:
            _check_open(api, memory, self.today())
            own = {name: self.chosen.get(name) for name in _JOBS_OWN}
            order = Order(
                self.base,
                training,
                validation,
                key,
                suffix=str(own["suffix"] or _SUFFIX),
                seed=int(own["seed"] or 0),
                hyperparameters={k: v for k, v in self.chosen.items() if k not in _JOBS_OWN},
            )
            await memory.remember(creating=True)
            job = await _created(order, api)
        await memory.remember(job=job.id)
        return job.id


async def stop(client: AsyncOpenAI, memory: Memory, base_url: str) -> None:
    """Cancel the job of a run, if it has one; ModelUnavailable when it cannot be told.

    TrainingError when the client is of another endpoint than the run's ``base_url``.
    """
    if address(client) != base_url:
        raise TrainingError(f"the job is at {base_url}: set OPENAI_BASE_URL to it")
    api = FineTuning(client)
    number, key = memory.remembered.get("job"), memory.remembered.get("key")
    training = memory.remembered.get("training")
    if number is None and key is not None and training is not None:
        job = await api.find(key, training)
        number = None if job is None else job.id
    if number is not None:
        await api.cancel(number)


def _check_open(api: FineTuning, memory: Memory, today: date) -> None:
    """OpenAI's own service ends; those that speak its API go on."""
    if not api.openais_own:
        return
    elsewhere = "--backend lora trains here, OPENAI_BASE_URL may name another endpoint"
    if today >= CLOSES:
        raise TrainingError(f"OpenAI takes no new fine-tuning jobs since {_CLOSES}: {elsewhere}")
    memory.say(f"OpenAI takes no new fine-tuning jobs from {_CLOSES}: {elsewhere}.")


async def _stored(
    name: str, pairs: tuple[Pair, ...], memory: Memory, api: FineTuning, *, look: bool
) -> str:
    """The id of a file at the endpoint, uploaded once."""
    if known := memory.remembered.get(name):
        return str(known)
    filename = f"knowhow-{memory.remembered['key']}-{name}.jsonl"
    try:
        found = await api.uploaded(filename) if look else None
    except TrainingError:  # an endpoint that lists no files; a second copy costs nothing
        found = None
    number = found or await api.upload(filename, chat_lines(pairs))
    await memory.remember(**{name: number})
    return number


async def _created(order: Order, api: FineTuning) -> FineTuningJob:
    """Create the job; when the answer is lost, look for it, and never create a second."""
    try:
        return await api.create(order)
    except ResponseLost:
        if (job := await _looked_for(order.key, order.training_file, api)) is not None:
            return job
        raise


async def _looked_for(key: str, training: str, api: FineTuning) -> FineTuningJob | None:
    """A job that may have been created; its request may still be on its way."""
    for look in range(_LOOKS):
        await asyncio.sleep(_FIRST_WAIT_S * look)
        if (job := await api.find(key, training)) is not None:
            return job
    return None


async def _over(number: str, progress: Progress, memory: Memory, api: FineTuning) -> FineTuningJob:
    """The job when it has ended; its events are told once each, over all interruptions."""
    wait = _FIRST_WAIT_S
    while True:
        job = await api.job(number)
        for event in await api.events_after(number, memory.remembered.get("event")):
            _tell(event, progress, memory, api)
            last = event.id
            await memory.remember(event=last)
        if job.status in _OVER:
            return job
        if not await memory.wanted():
            raise TrainingError(f"the training was cancelled; the job {number} with it")
        await asyncio.sleep(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT_S)


def _tell(event: FineTuningJobEvent, progress: Progress, memory: Memory, api: FineTuning) -> None:
    """Metrics move the bar; the rest is words."""
    data = event.data if isinstance(event.data, dict) else {}
    step, total = data.get("step"), data.get("total_steps")
    if event.type == "metrics" and isinstance(step, int):
        progress(step, total if isinstance(total, int) else None)
    else:
        memory.say(api.said(event.message))
