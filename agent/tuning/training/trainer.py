"""A backend as training sees it: a frozen dataset in, a model to store out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from agent.tuning.datasets import Dataset

Progress = Callable[[int, int | None], None]
"""Called with the steps done and, once known, their number."""


def silent(_done: int, _total: int | None) -> None:
    """No progress report."""


@dataclass(frozen=True, slots=True)
class Made:
    """What the registry keeps of a training."""

    parameters: bytes
    manifest: Mapping[str, Any]


class Trainer(Protocol):
    """One way of training."""

    @property
    def backend(self) -> str:
        """Its name in the registry and for ``--backend``."""
        ...

    async def train(self, dataset: Dataset, progress: Progress) -> Made:
        """Fit a model. Raises TrainingError with what is wrong and what to do."""
        ...
