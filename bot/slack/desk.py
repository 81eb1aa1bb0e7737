"""What listeners may use: they read what came, write down what it asks for, and acknowledge."""

from dataclasses import dataclass

from agent.errands import Errands
from agent.ledger import Ledger
from agent.policies import Policies
from bot.slack.workspaces import Workspaces
from knowledge.database import Database

IN_TIME_S = 2.0
"""For what must be asked of Slack before a click or a command is acknowledged: Slack waits three
seconds. TimeoutError becomes a line to whoever waits, see `bot.slack.failures`."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The same desk stands behind every listener and every errand."""

    database: Database
    ledger: Ledger
    errands: Errands
    policies: Policies
    workspaces: Workspaces
