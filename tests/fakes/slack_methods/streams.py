"""``chat.*Stream`` and ``agents.sessions.*``: an answer while it is written, and its stop button.

Of all streams of a workspace, about 20 starts and 100 appends a minute are allowed. A stream is
over after five minutes, whatever is appended; its message stays, and can be changed.
As measured by others: an open stream refuses ``chat.update`` (``streaming_state_conflict``) and
``chat.delete`` (``cant_delete_message``); one that is over refuses more text and another stop.
"""

from collections.abc import Callable

from tests.fakes.slack_methods import chat
from tests.fakes.slack_state import BOT_ID, BOT_USER, Json, RefusedError, SlackState

_LONGEST_TEXT = 12_000
_STARTS_A_MINUTE, _APPENDS_A_MINUTE, _LIFETIME_S = 20, 100, 300.0
OPEN, OVER, BROKEN = "in_progress", "completed", "errored"


def _start(slack: SlackState, a: Json) -> Json:
    slack.count("chat.startStream", _STARTS_A_MINUTE)
    if not a.get("recipient_user_id") or not a.get("recipient_team_id"):
        raise RefusedError("missing_recipient")
    message = {
        "type": "message",
        "user": BOT_USER,
        "bot_id": BOT_ID,
        "ts": slack.ts(),
        "thread_ts": a["thread_ts"],
        "text": _text(a),
        "streaming_state": OPEN,
    }
    slack.messages[a["channel"]].append(message)
    slack.streamed[message["ts"]].append(_text(a))
    slack.stream_starts[message["ts"]] = slack.clock()
    return {"channel": a["channel"], "ts": message["ts"]}


def _append(slack: SlackState, a: Json) -> Json:
    slack.count("chat.appendStream", _APPENDS_A_MINUTE)
    message = _open(slack, a)
    message["text"] += _text(a)
    slack.streamed[a["ts"]].append(_text(a))
    return {"channel": a["channel"], "ts": a["ts"]}


def _stop(slack: SlackState, a: Json) -> Json:
    message = _open(slack, a)
    chat.checked(slack, a.get("blocks"))
    message["streaming_state"] = OVER
    return {"channel": a["channel"], "ts": a["ts"], "message": message}


def _session(slack: SlackState, a: Json) -> Json:
    slack.sessions[a["channel_id"], a["thread_ts"]].append(a["status"])
    return {"status": a["status"]}


def _text(a: Json) -> str:
    text: str = a.get("markdown_text") or ""
    if not 0 < len(text) <= _LONGEST_TEXT:
        raise RefusedError("msg_too_long" if text else "no_text")
    return text


def _open(slack: SlackState, a: Json) -> Json:
    message = _current(slack, a)
    if message.get("streaming_state") != OPEN:
        raise RefusedError("message_not_in_streaming_state")
    return message


def _current(slack: SlackState, a: Json) -> Json:
    """A message of ours, whose stream has ended if its time was up."""
    message = chat.found(slack, a)
    started = slack.stream_starts.get(message["ts"])
    open_still = message.get("streaming_state") == OPEN
    if open_still and started is not None and slack.clock() - started >= _LIFETIME_S:
        message["streaming_state"] = BROKEN
    return message


def _unless_open(
    method: Callable[[SlackState, Json], Json], code: str
) -> Callable[[SlackState, Json], Json]:
    def guarded(slack: SlackState, a: Json) -> Json:
        if _current(slack, a).get("streaming_state") == OPEN:
            raise RefusedError(code)
        return method(slack, a)

    return guarded


METHODS = {
    "chat.startStream": _start,
    "chat.appendStream": _append,
    "chat.stopStream": _stop,
    "chat.update": _unless_open(chat.METHODS["chat.update"], "streaming_state_conflict"),
    "chat.delete": _unless_open(chat.METHODS["chat.delete"], "cant_delete_message"),
    "agents.sessions.setStatus": _session,
}
