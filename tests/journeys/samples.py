"""What Slack sends to each listener."""

import json
from collections.abc import Callable
from typing import Any

from agent.policies import Policy
from bot.slack import actions
from bot.slack.feedback_blocks_forms import answer_form, complaint_form, correction_form
from bot.slack.home_blocks import pair_form
from bot.slack.inbound import Shortcut
from bot.slack.policy_form import Choices, policy_view
from bot.slack.save_form import save_form
from tests.fakes.slack_state import BOT_USER, TEAM
from tests.journeys.feedback import chosen, typed
from tests.journeys.scene import QUESTION, SECRET, Scene
from tests.journeys.test_slack_policy_form import sent

Body = dict[str, Any]


def _event(kind: str, channel: str = "D1", **fields: Any) -> Callable[[Scene], Body]:
    def body(on: Scene) -> Body:
        body = on.slack.event({"ts": on.slack.ts(), "user": "U1"}, channel, kind)
        body["event"] |= fields
        return body

    return body


def _mentioned(on: Scene) -> Body:
    return on.slack.event(on.slack.say("C1", f"<@{BOT_USER}> {QUESTION}"), "C1", "app_mention")


def _direct(on: Scene) -> Body:
    return on.slack.event(on.slack.say("D1", QUESTION), "D1")


def _below_a_task(on: Scene) -> Body:
    return on.slack.event(on.slack.say("DU1", SECRET, thread_ts=next(on.tasks)), "DU1")


def _thread(kind: str) -> Callable[[Scene], Body]:
    thread = {"user_id": "U1", "channel_id": "D1", "thread_ts": "1.1", "context": {}}
    return _event(kind, assistant_thread=thread)


def _command(name: str, text: str) -> Callable[[Scene], Body]:
    return lambda on: on.slack.command(text) | {"command": name}


def _click(action: str, value: Callable[[Scene], object] = lambda _: "") -> Callable[[Scene], Body]:
    return lambda on: on.slack.click(action, str(value(on)), channel="DU1")


def _home(action: str, value: Callable[[Scene], object] = lambda _: "") -> Callable[[Scene], Body]:
    """In the Home tab there is neither a channel nor a ``response_url``."""

    def body(on: Scene) -> Body:
        body = on.slack.click(action, str(value(on)), view={"private_metadata": '{"tab": "pairs"}'})
        del body["channel"], body["response_url"]
        return body | {"container": {"type": "view"}}

    return body


def _shortcut(name: str) -> Callable[[Scene], Body]:
    def body(on: Scene) -> Body:
        message = on.slack.say("C1", QUESTION, user="U2")
        more = {"callback_id": name, "message": message, "action_ts": on.slack.ts()}
        return on.slack.click("") | {"type": "message_action", **more}

    return body


def _form(view: Callable[[Scene], Body], **values: Any) -> Callable[[Scene], Body]:
    def body(on: Scene) -> Body:
        filled = {block: {block: element} for block, element in values.items()}
        return on.slack.submit(view(on), filled)

    return body


def _policy(on: Scene) -> Body:
    view = policy_view(Policy(TEAM, "C1"), Choices(), "en")
    return on.slack.submit(view, sent(view))


def _saved(on: Scene) -> Body:
    ts = on.slack.say("C1", f"Parking in {SECRET}: {SECRET}")["ts"]
    return save_form(Shortcut(TEAM, "U1", "C1", ts, None, ts, SECRET), "en")


def _pair(on: Scene) -> str:
    return f"0:{next(on.pairs)}"


def _pair_form(on: Scene) -> Body:
    return pair_form("en", SECRET, SECRET, json.dumps({"tab": "pairs", "value": _pair(on)}))


SAMPLES: tuple[tuple[str, str, Callable[[Scene], Body]], ...] = (
    ("event", "app_mention", _mentioned),
    ("event", "message", _direct),
    ("event", "message.is_below_a_task", _below_a_task),
    ("event", "app_home_opened.is_home", _event("app_home_opened", tab="home")),
    ("event", "app_home_opened.opens_messages", _event("app_home_opened", tab="messages")),
    ("event", "assistant_thread_started.opens_messages", _thread("assistant_thread_started")),
    ("event", "app_context_changed", _event("app_context_changed")),
    ("event", "assistant_thread_context_changed", _thread("assistant_thread_context_changed")),
    ("event", "agent_session_stopped", _event("agent_session_stopped", thread_ts="1.1")),
    ("event", ".*", _event("team_join")),
    ("command", "/ask", _command("/ask", QUESTION)),
    ("command", "/knowhow", _command("/knowhow", "help")),
    ("command", "/knowhow", _command("/knowhow", "status")),
    ("command", "/knowhow", _command("/knowhow", "documents")),
    ("command", "/knowhow", _command("/knowhow", "gaps")),
    ("command", "/knowhow", _command("/knowhow", "policy")),
    ("shortcut", actions.ANSWER_THIS, _shortcut(actions.ANSWER_THIS)),
    ("shortcut", actions.ASK_EXPERT_SHORTCUT, _shortcut(actions.ASK_EXPERT_SHORTCUT)),
    ("shortcut", actions.SAVE, _shortcut(actions.SAVE)),
    ("view", actions.SAVE, _form(_saved, title={"value": SECRET})),
    ("action", actions.FEEDBACK, _click(actions.FEEDBACK, lambda on: f"good:{next(on.answers)}")),
    ("action", actions.FEEDBACK, _click(actions.FEEDBACK, lambda on: f"bad:{next(on.answers)}")),
    (
        "view",
        actions.COMPLAINT_FORM,
        _form(
            lambda on: complaint_form(f"{next(on.answers)}:C1", "en"),
            fault=chosen("wrong"),
            said=typed(SECRET),
        ),
    ),
    ("action", actions.ASK_EXPERT, _click(actions.ASK_EXPERT, lambda on: next(on.private))),
    ("action", actions.SHARE, _click(actions.SHARE, lambda on: next(on.private))),
    ("action", actions.CORRECT, _click(actions.CORRECT, lambda on: next(on.doubted).id)),
    ("action", actions.REMEMBER, _click(actions.REMEMBER, lambda on: next(on.doubted).id)),
    ("action", actions.IS_RIGHT, _click(actions.IS_RIGHT, lambda on: next(on.doubted).id)),
    ("action", actions.NOT_MINE, _click(actions.NOT_MINE, lambda on: f"{next(on.doubted).id}:0")),
    (
        "view",
        actions.CORRECTION_FORM,
        _form(
            lambda on: correction_form(next(on.doubted), "", "", "en"),
            question=typed(QUESTION),
            answer=typed(SECRET),
        ),
    ),
    ("action", actions.SEND_REPLY, _click(actions.SEND_REPLY, lambda on: next(on.replies))),
    ("action", actions.ANSWER, _click(actions.ANSWER, lambda on: next(on.unanswered).id)),
    (
        "view",
        actions.ANSWER_FORM,
        _form(lambda on: answer_form(next(on.unanswered), "en"), answer=typed(SECRET)),
    ),
    ("action", actions.STILL_HOLDS, _click(actions.STILL_HOLDS, lambda on: next(on.verified))),
    ("action", actions.FORGET, _click(actions.FORGET, lambda on: next(on.verified))),
    ("action", actions.POLICY, _click(actions.POLICY)),
    ("view", actions.POLICY, _policy),
    ("action", f"^{actions.DOCUMENTS_PAGE}:", _click(f"{actions.DOCUMENTS_PAGE}:0", lambda _: 0)),
    ("action", f"^{actions.HOME}", _home(actions.PAIR_APPROVE, _pair)),
    ("action", f"^{actions.HOME}", _home(actions.MODEL_ROLLBACK, lambda _: "0/0")),
    ("action", actions.PAIR_EDIT, _home(actions.PAIR_EDIT, _pair)),
    (
        "view",
        actions.PAIR_FORM,
        _form(_pair_form, question=typed(SECRET), answer=typed(SECRET)),
    ),
    ("action", actions.OPEN_HOME, _click(actions.OPEN_HOME)),
    ("event", "tokens_revoked", _event("tokens_revoked", tokens={"bot": [BOT_USER]})),
    ("event", "app_uninstalled", _event("app_uninstalled")),
)
"""A listener's kind and id, and what Slack sends to it; several where it does several things."""

SILENT = {
    # Nobody asked for anything: they opened a conversation, or looked at another channel.
    ("event", "app_home_opened.opens_messages"),
    ("event", "assistant_thread_started.opens_messages"),
    ("event", "app_context_changed"),
    ("event", "assistant_thread_context_changed"),
    # Stopping what is not under way any more; a question that is stopped is told of itself.
    ("event", "agent_session_stopped"),
    # Nobody is left to tell.
    ("event", "app_uninstalled"),
    ("event", "tokens_revoked"),
    # A link: Slack opens it by itself.
    ("action", actions.OPEN_HOME),
    ("event", ".*"),
}
"""Those that owe nobody a word."""

ASKING = {"app_mention", "message", "/ask", actions.ANSWER_THIS}
"""The ids of those that have the agent answer a question."""
