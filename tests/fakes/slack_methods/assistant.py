"""``assistant.*`` and ``reactions.*``: the signs that somebody is at work."""

from tests.fakes.slack_state import Json, SlackState


def _set_status(slack: SlackState, a: Json) -> Json:
    slack.statuses.append((a["channel_id"], a["thread_ts"], a["status"]))
    return {}


def _add(slack: SlackState, a: Json) -> Json:
    slack.reactions.add((a["channel"], a["timestamp"], a["name"]))
    return {}


def _remove(slack: SlackState, a: Json) -> Json:
    slack.reactions.discard((a["channel"], a["timestamp"], a["name"]))
    return {}


def _prompts(slack: SlackState, a: Json) -> Json:
    slack.prompts.append(a)
    return {}


METHODS = {
    "assistant.threads.setSuggestedPrompts": _prompts,
    "assistant.threads.setStatus": _set_status,
    "reactions.add": _add,
    "reactions.remove": _remove,
}
