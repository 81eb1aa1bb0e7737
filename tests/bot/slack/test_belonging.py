"""Who reads a private answer, as Slack says: over real sockets, and never more than it says."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from agent.mentions import Mention
from bot.slack.belonging import Belonging
from bot.slack.connection import SlackConnection, open_client
from bot.slack.people import People
from knowledge.database import Database
from knowledge.documents import Reader
from knowledge.storage.library import Library
from knowledge.storage.scopes import principal_kinds
from tests.agent.ledgers import a_mention
from tests.fakes.letters import Letters
from tests.fakes.slack_server import BOT_TOKEN, FakeSlack, fake_slack
from tests.fakes.slack_state import TEAM
from tests.knowledge.preparing import prepare

ALL = frozenset({"channel", "group", "user"})


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with fake_slack() as running:
        running.memberships["U1"] = {"C1", "C2", "C3", "G4", "G5"}
        running.usergroups = {"S1": {"U1", "U2"}, "S2": {"U2"}}
        yield running


async def readers(slack: FakeSlack, kinds: frozenset[str], *mentions: Mention) -> list[Reader]:
    async def known() -> frozenset[str]:
        return kinds

    async with open_client(SlackConnection(BOT_TOKEN, slack.url)) as client:
        belonging = Belonging(client, known, People(client, TEAM))
        return [await belonging.reader(mention) for mention in mentions]


def asked(kind: str, person: str = "U1", channel: str = "C9") -> Mention:
    return replace(a_mention(), kind=kind, person=person, channel=channel)  # type: ignore[arg-type]


async def test_a_private_answer_is_read_with_ones_channels_and_groups(slack: FakeSlack) -> None:
    direct, command, again = await readers(
        slack, ALL, asked("direct"), asked("command"), asked("direct")
    )
    own = {"everyone", "user:U1", "group:S1"} | {f"channel:{c}" for c in slack.memberships["U1"]}
    assert set(direct.principals) == own
    assert set(command.principals) == own | {"channel:C9"}
    assert again == direct
    assert slack.calls.count("users.conversations") == 3  # its pages, once
    assert slack.calls.count("usergroups.list") == 1


async def test_everybody_in_a_channel_shares_only_that(slack: FakeSlack) -> None:
    (public,) = await readers(slack, ALL, asked("mention"))
    assert public == Reader.of_channel("C9")
    assert set(slack.calls) == {"users.info", "users.list", "conversations.members"}


async def test_where_a_guest_reads_along_everybody_sees_what_is_public(slack: FakeSlack) -> None:
    slack.people["U5"] = {"is_restricted": True}
    slack.memberships["U5"] = {"C9"}
    asking = [asked(kind) for kind in ("mention", "followup", "overheard", "shortcut")]
    assert set(await readers(slack, ALL, *asking)) == {Reader.of_outsiders()}
    (alone,) = await readers(slack, ALL, asked("command"))
    assert "channel:C9" in alone.principals


async def test_an_outsider_sees_what_is_public_wherever_they_ask(slack: FakeSlack) -> None:
    slack.people |= {"U5": {"is_restricted": True}, "U6": {"team_id": "T9"}}
    asking = [asked(kind, who) for kind in ("direct", "command", "mention") for who in ("U5", "U6")]
    assert set(await readers(slack, ALL, *asking)) == {Reader.of_outsiders()}


async def test_where_outsiders_read_along_everybody_sees_what_is_public(slack: FakeSlack) -> None:
    slack.channels["C8"] = {"is_ext_shared": True}
    told = replace(asked("mention"), outside=True)
    shortcuts = [asked("shortcut", channel=channel) for channel in ("C8", "C9", "C9")]
    event, shared, own, _ = await readers(slack, ALL, told, *shortcuts)
    assert event == shared == Reader.of_outsiders()
    assert own == Reader.of_channel("C9")
    assert slack.calls.count("conversations.info") == 2


@pytest.mark.parametrize("method", ["users.info", "conversations.info"])
async def test_when_slack_does_not_say_who_reads_it_is_for_outsiders(
    slack: FakeSlack, method: str
) -> None:
    slack.broken[method] = 1
    assert await readers(slack, ALL, asked("shortcut")) == [Reader.of_outsiders()]
    slack.unknown |= {"users.info", "conversations.info"}
    assert await readers(slack, ALL, asked("shortcut")) == [Reader.of_channel("C9")]


async def test_nothing_is_asked_while_no_document_needs_it(slack: FakeSlack) -> None:
    (reader,) = await readers(slack, frozenset({"user"}), asked("direct"))
    assert reader == Reader.of_person("U1")
    assert slack.calls == ["users.info"]


@pytest.mark.parametrize("fault", ["unknown", "refused", "limited", "broken"])
async def test_when_slack_does_not_say_a_person_sees_less(slack: FakeSlack, fault: str) -> None:
    for method in ("users.conversations", "usergroups.list"):
        if fault == "unknown":
            slack.unknown.add(method)
        elif fault == "refused":
            slack.refusals[method] = ["missing_scope"]
        elif fault == "limited":
            slack.rate_limits[method] = 1
        else:
            slack.broken[method] = 1
    (reader,) = await readers(slack, ALL, asked("command"))
    assert set(reader.principals) == {"everyone", "user:U1", "channel:C9"}


async def test_the_library_says_what_its_documents_are_restricted_to(database: Database) -> None:
    letters = Letters()
    library = Library(database, letters)
    assert await principal_kinds(database.engine) == frozenset()
    await library.put(
        [
            await prepare(letters, "a", "alpha"),
            await prepare(letters, "b", "beta", ("group:S1", "user:U1")),
        ]
    )
    assert await principal_kinds(database.engine) == {"group", "user"}
