"""``oauth.*`` and ``apps.*``: a workspace gives a token and takes it back; how the app is set."""

from tests.fakes.slack_state import APP, CONFIG_TOKEN, Json, RefusedError, SlackState

CLIENT_ID, CLIENT_SECRET = "1.2", "a-client-secret"


def _access(slack: SlackState, a: Json) -> Json:
    if (a.get("client_id"), a.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise RefusedError("bad_client_secret")
    workspace = slack.codes.pop(a["code"], None)
    if workspace is None:
        raise RefusedError("invalid_code")
    token = f"xoxb-{workspace.team}-{len(slack.tokens) + len(slack.revoked)}"
    slack.tokens[token] = workspace
    return {
        "access_token": token,
        "token_type": "bot",
        "scope": slack.scopes,
        "bot_user_id": workspace.bot_user,
        "app_id": "A0KNOW",
        "team": {"id": workspace.team, "name": f"<b>{workspace.team}</b>"},
        "enterprise": None,
        "authed_user": {"id": "U1"},
        "is_enterprise_install": workspace.team.startswith("E"),
    }


def _uninstall(slack: SlackState, a: Json) -> Json:
    assert (a["client_id"], a["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
    slack.revoked.add(a["token"])
    return {}


def _export(slack: SlackState, a: Json) -> Json:
    if a["token"] != CONFIG_TOKEN:
        raise RefusedError("token_expired")
    assert a["app_id"] == APP
    return {"manifest": slack.manifest}


METHODS = {
    "oauth.v2.access": _access,
    "apps.uninstall": _uninstall,
    "apps.manifest.export": _export,
}
