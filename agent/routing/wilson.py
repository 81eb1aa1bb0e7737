"""Wilson's score interval: how sure a share is when it was counted on few."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_DEVIATES = 1.645
"""One-sided 95 %."""


def lower_bound(share: ArrayLike, count: ArrayLike) -> NDArray[np.float64]:
    """What the true share is at least, with 95 % certainty (Wilson 1927); counts above 0."""
    p, n, z2 = np.asarray(share, float), np.asarray(count, float), _DEVIATES**2
    margin = _DEVIATES * np.sqrt(p * (1 - p) / n + z2 / (4 * n**2))
    bound: NDArray[np.float64] = (p + z2 / (2 * n) - margin) / (1 + z2 / n)
    return bound
