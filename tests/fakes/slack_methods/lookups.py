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


METHODS = {
    "usergroups.users.list": _members,
    "users.lookupByEmail": _by_email,
}
