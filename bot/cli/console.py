"""What every command shares: run it, print JSON or a page for people, fail in one line."""

import asyncio
import json
import os
import sys
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from bot.wiring import Knowhow

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]

Progress = Callable[[int, int | None], None]
"""Called with what is done and, once known, the total."""


def run(command: Coroutine[Any, Any, None]) -> None:
    """Run a command to its end; a failure is one line on stderr and exit status 1."""
    try:
        asyncio.run(command)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (typer.Exit, typer.BadParameter):
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, a person gets one line
        _fail(error)


def _fail(error: Exception) -> None:
    from agent.errors import AgentError
    from bot.settings import SettingsError
    from bot.slack.errors import SlackError
    from knowledge.errors import KnowledgeError

    if isinstance(error, KnowledgeError | AgentError | SettingsError | SlackError):
        line = " ".join(str(error).split())
    else:
        line = (
            f"unexpected {type(error).__name__}: {' '.join(str(error).split())[:300]}; "
            "KNOWHOW_LOG_LEVEL=debug shows where"
        )
        if os.environ.get("KNOWHOW_LOG_LEVEL", "").lower() == "debug":
            traceback.print_exception(error)
    typer.echo(f"knowhow: {line}", err=True)
    raise typer.Exit(1) from None


def opened() -> "AbstractAsyncContextManager[Knowhow]":
    """The parts, as the environment's settings want them."""
    from bot.settings import read_settings
    from bot.wiring import open_knowhow

    return open_knowhow(read_settings())


def print_json(value: object) -> None:
    """The command's one JSON document; the contract's field names are not sorted or renamed."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def out() -> "Console":
    """Where people read."""
    from rich.console import Console

    return Console(highlight=False)


def err() -> "Console":
    """Where progress and complaints go, so that stdout can be piped."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """A bar on stderr with count, rate and time left; silent where nobody watches."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    console = err()
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def counter(what: str, *units: str) -> Iterator[Callable[..., None]]:
    """A line of counts on stderr for work of unknown length; silent where nobody watches."""
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    console = err()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def count(*numbers: int) -> None:
            counts = ", ".join(f"{n} {unit}" for n, unit in zip(numbers, units, strict=True))
            bar.update(task, description=f"{what}: {counts}")

        yield count


def table(*columns: str) -> "Table":
    """An empty table as every list of the command line looks."""
    from rich.table import Table

    made = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        made.add_column(column)
    return made
