"""The doctor's look at the workspaces that installed the app."""

from collections.abc import Sequence

from bot.slack.checks import Check
from bot.slack.connection import SlackConnection, answered, open_client
from bot.slack.errors import Refused, SlackError
from bot.slack.installs import Installed
from bot.slack.installs_connection import InstallsConnection
from bot.slack.manifest import SCOPES


async def check_installed(
    connection: InstallsConnection, installed: Sequence[Installed]
) -> Sequence[Check]:
    """Whether each workspace's token works and allows all that is needed."""
    return [await _checked(connection, one) for one in installed]


async def _checked(connection: InstallsConnection, one: Installed) -> Check:
    name = f"workspace {one.team} ({one.name})"
    where = f"let it install the app again at {connection.public_url}/slack/install"
    try:
        async with open_client(SlackConnection(one.token, connection.api_url)) as client:
            await answered(client.auth_test())
    except Refused as error:
        mend = f"{where}, or `knowhow workspaces remove {one.team}`"
        return Check(name, ok=False, found=f"Slack says {error.code}", mend=mend)
    except SlackError as error:
        mend = "check the network, the proxy and SLACK_API_URL"
        return Check(name, ok=False, found=f"no answer from Slack ({error})", mend=mend)
    missing = sorted(SCOPES.keys() - one.scopes)
    if missing:
        return Check(name, ok=False, found=f"lacks the scopes {', '.join(missing)}", mend=where)
    return Check(name, ok=True, found=f"installed {one.installed_at:%Y-%m-%d}")
