"""A pair in a frozen dataset."""

from dataclasses import dataclass

from agent.tuning.pair_files import Pair
from knowledge.documents import EVERYONE


@dataclass(frozen=True, slots=True)
class DatasetPair:
    """A pair as it was when the dataset was made; ``cluster`` are questions too alike to split.

    ``position`` is its place among all pairs of the dataset, those that have lapsed included.
    """

    pair_id: int
    pair: Pair
    source: str
    cluster: int
    fold: int
    origin: str = "file"
    language: str = ""
    audience: tuple[str, ...] = (EVERYONE,)
    position: int = 0
