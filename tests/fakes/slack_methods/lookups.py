"""Who is behind an address or a user group, and what a channel is."""

from tests.fakes.slack_state import Json, RefusedError, SlackState


def _by_email(slack: SlackState, a: Json) -> Json:
    for user, said in slack.people.items():
        if said.get("profile", {}).get("email") == a["email"]:
            return {"user": {"id": user, **said}}
    raise RefusedError("users_not_found")


def _members(slack: SlackState, a: Json) -> Json:
    if a["usergroup"] not in slack.usergroups:
        raise RefusedError("no_such_subteam")
    return {"users": sorted(slack.usergroups[a["usergroup"]])}


def _channel(slack: SlackState, a: Json) -> Json:
    channel = a["channel"]
    direct = channel.startswith("D")
    kind = {"is_im": True} if direct else {"is_channel": True, "is_private": False}
    return {"channel": {"id": channel, "is_member": True, **kind, **slack.rooms.get(channel, {})}}


METHODS = {
    "conversations.info": _channel,
    "usergroups.users.list": _members,
    "users.lookupByEmail": _by_email,
}
