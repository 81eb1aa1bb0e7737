"""The Web API's methods, each a function of the state and the call's arguments."""

from collections.abc import Callable, Mapping

from tests.fakes.slack_methods import assistant, chat, conversations, users, views
from tests.fakes.slack_state import Json, SlackState

METHODS: Mapping[str, Callable[[SlackState, Json], Json]] = {
    **assistant.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **users.METHODS,
    **views.METHODS,
}
