"""What an agent reports while it answers: steps, pieces of text, and at last the answer."""

from dataclasses import dataclass

from agent.answers import Answer
from agent.texts import Said


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done now, in a few words for the person who waits."""

    text: Said


@dataclass(frozen=True, slots=True)
class Delta:
    """More of the answer's text, already free of links and mentions.

    Its citation numbers are those of the passages found; the final answer counts its own.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The answer as it passed the check: this is what counts, whatever was streamed before."""

    answer: Answer


Event = Step | Delta | Done
