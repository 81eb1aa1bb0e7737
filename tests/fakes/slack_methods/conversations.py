"""``conversations.*``: what was written, and where."""

from tests.fakes.slack_state import Json, RefusedError, SlackState, paged


def _replies(slack: SlackState, a: Json) -> Json:
    root = a["ts"]
    thread = [
        m
        for m in slack.messages[a["channel"]]
        if m["ts"] == root or (m.get("thread_ts") == root and a.get("oldest", "") <= m["ts"])
    ]
    if not thread:
        raise RefusedError("thread_not_found")
    if latest := a.get("latest"):
        inclusive = a.get("inclusive") == "true"
        thread = [m for m in thread if m["ts"] < latest or (inclusive and m["ts"] == latest)]
    start = int(a.get("cursor") or 0)
    end = start + int(a.get("limit") or 1000)
    following = str(end) if end < len(thread) else ""
    return {
        "messages": _shown(thread[start:end], a),
        "has_more": bool(following),
        "response_metadata": {"next_cursor": following},
    }


def _history(slack: SlackState, a: Json) -> Json:
    written = [
        m
        for m in slack.messages[a["channel"]]
        if m.get("thread_ts") in {None, m["ts"]}
        and a.get("oldest", "") <= m["ts"] <= (a.get("latest") or "9")
    ]
    told = [_with_replies(slack.messages[a["channel"]], m) for m in written[::-1]]
    return {"messages": _shown(told, a), "has_more": False}


def _with_replies(messages: list[Json], root: Json) -> Json:
    """A thread's first message as a channel shows it."""
    replies = [m["ts"] for m in messages if m.get("thread_ts") == root["ts"] != m["ts"]]
    more = {"reply_count": len(replies), "latest_reply": max(replies)} if replies else {}
    return {**root, **more}


def _info(slack: SlackState, a: Json) -> Json:
    channel = a["channel"]
    kind = {"is_im": True} if channel.startswith("D") else {"is_channel": True}
    known = {"id": channel, "name": channel.lower(), "is_member": True, "is_archived": False}
    known |= {"is_private": False, **kind, **slack.rooms.get(channel, {})}
    if slack.channels.get(channel, {}).get("gone"):
        raise RefusedError("channel_not_found")
    return {"channel": known | slack.channels.get(channel, {})}


def _members(slack: SlackState, a: Json) -> Json:
    there = [user for user, channels in slack.memberships.items() if a["channel"] in channels]
    return paged(slack, a, sorted(there))


def _open(slack: SlackState, a: Json) -> Json:
    del slack
    return {"channel": {"id": f"D{a['users']}"}}


def _shown(messages: list[Json], a: Json) -> list[Json]:
    if str(a.get("include_all_metadata", "")) in {"True", "true", "1"}:
        return messages
    return [{k: v for k, v in m.items() if k != "metadata"} for m in messages]


METHODS = {
    "conversations.replies": _replies,
    "conversations.history": _history,
    "conversations.info": _info,
    "conversations.members": _members,
    "conversations.open": _open,
}
