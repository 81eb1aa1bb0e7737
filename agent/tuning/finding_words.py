"""What each kind of fault is called and what it means, for people."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.tuning.examining.findings import Action, Kind


@dataclass(frozen=True, slots=True)
class Words:
    """``many`` is its plural; ``meaning`` says in one line why it matters."""

    many: str
    meaning: str


WORDS: Mapping[Kind, Words] = {
    "secret": Words("secrets", "Keys and passwords. A model would repeat them; revoke them, too."),
    "personal data": Words("pairs with personal data", "Names of accounts, numbers, addresses."),
    "leak": Words("leaked held-out questions", "Trained on, they would make any model look good."),
    "contradiction": Words("contradictions", "The same question, answered differently."),
    "label error": Words("likely label errors", "Every other pair puts this question elsewhere."),
    "exact duplicate": Words("exact duplicates", "The same pair again adds nothing."),
    "near duplicate": Words("near duplicates", "The same words but for a few."),
    "semantic duplicate": Words("semantic duplicates", "Other words that mean the same."),
    "ungrounded": Words("ungrounded answers", "Their document does not say so."),
    "refusal": Words("refusals", "An answer that declines teaches the model to decline."),
    "language": Words("mixed languages", "The answer is in another language than the question."),
    "format": Words("format faults", "Markup or characters that do not belong there."),
    "length": Words("odd lengths", "Far shorter or longer than the rest."),
    "low quality": Words("pairs of low quality", "Little is asked, or little is said."),
}
"""The most urgent first."""

ACTIONS: Mapping[Action, str] = {
    "drop": "left out by `tune clean`",
    "queue": "asked about in `tune review`",
    "note": "only said",
}


def counted(count: int, kind: Kind) -> str:
    """Such as ``36 contradictions`` or ``1 secret``."""
    many = WORDS[kind].many
    one = many.replace("pairs ", "pair ") if many.startswith("pairs") else many.removesuffix("s")
    return f"{count:,} {one if count == 1 else many}"
