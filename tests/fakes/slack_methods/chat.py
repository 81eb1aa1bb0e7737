"""``chat.*``: what the bot writes."""

from tests.fakes.slack_state import BOT_ID, BOT_USER, Json, RefusedError, SlackState

_KEPT = ("thread_ts", "text", "blocks", "metadata", "unfurl_links", "unfurl_media")


def _post(slack: SlackState, a: Json) -> Json:
    if len(a.get("blocks") or []) > 50 or len(a["text"]) > 40_000:
        raise RefusedError("msg_too_long")
    given = {name: a[name] for name in _KEPT if a.get(name) is not None}
    message = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "ts": slack.ts(), **given}
    slack.messages[a["channel"]].append(message)
    return {"channel": a["channel"], "ts": message["ts"], "message": message}


METHODS = {"chat.postMessage": _post}
