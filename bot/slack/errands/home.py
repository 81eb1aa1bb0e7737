"""The Home tab: shown when it is opened, and shown anew after every click in it."""

from agent.errors import AgentError
from agent.retold import why_of
from agent.texts import Text
from bot.jobs.errand import Hands
from bot.slack import sending
from bot.slack.connection import answered
from bot.slack.errands.home_acting import ACTS, NOTHING_TO_DO, Act
from bot.slack.errands.home_reading import blocks_of
from bot.slack.errors import SlackError
from bot.slack.home_blocks import home_view
from bot.slack.home_place import HomePlace, home_place
from bot.slack.mrkdwn import escape
from bot.slack.people import Person
from knowledge.errors import KnowledgeError

_SAID = "said"
_ADMINS_ONLY = Text(
    "Only admins of this workspace can do that.", "只有此工作区的管理员可以执行此操作。"
)


async def home(hands: Hands) -> None:
    """Do what was clicked, if anything was, and show where the person is."""
    acts = bool(hands.payload.get("action"))
    user = hands.held.errand.person
    person = await (hands.clicked_by() if acts else hands.workspace.people.about(user))
    place = home_place(hands.payload)
    notice = await once(hands, person, _acted) or str(hands.payload.get("notice") or "")
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


async def once(hands: Hands, person: Person, act: Act) -> str:
    """What came of an act: noted, for it may read otherwise when it is done again."""
    known = hands.held.progress.get(_SAID)
    if known is not None:
        return str(known)
    said = await act(hands, person)
    if said:
        await hands.note(**{_SAID: said})
    return said


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
    return await outcome(act, hands, person)


async def outcome(act: Act, hands: Hands, person: Person) -> str:
    """Take a step, and say in mrkdwn what came of it."""
    try:
        return f"✓ {escape(await act(hands, person))}"
    except (AgentError, KnowledgeError) as error:
        return f"⚠️ {escape(why_of(error, person.language))}"


def refusal(person: Person) -> str:
    """What somebody without the right is told."""
    return f"⚠️ {_ADMINS_ONLY.to(person.language)}"
