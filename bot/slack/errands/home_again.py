"""The Home tab once more: what was clicked there and done elsewhere ends with a look at it."""

from agent.errands import Errand
from bot.jobs.errand import Handler, Hands
from bot.slack.home_place import home_place

HOME = "home"


def home_lane(team: str, person: str) -> str:
    """What somebody clicks in their Home is done in its order, so that the last view stays."""
    return f"home:{team}:{person}"


async def back_home(hands: Hands, notice: str = "") -> bool:
    """Have the tab drawn where it was clicked, once; ``notice`` says in mrkdwn what came of it.

    False: it was clicked elsewhere.
    """
    came = hands.payload.get("home")
    if came is None:
        return False
    errand = hands.held.errand
    again = Errand(
        HOME,
        f"home:after:{errand.id}",
        errand.team,
        errand.person,
        home_place(came).as_json() | {"notice": notice},
        home_lane(errand.team, errand.person),
    )
    await hands.desk.errands.accept(again)
    return True


def then_home(handler: Handler) -> Handler:
    """The handler, and after it the tab that it was clicked in, if it was."""

    async def run(hands: Hands) -> None:
        await handler(hands)
        await back_home(hands)

    return run
