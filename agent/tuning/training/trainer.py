"""A backend as training sees it: a frozen dataset in, a model to store out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from agent.tuning.datasets import Dataset

Progress = Callable[[int, int | None], None]
"""Called with the steps done and, once known, their number."""

Say = Callable[[str], None]
"""Called with one line for the person who waits."""


def silent(_done: int, _total: int | None) -> None:
    """No progress report."""


def unheard(_line: str) -> None:
    """Nobody waits."""


@dataclass(frozen=True, slots=True)
class Made:
    """What the registry keeps of a training."""

    parameters: bytes
    manifest: Mapping[str, Any]


class Memory(Protocol):
    """What a training keeps outside its process, so that the next one goes on from there."""

    @property
    def run(self) -> int:
        """The training's number, the same whenever it is picked up again."""
        ...

    @property
    def remembered(self) -> Mapping[str, Any]:
        """All that was remembered so far."""
        ...

    async def remember(self, **facts: Any) -> None:
        """Keep JSON values by name; when this returns they are stored."""
        ...

    async def wanted(self) -> bool:
        """Whether nobody has cancelled the training."""
        ...

    def say(self, line: str) -> None:
        """Tell the person who waits."""
        ...


class Trainer(Protocol):
    """One way of training."""

    @property
    def backend(self) -> str:
        """Its name in the registry and for ``--backend``."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """JSON values that, with the dataset, make two trainings the same; never a secret."""
        ...

    async def train(self, dataset: Dataset, progress: Progress, memory: Memory) -> Made:
        """Fit a model, going on from what ``memory`` holds.

        Raises TrainingError with what is wrong and what to do, which ends the training;
        after any other error it can be gone on with.
        """
        ...
