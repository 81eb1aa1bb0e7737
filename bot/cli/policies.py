"""policy: how channels want to be answered, from an admin's terminal."""

import re
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.answer_view import printable
from bot.cli.console import Json, opened, out, print_json, run, table

if TYPE_CHECKING:
    from agent.policies import Policies, Policy

_policies = typer.Typer(help="How each channel wants to be answered.", no_args_is_help=True)

_CHANNEL = re.compile(r"[CDG][A-Z0-9]+")
_EXPERT = re.compile(r"[UWS][A-Z0-9]+")

Channel = Annotated[str, typer.Argument(help="The channel's ID, such as C012AB3CD.")]
Team = Annotated[
    str | None, typer.Option(help="The workspace's ID; left out: that of the bot token.")
]


class Answers(StrEnum):
    """When a channel is answered."""

    mention = "mention"
    every = "every"
    never = "never"


class Spoken(StrEnum):
    """In which language."""

    reader = "reader"
    en = "en"
    zh = "zh"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(_policies, name="policy")


@_policies.command("list")
def list_policies(as_json: Json = False) -> None:
    """List the channels that have a policy of their own."""
    run(_list(as_json=as_json))


@_policies.command()
def show(channel: Channel, team: Team = None, as_json: Json = False) -> None:
    """Show a channel's policy, or the defaults where nobody set any."""
    run(_show(channel, team, as_json=as_json))


@_policies.command("set")
def set_policy(
    channel: Channel,
    answers: Annotated[Answers | None, typer.Option(help="When to answer.")] = None,
    follow: Annotated[
        bool | None, typer.Option("--follow/--no-follow", help="Follow-ups without a mention.")
    ] = None,
    collections: Annotated[
        str | None, typer.Option(help="Only from these, with commas between; '' for all.")
    ] = None,
    confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="What is less sure is not answered.")
    ] = None,
    expert: Annotated[
        str | None, typer.Option(help="A user's or user group's ID; '' for nobody.")
    ] = None,
    language: Annotated[Spoken | None, typer.Option(help="The answers' language.")] = None,
    budget: Annotated[int | None, typer.Option(min=0, help="Questions a day; 0: no limit.")] = None,
    team: Team = None,
    as_json: Json = False,
) -> None:
    """Change a channel's policy; what is left out stays as it is."""
    wanted: dict[str, Any] = {
        "answers": answers and answers.value,
        "follows": follow,
        "collections": None if collections is None else _names(collections),
        "least_confidence": confidence,
        "expert": expert,
        "language": language and language.value.removeprefix("reader"),
    }
    changes = {name: value for name, value in wanted.items() if value is not None}
    if budget is not None:
        changes["daily_budget"] = budget or None
    if expert and not _EXPERT.fullmatch(expert):
        raise typer.BadParameter(f"{expert!r} is no ID of a user or a user group, like U012AB3CD")
    run(_set(channel, team, changes, as_json=as_json))


@_policies.command()
def clear(channel: Channel, team: Team = None, as_json: Json = False) -> None:
    """Go back to the defaults."""
    run(_clear(channel, team, as_json=as_json))


async def _list(*, as_json: bool) -> None:
    from agent.policies import Policies

    async with opened() as knowhow:
        found = await Policies(knowhow.database).all()
    if as_json:
        print_json({"policies": [_json(one) for one in found]})
        return
    if not found:
        out().print("No channel has a policy of its own.", markup=False)
        return
    listing = table("team", "channel", "answers", "collections", "sure", "expert", "a day")
    for one in found:
        names = printable(", ".join(one.collections)) or "all"
        row = (one.team, one.channel, one.answers, names, f"{one.least_confidence:.0%}")
        listing.add_row(*row, one.expert or "nobody", str(one.daily_budget or "no limit"))
    out().print(listing)


async def _show(channel: str, team: str | None, *, as_json: bool) -> None:
    from agent.policies import Policies

    async with opened() as knowhow:
        policies = Policies(knowhow.database)
        _print(await policies.of(await _team(policies, channel, team), channel), as_json=as_json)


async def _set(channel: str, team: str | None, changes: dict[str, Any], *, as_json: bool) -> None:
    from getpass import getuser

    from agent.policies import Policies

    async with opened() as knowhow:
        policies = Policies(knowhow.database)
        before = await policies.of(await _team(policies, channel, team), channel)
        after = replace(before, **changes, author=getuser())
        await policies.save(after)
    _print(after, as_json=as_json)


async def _clear(channel: str, team: str | None, *, as_json: bool) -> None:
    from agent.policies import Policies, Policy

    async with opened() as knowhow:
        policies = Policies(knowhow.database)
        where = await _team(policies, channel, team)
        await policies.forget(where, channel)
    _print(Policy(where, channel), as_json=as_json)


async def _team(policies: "Policies", channel: str, given: str | None) -> str:
    """The workspace: as given, as known for the channel, or the bot token's."""
    from bot.settings import SettingsError, read_settings
    from bot.slack.connection import identify, open_client
    from bot.wiring import slack_connection

    if not _CHANNEL.fullmatch(channel):
        raise typer.BadParameter(
            f"{channel!r} is no channel's ID: Slack shows it at the end of “About” in the channel"
        )
    if given:
        return given
    known = {one.team for one in await policies.all() if one.channel == channel}
    if len(known) == 1:
        return known.pop()
    settings = read_settings()
    if settings.slack_bot_token is None:
        raise SettingsError("which workspace? Give --team T012AB3CD, or set SLACK_BOT_TOKEN")
    async with open_client(slack_connection(settings)) as client:
        return (await identify(client)).team


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _json(policy: "Policy") -> dict[str, Any]:
    names = (name for name in policy.__dataclass_fields__)
    return {name: getattr(policy, name) for name in names} | {
        "collections": list(policy.collections)
    }


def _print(policy: "Policy", *, as_json: bool) -> None:
    if as_json:
        print_json(_json(policy))
        return
    for name, value in _json(policy).items():
        shown = ", ".join(value) if isinstance(value, list) else value
        out().print(f"{name}: {printable(str(shown))}", markup=False)
