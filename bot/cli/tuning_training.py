"""tune train: a frozen dataset in, a new version out."""

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import tuning_runs
from bot.cli.answer_view import printable
from bot.cli.console import Json, opened, out, print_json, progress, run

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from agent.tuning.datasets import Dataset
    from agent.tuning.training.trainer import Trainer
    from agent.tuning.training.training import Trained
    from bot.wiring import Knowhow

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")
_SECRET = re.compile(r"(?:^|_)(?:key|token|password|secret)$", re.IGNORECASE)
_SETTINGS = ("KNOWHOW_", "OPENAI_", "SLACK_")
"""Where secrets are among the variables; a training process gets the others."""


class Backend(StrEnum):
    """What trains."""

    HEAD = "head"
    LORA = "lora"
    OPENAI = "openai"


@dataclass(frozen=True, slots=True)
class _Asked:
    backend: Backend
    dataset: int | None
    base: str | None
    chosen: Mapping[str, Any]
    agreed: bool


def register(tune: typer.Typer) -> None:
    """Add this file's commands, and those about what it left behind."""
    tune.command()(train)
    tuning_runs.register(tune)


def train(
    backend: Annotated[
        Backend,
        typer.Option(
            help="head: here, in seconds; lora: an adapter, here; openai: at an endpoint."
        ),
    ] = Backend.HEAD,
    dataset: Annotated[
        int | None, typer.Option(help="A dataset's version; else the pairs as they are now.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="The model that lora and openai start from: a name, a path.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=VALUE, passed on to the trainer; as often as needed."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Let the pairs leave this machine.")] = False,
    as_json: Json = False,
) -> None:
    """Train a new version; nothing goes live yet. One that was stopped is gone on with."""
    chosen = dict(_setting(one) for one in settings or ())
    if backend is Backend.HEAD and (base or chosen):
        raise typer.BadParameter("--base and --set are for --backend lora and openai")
    if backend is not Backend.HEAD and not base:
        raise typer.BadParameter(f"--backend {backend} needs --base MODEL, the one to start from")
    run(_train(_Asked(backend, dataset, base, chosen, yes), as_json=as_json))


def _setting(given: str) -> tuple[str, Any]:
    """A name and a value, which is JSON where it can be; what looks like a secret is refused."""
    name, _, value = given.partition("=")
    if not _NAME.fullmatch(name) or not value:
        raise typer.BadParameter(f"--set {given}: expected NAME=VALUE")
    if _SECRET.search(name):
        raise typer.BadParameter(f"--set {name}: settings are stored, a secret must not be")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


async def _train(asked: _Asked, *, as_json: bool) -> None:
    from agent.tuning.datasets import freeze, load_dataset
    from agent.tuning.training.runs import unfinished
    from agent.tuning.training.training import train

    async with opened() as knowhow:
        database, encoder = knowhow.database, knowhow.encoder
        trainer = _trainer(asked, knowhow)
        frozen = asked.dataset is not None
        dataset = await (load_dataset(database, asked.dataset) if frozen else freeze(database))
        left = await unfinished(database, trainer, dataset.version, encoder.name)
        if left is not None and left.progress:
            _say(f"Going on with training {left.id}.")
        if asked.backend is Backend.OPENAI and (left is None or "training" not in left.progress):
            _agree(asked, dataset, trainer.settings["base_url"])
        with progress("Training the domain model") as advance:
            done = await train(
                database, encoder, advance, trainer=trainer, dataset=dataset, say=_say
            )
    if as_json:
        print_json(asdict(done))
    else:
        _show(done)


def _trainer(asked: _Asked, knowhow: "Knowhow") -> "Trainer":
    base = asked.base or ""
    if asked.backend is Backend.LORA:
        from agent.tuning.training.lora_trainer import LoraTrainer

        kept = {k: v for k, v in os.environ.items() if not k.startswith(_SETTINGS)}
        return LoraTrainer(knowhow.encoder, knowhow.models, base, asked.chosen, kept)
    if asked.backend is Backend.OPENAI:
        from agent.tuning.training.openai_trainer import OpenAITrainer

        return OpenAITrainer(knowhow.encoder, _endpoint(knowhow), base, asked.chosen)
    from agent.tuning.training.head_trainer import HeadTrainer

    return HeadTrainer(knowhow.encoder)


def _endpoint(knowhow: "Knowhow") -> "AsyncOpenAI":
    from bot.settings import SettingsError

    if knowhow.endpoint is None:
        raise SettingsError(
            "OPENAI_API_KEY not set, nor OPENAI_BASE_URL: --backend openai needs an endpoint that "
            "speaks the fine-tuning API"
        )
    return knowhow.endpoint


def _agree(asked: _Asked, dataset: "Dataset", url: str) -> None:
    """Say what leaves for where; go on only with a person's yes."""
    from urllib.parse import urlsplit

    from agent.errors import TrainingError
    from agent.tuning.training.chat_examples import split

    parts = split(dataset)
    host = urlsplit(url).hostname
    leaving = (
        f"{len(parts.taught)} pairs, about {parts.tokens:,} tokens an epoch by estimate, and "
        f"{len(parts.held_out)} held-out pairs leave this machine for {host}, which bills the "
        f"training of {asked.base} at its own price"
    )
    if asked.agreed:
        _say(f"{leaving}.")
    elif not sys.stdin.isatty():
        raise TrainingError(f"{leaving}: add --yes to agree")
    elif not typer.confirm(f"{leaving}. Go on?", err=True):
        raise typer.Exit(1)


def _say(line: str) -> None:
    """On stderr, above the bar where there is one."""
    typer.echo(printable(line), err=True)


def _show(done: "Trained") -> None:
    out().print(
        f"Version {done.version}: {done.pairs} pairs, {done.answers} answers, {done.seconds:.1f} s"
    )
    if done.exact_answer_rate is not None:
        out().print(
            f"Held out in cross-validation: {done.exact_answer_rate:.1%} answered exactly, "
            f"{done.wrong_rate:.1%} wrong, the rest declined."
        )
    if done.model is not None:
        out().print(f"Its model: {printable(done.model)}", markup=False, soft_wrap=True)
        out().print(
            "A tuned model is strong at style, terms and stable answers and weak at facts: leave "
            "those that change to the documents.",
            markup=False,
            soft_wrap=True,
        )
    if done.backend == Backend.LORA:
        out().print(
            f"`transformers serve {printable(done.model or '')}` serves it; set "
            "KNOWHOW_DOMAIN_URL to that server, such as http://localhost:8000/v1.",
            markup=False,
            soft_wrap=True,
        )
    out().print("Not live yet: `knowhow tune promote`.", markup=False)
