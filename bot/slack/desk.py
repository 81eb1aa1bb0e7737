"""What listeners may use: they read what came, write down what it asks for, and acknowledge."""

from dataclasses import dataclass

from agent.errands import Errands
from agent.ledger import Ledger
from agent.policies import Policies
from bot.slack.workspaces import Workspaces
from knowledge.database import Database


@dataclass(frozen=True, slots=True)
class Desk:
    """The same desk stands behind every listener and every errand."""

    database: Database
    ledger: Ledger
    errands: Errands
    policies: Policies
    workspaces: Workspaces
