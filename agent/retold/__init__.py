"""English sentences that are shown in Slack, with their Chinese: reasons, verdicts, refusals."""

from agent.errors import AgentError
from agent.reading.languages import Language
from agent.retelling import Retelling
from agent.retold.files import FILES
from agent.retold.models import MODELS
from agent.retold.pairs import PAIRS

_ALL = Retelling((*FILES, *MODELS, *PAIRS))


def retold(said: str, reader: Language) -> str:
    """The sentence in the reader's language; as it is, where no form of it is known."""
    return _ALL.to(said, reader)


def why_of(error: Exception, reader: Language) -> str:
    """What an error of ours says to the reader."""
    if isinstance(error, AgentError) and error.said.zh != error.said.en:
        return error.said.to(reader)
    return retold(str(error), reader)
