"""Keys and passwords in a pair: a model learns them by heart and tells whoever asks."""

from collections.abc import Sequence

from agent.tuning.examining.findings import Examined, Finding, World
from knowledge.secret_patterns import secret_in


def find(pairs: Sequence[Examined], _: World) -> list[Finding]:
    """One finding a pair and place; ``why`` names the kind, never the secret."""
    return [
        Finding("secret", "drop", (one.id,), f"the {place} holds what looks like {kind}", 1.0)
        for one in pairs
        for place, text in (("question", one.question), ("answer", one.answer))
        if (kind := secret_in(text))
    ]
