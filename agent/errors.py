"""Everything that can go wrong in the agent layer, as one tree.

AgentError
├── ModelUnavailable   a chat model's endpoint refused, timed out or broke off
├── TrainingError      pairs that cannot be trained on, a model that does not fit
├── TrainingInterrupted  a training that stopped and can be gone on with
├── RegistryError      no such version, or an order of events that cannot be (promote, roll back)
├── ReviewError        a pair or an item that there is not, a decision that cannot be
├── PromptError        no such prompt or version, a text that cannot be one
└── UnusableQuestion   empty, or far longer than a question is

Every message is one line for a person: what, where, what to do.
"""

from agent.texts import Said


class AgentError(Exception):
    """Base of the layer; its text may be shown to the person who asked.

    ``said`` is it in the languages of the interface, as far as people in Slack can meet it.
    """

    def __init__(self, message: str | Said = "") -> None:
        super().__init__(str(message))
        self.said = message if isinstance(message, Said) else Said(message, message)


class ModelUnavailable(AgentError):
    """A chat model's endpoint did not answer as it should."""


class TrainingError(AgentError):
    """There is nothing to train on, or what was trained does not fit."""


class TrainingInterrupted(AgentError):
    """The training stopped before its end; the same command goes on with it."""


class RegistryError(AgentError):
    """The registry of domain models refuses the step."""


class ReviewError(AgentError):
    """What a person wants of a pair cannot be done."""


class PromptError(AgentError):
    """A prompt that there is not, or a text that cannot be one."""


class UnusableQuestion(AgentError):
    """The question cannot be answered as it stands, whatever is known."""
