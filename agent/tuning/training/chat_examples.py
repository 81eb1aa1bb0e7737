"""Pairs as generative models are taught them: chat messages, a fold kept back."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agent.errors import TrainingError
from agent.tuning.datasets import HELD_OUT_FOLD, Dataset
from agent.tuning.pair_files import Pair

SYSTEM = (
    "You answer the questions of one team's people, in the team's own words and in the language "
    "of the question. Say what the team has agreed on, and nothing else."
)
"""Trained with and asked with: under another message a tuned model is not itself."""

_WIDE = "\u2e80"
_NARROW_PER_TOKEN = 4
_AROUND = 4
"""Tokens around each message, in the chat formats of the large models."""


@dataclass(frozen=True, slots=True)
class Split:
    """What the model is taught, and what it never sees."""

    taught: tuple[Pair, ...]
    held_out: tuple[Pair, ...]

    @property
    def tokens(self) -> int:
        """Tokens of one epoch, estimated: vocabularies differ, and theirs would be a download."""
        return sum(estimated_tokens(pair) for pair in self.taught)


def split(dataset: Dataset) -> Split:
    """By fold; raises TrainingError when nothing is left to teach."""
    held_out = tuple(one.pair for one in dataset.pairs if one.fold == HELD_OUT_FOLD)
    taught = taught_part(dataset)
    if not taught.pairs:
        raise TrainingError(
            f"dataset {dataset.version} holds {len(dataset.pairs)} pairs, all of them held out: "
            "import more"
        )
    return Split(tuple(one.pair for one in taught.pairs), held_out)


def taught_part(dataset: Dataset) -> Dataset:
    """The dataset without what is held out."""
    pairs = tuple(one for one in dataset.pairs if one.fold != HELD_OUT_FOLD)
    return replace(dataset, pairs=pairs)


def messages(pair: Pair, system: str = SYSTEM) -> list[dict[str, str]]:
    """One conversation: the system message, the question, the team's answer."""
    return [
        {"role": "system", "content": system},
        {"role": "user", "content": pair.question},
        {"role": "assistant", "content": pair.answer},
    ]


def json_lines(records: Iterable[object]) -> str:
    """A JSON document a line."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records)


def chat_lines(pairs: Sequence[Pair]) -> str:
    """``{"messages": …}`` a line: what the fine-tuning API reads."""
    return json_lines({"messages": messages(pair)} for pair in pairs)


def estimated_tokens(pair: Pair) -> int:
    """About: four characters a token, one where the script is Chinese, Japanese or Korean."""
    return sum(_AROUND + _text_tokens(one["content"]) for one in messages(pair))


def _text_tokens(text: str) -> int:
    wide = sum(character >= _WIDE for character in text)
    return wide + -(-(len(text) - wide) // _NARROW_PER_TOKEN)
