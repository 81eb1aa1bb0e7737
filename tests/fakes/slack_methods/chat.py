"""``chat.*``: what the bot writes."""

from tests.fakes.slack_blocks import message_problems
from tests.fakes.slack_state import BOT_ID, BOT_USER, Json, RefusedError, SlackState

_KEPT = ("thread_ts", "text", "blocks", "metadata", "unfurl_links", "unfurl_media")
_LONGEST_TEXT, _LONGEST_UPDATE = 40_000, 4_000


def checked(slack: SlackState, blocks: object) -> None:
    """Refuse what Slack would; the reasons are kept for tests to see."""
    problems = message_problems(blocks or [])
    if problems:
        slack.problems += problems
        raise RefusedError("invalid_blocks")


def _post(slack: SlackState, a: Json) -> Json:
    if len(a.get("text") or "") > _LONGEST_TEXT:
        raise RefusedError("msg_too_long")
    checked(slack, a.get("blocks"))
    if not a.get("text") and not a.get("blocks"):
        raise RefusedError("no_text")
    given = {name: a[name] for name in _KEPT if a.get(name) is not None}
    message = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "ts": slack.ts(), **given}
    slack.messages[a["channel"]].append(message)
    return {"channel": a["channel"], "ts": message["ts"], "message": message}


def _update(slack: SlackState, a: Json) -> Json:
    if len(a.get("text") or "") > _LONGEST_UPDATE:
        raise RefusedError("msg_too_long")
    checked(slack, a.get("blocks"))
    message = _found(slack, a)
    message.update({name: a[name] for name in _KEPT if a.get(name) is not None})
    message["edited"] = {"user": BOT_USER, "ts": slack.ts()}
    return {"channel": a["channel"], "ts": a["ts"], "text": message["text"]}


def _delete(slack: SlackState, a: Json) -> Json:
    slack.messages[a["channel"]].remove(_found(slack, a))
    return {"channel": a["channel"], "ts": a["ts"]}


def _post_ephemeral(slack: SlackState, a: Json) -> Json:
    checked(slack, a.get("blocks"))
    slack.ephemerals.append(a)
    return {"message_ts": slack.ts()}


def _permalink(slack: SlackState, a: Json) -> Json:
    del slack
    link = f"https://team.example/archives/{a['channel']}/p{a['message_ts'].replace('.', '')}"
    return {"channel": a["channel"], "permalink": link}


def _found(slack: SlackState, a: Json) -> Json:
    for message in slack.messages[a["channel"]]:
        if message["ts"] == a["ts"]:
            if message.get("user") != BOT_USER:
                raise RefusedError("cant_update_message")
            return message
    raise RefusedError("message_not_found")


METHODS = {
    "chat.postMessage": _post,
    "chat.update": _update,
    "chat.delete": _delete,
    "chat.postEphemeral": _post_ephemeral,
    "chat.getPermalink": _permalink,
}
