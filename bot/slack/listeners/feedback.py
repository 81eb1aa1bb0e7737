"""👍 and 👎 under an answer; 👎 opens a form at once."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.errands import Errand
from bot.slack import actions
from bot.slack.clicks import (
    language_of,
    not_valid,
    open_form,
    read_click,
    read_submission,
    uuid_in,
)
from bot.slack.desk import Desk
from bot.slack.errands.vote import COMPLAIN, VOTE
from bot.slack.feedback_blocks_forms import FAULT, SAID, complaint_form, done_view
from bot.slack.feedback_blocks_told import NOTED

_GOOD, _BAD = "good", "bad"


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for votes, and for the form of what is wrong."""

    async def on_vote(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)
        vote, _, mention = click.value.partition(":")
        if vote not in {_GOOD, _BAD} or not uuid_in(mention):
            await not_valid(desk, click)
        else:
            if vote == _BAD:
                place = f"{mention}:{click.channel}"
                await open_form(desk, click, lambda reader: complaint_form(place, reader))
            payload = {
                "mention": mention,
                "channel": click.channel,
                "good": vote == _GOOD,
                "response_url": click.response_url,
            }
            lane = f"answer:{mention}"
            await desk.errands.accept(
                Errand(VOTE, click.key, click.team, click.person, payload, lane)
            )
        await ack()

    async def on_complaint(body: dict[str, Any], ack: AsyncAck) -> None:
        form = read_submission(body)
        mention, _, channel = form.metadata.partition(":")
        said = {"fault": form.choice(FAULT), "said": form.text(SAID)}
        payload = {"mention": mention, "channel": channel, **said}
        lane = f"answer:{mention}"
        await desk.errands.accept(Errand(COMPLAIN, form.key, form.team, form.person, payload, lane))
        language = await language_of(desk, form)
        await ack(response_action="update", view=done_view(NOTED.to(language), language))

    app.action(actions.FEEDBACK)(on_vote)
    app.view(actions.COMPLAINT_FORM)(on_complaint)
