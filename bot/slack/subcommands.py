"""``/knowhow``: its subcommands by name, each a function; the help lists what is registered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from agent.reading.languages import Language
from agent.texts import Text
from bot.slack.blocks import Message
from bot.slack.desk import Desk
from bot.slack.people import Person
from bot.slack.workspaces import Workspace

KNOWHOW = "/knowhow"

ADMINS_ONLY = Text(
    en="`/knowhow {name}` is for the workspace's admins. Here is what you can use:",
    zh="`/knowhow {name}` 仅限工作区管理员使用。您可以使用：",
)
UNKNOWN = Text(en="I do not know `/knowhow {name}`.", zh="我不认识 `/knowhow {name}`。")
INTRODUCTION = Text(
    en="*Knowhow* answers from what the team has written and learned, with its sources. "
    "Mention me in a channel, write me a direct message, attach a file, or use "
    "`/ask your question`: then only you see the answer.",
    zh="*Knowhow* 根据团队写下和学到的内容回答问题，并注明出处。"
    "您可以在频道里提及我、私信我、附上文件，或使用 `/ask 问题`：这样只有您看得到回答。",
)


@dataclass(frozen=True, slots=True)
class Invocation:
    """Somebody used the command; ``rest`` is what stands behind the subcommand's name."""

    desk: Desk
    workspace: Workspace
    person: Person
    team: str
    channel: str
    rest: str = field(repr=False)
    trigger_id: str = field(default="", repr=False)
    response_url: str = field(default="", repr=False)

    @property
    def language(self) -> Language:
        """The person's own: nobody else reads the reply."""
        return self.person.language


@dataclass(frozen=True, slots=True)
class Subcommand:
    """What ``run`` returns only the person sees; None: it has shown something itself."""

    run: Callable[[Invocation], Awaitable[Message | None]]
    summary: Text
    admin: bool = False


async def run_subcommand(
    subcommands: Mapping[str, Subcommand], name: str, asked: Invocation
) -> Message | None:
    """Run it; what is unknown, or not for this person, becomes the help."""
    found = subcommands.get(name)
    if found is None:
        above = UNKNOWN.to(asked.language, name=_shown(name)) if name else ""
        return help_message(subcommands, asked.person, above)
    if found.admin and not asked.person.admin:
        above = ADMINS_ONLY.to(asked.language, name=name)
        return help_message(subcommands, asked.person, above)
    return await found.run(asked)


def help_message(subcommands: Mapping[str, Subcommand], person: Person, above: str = "") -> Message:
    """What can be asked for, as far as the person may."""
    lines = [
        f"• `{KNOWHOW} {name}` {one.summary.to(person.language)}"
        for name, one in subcommands.items()
        if person.admin or not one.admin
    ]
    parts = [part for part in (above, INTRODUCTION.to(person.language), "\n".join(lines)) if part]
    return said("\n\n".join(parts))


def said(text: str) -> Message:
    """A line or some, as one section."""
    shown = {"type": "mrkdwn", "text": text[:3000], "verbatim": True}
    return Message(text, ({"type": "section", "text": shown},))


def _shown(name: str) -> str:
    return "".join(one for one in name if one.isalnum() or one in "-_")[:30]
