"""How sure a mean is: bootstrap intervals (Efron 1979), by question or by whole documents."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

_RESAMPLES = 2_000
_SEED = 20_240_229
_LEVEL = 0.95


def interval(values: Sequence[float], clusters: Sequence[Hashable] = ()) -> tuple[float, float]:
    """The 95 % interval of the mean of ``values``.

    ``clusters`` names what each value belongs to: values of one document rise and fall together,
    so documents are drawn, not values (Cameron, Gelbach and Miller 2008). (0, 0) of nothing.
    """
    if not values:
        return 0.0, 0.0
    sums, counts = _by_cluster(values, clusters or range(len(values)))
    random = np.random.default_rng(_SEED)
    drawn = random.integers(len(sums), size=(_RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2)).tolist()
    return low, high


def _by_cluster(
    values: Sequence[float], clusters: Sequence[Hashable]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    places = {name: place for place, name in enumerate(dict.fromkeys(clusters))}
    sums, counts = np.zeros(len(places)), np.zeros(len(places))
    for value, name in zip(values, clusters, strict=True):
        sums[places[name]] += value
        counts[places[name]] += 1
    return sums, counts
