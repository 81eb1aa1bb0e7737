"""``users.*``, ``usergroups.*``, ``auth.*``: who is who."""

from tests.fakes.slack_state import APP, Json, SlackState, paged


def _auth_test(slack: SlackState, a: Json) -> Json:
    del a
    ids = {"team_id": slack.team, "user_id": slack.bot_user, "bot_id": slack.bot_id}
    return {"team": "Team", **ids}


def _connections_open(slack: SlackState, a: Json) -> Json:
    del a
    return {"url": slack.url.replace("http://", "ws://").replace("/api/", "/socket")}


def _info(slack: SlackState, a: Json) -> Json:
    user = a["user"]
    known = {
        "id": user,
        "team_id": slack.team,
        "name": user.lower(),
        "locale": "en-US",
        "tz": "UTC",
    }
    return {"user": known | slack.people.get(user, {})}


def _list(slack: SlackState, a: Json) -> Json:
    known = {*slack.people, *slack.memberships, slack.bot_user} - slack.unlisted
    return paged(slack, a, [_info(slack, {"user": one})["user"] for one in sorted(known)])


def _conversations(slack: SlackState, a: Json) -> Json:
    types = a.get("types", "public_channel").split(",")
    channels = sorted(one for one in slack.memberships[a["user"]] if _type(slack, one) in types)
    start = int(a.get("cursor") or 0)
    end = start + slack.page
    following = str(end) if end < len(channels) else ""
    return {
        "channels": [{"id": one, "name": one.lower()} for one in channels[start:end]],
        "response_metadata": {"next_cursor": following},
    }


def _type(slack: SlackState, channel: str) -> str:
    known = slack.rooms.get(channel, {}) | slack.channels.get(channel, {})
    if known.get("is_mpim"):
        return "mpim"
    return "private_channel" if known.get("is_private") else "public_channel"


def _usergroups(slack: SlackState, a: Json) -> Json:
    assert a["include_users"] == "true"
    return {
        "usergroups": [
            {"id": name, "users": sorted(users)} for name, users in slack.usergroups.items()
        ]
    }


def _bot_info(slack: SlackState, a: Json) -> Json:
    assert a["bot"] == slack.bot_id
    return {"bot": {"id": slack.bot_id, "app_id": APP, "name": "knowhow"}}


METHODS = {
    "auth.test": _auth_test,
    "apps.connections.open": _connections_open,
    "users.info": _info,
    "users.list": _list,
    "users.conversations": _conversations,
    "bots.info": _bot_info,
    "usergroups.list": _usergroups,
}
