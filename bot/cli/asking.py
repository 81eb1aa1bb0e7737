"""demo, ask, chat: questions in the terminal, through the very graph that Slack uses."""

import asyncio
import sys
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.answer_view import answer_view, printable
from bot.cli.console import Json, err, opened, out, print_json, run
from bot.cli.reader import Channel, User, reader_of

if TYPE_CHECKING:
    from agent.answers import Answer, Question
    from bot.live_agent import CurrentAgent
    from knowledge.documents import Reader

_WELCOME = """\
[bold]This is the sample team, Merrowby Instruments: loggers that watch the climate in museums.[/]
Ask about its handbook, its craft, or anything; it says which side answered, or that none can. Try:

  How many days of annual leave do I get?        [dim]then:[/] and for contractors?
  hundreds of late sparrow messages in the ingest log, should I be worried?
  校准证书几天能出？
  Do we have a company choir?

[dim]An empty line, Ctrl-D or Ctrl-C ends the chat.[/]"""


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(demo)
    app.command()(ask)
    app.command()(chat)


def demo(
    question: Annotated[str | None, typer.Option(help="Answer this and exit.")] = None,
    as_json: Json = False,
) -> None:
    """Try it: a sample team in an embedded database, then a chat. No key, no Slack."""
    run(_demo(question, as_json=as_json))


def ask(question: str, channel: Channel = None, user: User = None, as_json: Json = False) -> None:
    """Answer one question."""
    run(_ask(question, reader_of(channel, user), as_json=as_json))


def chat(channel: Channel = None, user: User = None) -> None:
    """Answer question after question; the conversation is remembered."""
    run(_chat(reader_of(channel, user)))


async def _demo(question: str | None, *, as_json: bool) -> None:
    from bot.live_agent import open_agent
    from bot.sample_team import load_sample_team
    from bot.settings import read_settings
    from bot.wiring import open_knowhow

    settings = read_settings().model_copy(update={"database_url": None})
    async with open_knowhow(settings) as knowhow:
        with err().status("Starting") as status:
            await load_sample_team(knowhow, lambda step: status.update(f"{step} …"))
        async with open_agent(knowhow) as agent:
            if question is not None:
                await _answer_one(agent, question, reader_of(None, None), as_json=as_json)
                return
            out().print(_WELCOME)
            await _converse(agent, reader_of(None, None))


async def _ask(question: str, reader: "Reader", *, as_json: bool) -> None:
    from bot.live_agent import open_agent

    async with opened() as knowhow, open_agent(knowhow) as agent:
        await _answer_one(agent, question, reader, as_json=as_json)


async def _chat(reader: "Reader") -> None:
    from bot.live_agent import open_agent

    async with opened() as knowhow, open_agent(knowhow) as agent:
        await _converse(agent, reader)


async def _answer_one(
    agent: "CurrentAgent", question: str, reader: "Reader", *, as_json: bool
) -> None:
    from agent.answers import Question

    if as_json:
        print_json((await agent.ask(Question(question, reader))).as_json())
    else:
        out().print(answer_view(await _watched(agent, Question(question, reader))))


async def _converse(agent: "CurrentAgent", reader: "Reader") -> None:
    from agent.answers import Question
    from agent.errors import AgentError
    from knowledge.errors import KnowledgeError

    thread = f"terminal:{uuid.uuid4()}"
    while question := await asyncio.to_thread(_next_line):
        try:
            answer = await _watched(agent, Question(question, reader, thread))
        except (AgentError, KnowledgeError) as error:
            err().print(str(error), style="red", markup=False)
        else:
            out().print(answer_view(answer))


def _next_line() -> str:
    try:
        return input("\n› " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return ""


async def _watched(agent: "CurrentAgent", question: "Question") -> "Answer":
    """Ask, and meanwhile show what is being done and the text as it comes."""
    from rich.live import Live
    from rich.markdown import Markdown
    from rich.spinner import Spinner

    from agent.events import Delta, Done, Step

    console = err()
    text = ""
    with Live(console=console, transient=True) as live:
        async for event in agent.stream(question):
            match event:
                case Step(text=step):
                    if console.is_terminal:
                        live.update(Spinner("dots", printable(step.en)))
                case Delta(text=more):
                    text += more
                    if console.is_terminal:
                        live.update(Markdown(printable(text)))
                case Done(answer=answer):
                    return answer
    raise RuntimeError("the agent ended without an answer")
