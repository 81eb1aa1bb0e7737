from bot.slack.connection import open_client
from bot.slack.people import People, Person
from tests.fakes.running import connection
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import TEAM


async def test_who_somebody_is(slack: FakeSlack) -> None:
    slack.people |= {
        "U2": {"locale": "zh-CN", "is_admin": True},
        "U3": {"is_restricted": True, "is_admin": True},
        "U4": {"team_id": "T9"},
    }
    async with open_client(connection(slack)) as client:
        people = People(client, TEAM, frozenset({"U1"}))
        one, two, guest, stranger = [await people.about(f"U{n}") for n in (1, 2, 3, 4)]
    assert (one.language, one.admin, one.outside) == ("en", True, False)
    assert (two.language, two.admin, two.outside) == ("zh", True, False)
    assert (guest.admin, guest.outside) == (False, True)
    assert stranger.outside
    assert slack.calls.count("users.info") == 4


async def test_who_is_not_known_has_no_rights_and_is_asked_for_again(slack: FakeSlack) -> None:
    slack.broken["users.info"] = 1
    async with open_client(connection(slack)) as client:
        people = People(client, TEAM)
        assert await people.about("U1") == Person("U1")
        slack.broken["users.info"] = 1
        named = People(client, TEAM, frozenset({"U1"}))
        assert (await named.about("U1")).admin
        assert (await people.about("U1")).known
