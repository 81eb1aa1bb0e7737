"""What those do who were asked about an answer: the buttons of their tasks, and their form."""

from typing import Any
from uuid import UUID

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.errands import Errand
from agent.feedback.correcting import checked
from agent.feedback.drafts import drafted
from agent.feedback.handovers import Handover
from agent.reading.languages import Language
from agent.retold import retold
from bot.slack import actions
from bot.slack import feedback_blocks_forms as forms
from bot.slack.clicks import (
    Click,
    View,
    language_of,
    not_valid,
    number_in,
    read_click,
    read_submission,
    uuid_in,
)
from bot.slack.desk import Desk
from bot.slack.errands.correct import CORRECT, IS_RIGHT, NOT_MINE
from bot.slack.feedback_blocks_told import SAVED
from bot.slack.home_place import came_from, remembered, remembering
from bot.slack.tasks import open_task_form
from knowledge.errors import InvalidInput


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for the buttons of tasks about answers, and for the form of the right answer."""

    async def on_correct(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)
        if number := uuid_in(click.value):
            await _open_correction(desk, click, number, body)
        else:
            await not_valid(desk, click)
        await ack()

    async def on_is_right(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)
        if uuid_in(click.value):
            await desk.errands.accept(_errand(IS_RIGHT, click, click.value, **came_from(body)))
        else:
            await not_valid(desk, click)
        await ack()

    async def on_not_mine(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)
        number, _, step = click.value.partition(":")
        at = number_in(step)
        if uuid_in(number) and at is not None:
            await desk.errands.accept(_errand(NOT_MINE, click, number, step=at))
        else:
            await not_valid(desk, click)
        await ack()

    async def on_corrected(body: dict[str, Any], ack: AsyncAck) -> None:
        form = read_submission(body)
        question, answer = form.text(forms.QUESTION), form.text(forms.ANSWER)
        try:
            checked(question, answer)
        except InvalidInput as error:
            why = retold(str(error), await language_of(desk, form))
            await ack(response_action="errors", errors={forms.ANSWER: why})
            return
        number, came = remembered(form.metadata)
        payload = {
            "handover": number,
            "question": question,
            "answer": answer,
            "blames": form.checked(forms.BLAME),
            "everyone": form.choice(forms.AUDIENCE) == forms.EVERYONE,
            **came,
        }
        lane = f"handover:{number}"
        await desk.errands.accept(Errand(CORRECT, form.key, form.team, form.person, payload, lane))
        language = await language_of(desk, form)
        await ack(response_action="update", view=forms.done_view(SAVED.to(language), language))

    for action in (actions.CORRECT, actions.REMEMBER):
        app.action(action)(on_correct)
    app.action(actions.IS_RIGHT)(on_is_right)
    app.action(actions.NOT_MINE)(on_not_mine)
    app.view(actions.CORRECTION_FORM)(on_corrected)


async def _open_correction(desk: Desk, click: Click, number: UUID, body: dict[str, Any]) -> None:
    draft = await drafted(desk.database, number)

    def form(one: Handover, reader: Language) -> View:
        question, answer = (draft.question, draft.answer) if draft else ("", "")
        return remembering(forms.correction_form(one, question, answer, reader), body)

    await open_task_form(desk, click, draft.handover if draft else None, form)


def _errand(kind: str, click: Click, handover: str, **more: object) -> Errand:
    payload = {"handover": handover, "channel": click.channel, "response_url": click.response_url}
    lane = f"handover:{handover}"
    return Errand(kind, click.key, click.team, click.person, payload | more, lane)
