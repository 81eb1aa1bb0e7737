"""Events that the app is subscribed to and that we have no use for."""

import re

from slack_bolt.app.async_app import AsyncApp


def register(app: AsyncApp) -> None:
    """Acknowledge every other event: Slack ends subscriptions that only ever get errors."""

    async def on_any_event() -> None:
        pass

    app.event(re.compile(".*"))(on_any_event)
