"""Prompts to begin with, as Slack shows them where somebody opens a conversation with us."""

from collections.abc import Sequence

from agent.reading.languages import Language
from agent.texts import Text

Prompt = dict[str, str]

TITLE = Text(en="Ask what the team knows", zh="问问团队都知道什么")
DEFAULTS = {
    "abilities": Text(en="What can you help me with?", zh="你能帮我做什么？"),
    "questions": Text(en="What questions can you answer?", zh="你能回答哪些问题？"),
}

MOST = 4
"""Slack shows no more."""

_LONGEST_TITLE = 75


def prompts(questions: Sequence[str], language: Language) -> list[Prompt]:
    """A prompt for each question; what can always be asked where there are too few."""
    defaults = [text.to(language) for text in DEFAULTS.values()]
    lines = [*questions, *(one for one in defaults if len(questions) < len(defaults))][:MOST]
    return [{"title": _short(line), "message": line} for line in lines]


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1]}…"
