"""“Ask an expert”, and the buttons and the form by which the expert answers."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.errands import Errand
from agent.feedback.handovers import Handover, handover
from agent.reading.languages import Language
from bot.slack import actions
from bot.slack import feedback_blocks_forms as forms
from bot.slack.clicks import View, language_of, not_valid, read_click, read_submission, uuid_in
from bot.slack.desk import Desk
from bot.slack.errands.expert import ASK_EXPERT, EXPERT_ANSWER
from bot.slack.feedback_blocks_told import SENT
from bot.slack.home_place import remembered, remembering
from bot.slack.tasks import open_task_form


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for the buttons under answers and questions' tasks, and for the form."""

    async def on_ask_expert(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)
        if not uuid_in(click.value):
            await not_valid(desk, click)
        else:
            payload = {
                "mention": click.value,
                "channel": click.channel,
                "response_url": click.response_url,
            }
            lane = f"answer:{click.value}"
            await desk.errands.accept(
                Errand(ASK_EXPERT, click.key, click.team, click.person, payload, lane)
            )
        await ack()

    async def on_answer(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)

        def form(one: Handover, reader: Language) -> View:
            return remembering(forms.answer_form(one, reader), body)

        if number := uuid_in(click.value):
            await open_task_form(desk, click, await handover(desk.database, number), form)
        else:
            await not_valid(desk, click)
        await ack()

    async def on_answered(body: dict[str, Any], ack: AsyncAck) -> None:
        form = read_submission(body)
        number, came = remembered(form.metadata)
        payload = {"handover": number, "text": form.text(forms.ANSWER), **came}
        lane = f"handover:{number}"
        await desk.errands.accept(
            Errand(EXPERT_ANSWER, form.key, form.team, form.person, payload, lane)
        )
        language = await language_of(desk, form)
        await ack(response_action="update", view=forms.done_view(SENT.to(language), language))

    async def on_send_reply(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)
        if not uuid_in(click.value):
            await not_valid(desk, click)
        else:
            payload = {
                "reply": click.value,
                "channel": click.channel,
                "response_url": click.response_url,
            }
            await desk.errands.accept(
                Errand(EXPERT_ANSWER, click.key, click.team, click.person, payload)
            )
        await ack()

    app.action(actions.ASK_EXPERT)(on_ask_expert)
    app.action(actions.ANSWER)(on_answer)
    app.action(actions.SEND_REPLY)(on_send_reply)
    app.view(actions.ANSWER_FORM)(on_answered)
