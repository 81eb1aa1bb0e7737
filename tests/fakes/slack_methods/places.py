"""What the places ask of Slack: channels, prompts, forms, private lines, links, edits."""

from tests.fakes.slack_state import Json, SlackState


def _info(slack: SlackState, a: Json) -> Json:
    known = {"id": a["channel"], "is_member": True}
    return {"channel": known | slack.channels.get(a["channel"], {})}


def _prompts(slack: SlackState, a: Json) -> Json:
    slack.prompts.append(a)
    return {}


def _ephemeral(slack: SlackState, a: Json) -> Json:
    slack.whispers.append(a)
    return {"message_ts": slack.ts()}


def _permalink(slack: SlackState, a: Json) -> Json:
    del slack
    return {"permalink": f"https://team.slack.com/archives/{a['channel']}/p{a['message_ts']}"}


def _open(slack: SlackState, a: Json) -> Json:
    slack.opened.append(a["view"])
    return {"view": a["view"]}


def _update(slack: SlackState, a: Json) -> Json:
    message = next(m for m in slack.messages[a["channel"]] if m["ts"] == a["ts"])
    message.update(text=a["text"], blocks=a.get("blocks"))
    return {"ts": a["ts"]}


METHODS = {
    "conversations.info": _info,
    "assistant.threads.setSuggestedPrompts": _prompts,
    "chat.postEphemeral": _ephemeral,
    "chat.getPermalink": _permalink,
    "views.open": _open,
    "chat.update": _update,
}
