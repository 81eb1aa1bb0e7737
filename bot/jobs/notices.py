"""What is said instead of an answer, so that nothing accepted ends in silence."""

from uuid import UUID

from agent.answers import Answer

EMPTY = (
    "Ask me something and I look it up, for example: *How many days of leave do I have?* "
    "Attach a file and I read it for our conversation."
)
NOT_HERE = (
    "I am not in that channel, so I cannot answer there: invite me with `/invite`, then choose "
    "“Answer this” again. Or ask me here."
)
OUTSIDE = (
    "People from another organisation read along here, so I do not quote the team's documents. "
    "Members of the team can ask me in a direct message."
)


def notice(text: str) -> Answer:
    """A friendly word that is no answer; Markdown."""
    return Answer(
        text=text,
        route="clarify",
        confidence=1.0,
        reason="",
        abstained=False,
        citations=(),
        model="none",
        timings_ms={},
        cost_usd=0.0,
    )


def apology(mention: UUID, why: str = "") -> Answer:
    """An explanation with the id under which the ledger and the log know more.

    ``why`` is a line meant for people, never an exception's own words.
    """
    reason = f" ({why})" if why else ""
    return notice(
        f"I could not answer this: something went wrong on my side{reason}. "
        f"Please ask again; if it keeps happening, give whoever runs me this id: `{mention}`"
    )
