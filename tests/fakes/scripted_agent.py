"""An agent that says what a test wants, where the agent's own mind is not the matter."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from agent.answers import Answer, Citation, Question
from agent.events import Done, Event
from agent.texts import Said

Script = Callable[[Question], Awaitable[Answer]]


def plain_answer(text: str, **fields: object) -> Answer:
    """An answer from the documents with one source."""
    citation = Citation(
        1, "Leave", "https://handbook.example/leave", 7, "Everybody has 28 days.", ("Carry-over",)
    )
    given: dict[str, object] = {
        "text": text,
        "route": "knowledge",
        "confidence": 0.83,
        "reason": Said("The handbook covers it", "手册里有"),
        "abstained": False,
        "citations": (citation,),
        "model": "extractive",
        "timings_ms": {"total": 1.0},
        "cost_usd": 0.0,
    }
    if isinstance(said := fields.get("reason"), str):
        fields["reason"] = Said(said, said)
    return Answer(**(given | fields))  # type: ignore[arg-type]  # fields are the test's to get right


async def _echo(question: Question) -> Answer:
    return plain_answer(f"You have 28 days [1], about: {question.text}")


@dataclass
class ScriptedAgent:
    """Answers by script; ``asked`` keeps every question it got."""

    script: Script = _echo
    asked: list[Question] = field(default_factory=list)

    events: Sequence[Event] = ()
    """Steps and text that come before the script is asked."""

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events, and then what the script says."""
        self.asked.append(question)
        for event in self.events:
            yield event
        yield Done(await self.script(question))
