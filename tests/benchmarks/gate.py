"""How often the gate errs: equal models it calls different, and better ones it misses.

    uv run python -m tests.benchmarks.gate

Questions come in clusters, as phrasings of one answer do. Each question has a latent difficulty of
three normal parts: the cluster's, the question's own (both shared by the two models) and the
model's own for cluster and question; a model is right where its sum passes the threshold of its
accuracy. So right answers agree between models, and a model's luck runs through whole clusters:
what makes a plain McNemar test too sure. Nothing here repeats the gate's arithmetic.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from agent.tuning.gate import decide

_TRIALS = 1_000


@dataclass(frozen=True, slots=True)
class World:
    """``shared`` of the latent variance is common to both models, the rest each model's own.

    ``within`` of each of these two belongs to the cluster, the rest to the question.
    """

    questions: int
    clusters: int
    before: float
    after: float
    shared: float = 0.7
    within: float = 0.3


def outcomes(world: World, trials: int, seed: int = 0) -> Counter[str]:
    """The verdicts of as many independent comparisons."""
    random = np.random.default_rng(seed)
    places = np.arange(world.questions) % world.clusters
    names = places.tolist()
    verdicts = Counter[str]()

    def part(share: float) -> NDArray[np.float64]:
        cluster = random.standard_normal(world.clusters)[places] * np.sqrt(world.within)
        own = random.standard_normal(world.questions) * np.sqrt(1 - world.within)
        drawn: NDArray[np.float64] = np.sqrt(share) * (cluster + own)
        return drawn

    for _ in range(trials):
        common = part(world.shared)
        first, second = (
            common + part(1 - world.shared) < norm.ppf(accuracy)
            for accuracy in (world.before, world.after)
        )
        verdicts[decide(first.tolist(), second.tolist(), names).outcome] += 1
    return verdicts


def main() -> None:
    """Print the table of the gate's errors."""
    print("Equal models: inconclusive should be at least 95 %.")
    for questions, clusters, accuracy, within in (
        (300, 100, 0.6, 0.3),
        (300, 300, 0.6, 0.0),
        (300, 100, 0.9, 0.3),
        (300, 77, 0.6, 0.5),
        (300, 30, 0.6, 0.3),
        (160, 10, 0.6, 0.3),
        (400, 100, 0.6, 0.3),
    ):
        world = World(questions, clusters, accuracy, accuracy, within=within)
        _show(world, outcomes(world, _TRIALS))
    print("Ten points better: promote should be at least 80 %.")
    for clusters, accuracy, within in (
        (100, 0.6, 0.3),
        (300, 0.6, 0.0),
        (100, 0.5, 0.3),
        (100, 0.8, 0.3),
        (77, 0.6, 0.5),
        (30, 0.6, 0.3),
    ):
        world = World(300, clusters, accuracy, accuracy + 0.1, within=within)
        _show(world, outcomes(world, _TRIALS))


def _show(world: World, verdicts: Counter[str]) -> None:
    shares = ", ".join(
        f"{name} {verdicts[name] / verdicts.total():.1%}"
        for name in ("promote", "inconclusive", "reject")
    )
    print(
        f"  {world.questions} questions in {world.clusters} clusters (within {world.within}), "
        f"right {world.before:.0%} and {world.after:.0%}: {shares}",
        flush=True,
    )


if __name__ == "__main__":
    main()
