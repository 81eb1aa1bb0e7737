"""The Home tab: shown when it is opened, and shown anew after every click in it."""

from agent.errors import AgentError
from agent.retold import why_of
from agent.texts import Text
from bot.jobs.errand import Hands
from bot.slack import sending
from bot.slack.connection import answered
from bot.slack.errands.home_acting import ACTS, NOTHING_TO_DO
from bot.slack.errands.home_reading import blocks_of
from bot.slack.errors import SlackError
from bot.slack.home_blocks import home_view
from bot.slack.home_place import HomePlace, home_place
from bot.slack.mrkdwn import escape
from bot.slack.people import Person
from knowledge.errors import KnowledgeError

_ADMINS_ONLY = Text(
    "Only admins of this workspace can do that.", "只有此工作区的管理员可以执行此操作。"
)


async def home(hands: Hands) -> None:
    """Do what was clicked, if anything was, and show where the person is."""
    person = await hands.workspace.people.about(hands.held.errand.person)
    place = home_place(hands.payload)
    notice = await _acted(hands, person) or str(hands.payload.get("notice") or "")
    await publish(hands, person, place, notice)


async def publish(hands: Hands, person: Person, place: HomePlace, notice: str = "") -> None:
    """Show the tab as it is now; only admins see more than the overview. Raises Undelivered."""
    place = place if person.admin else HomePlace()
    blocks = await blocks_of(hands, person, place)
    view = home_view(person.language, place, blocks, admin=person.admin, notice=notice)
    client = hands.workspace.client
    try:
        await answered(client.views_publish(user_id=person.id, view=view))
    except SlackError as error:
        raise sending.undelivered(error, hands.held.attempts) from error


async def _acted(hands: Hands, person: Person) -> str:
    """What the click did, in mrkdwn; who may do it is asked now, not when the button was drawn."""
    action = str(hands.payload.get("action") or "")
    if not action:
        return ""
    if not person.admin:
        return refusal(person)
    act = ACTS.get(action)
    if act is None:
        return NOTHING_TO_DO.to(person.language)
    try:
        return f"✓ {escape(await act(hands, person))}"
    except (AgentError, KnowledgeError) as error:
        return f"⚠️ {escape(why_of(error, person.language))}"


def refusal(person: Person) -> str:
    """What somebody without the right is told."""
    return f"⚠️ {_ADMINS_ONLY.to(person.language)}"
