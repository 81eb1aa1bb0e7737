"""L-BFGS (Liu and Nocedal 1989) in single precision, for smooth convex losses without bounds.

SciPy's own, made for bounds and double precision, spends longer on its book-keeping than these
losses take: a fit of BANKING77 takes 1.2 s instead of 3.7.
"""

from collections import deque
from collections.abc import Callable

import numpy as np

from agent.learned.head import Floats

Loss = Callable[[Floats], tuple[float, Floats]]
"""A loss and its slope, of the point's shape."""

_MEMORY = 10
_FLAT = 2e-5
"""The largest entry of a slope from which on there is nothing left to gain."""
_NO_GAIN = 1e-8
_SUFFICIENT = 1e-4
_SHORTEST = 1e-4


def lowest(loss: Loss, point: Floats, iterations: int) -> Floats:
    """The point that the loss is lowest at, near enough, after at most so many steps."""
    value, slope = loss(point)
    steps: deque[tuple[Floats, Floats, float]] = deque(maxlen=_MEMORY)
    for _ in range(iterations):
        if np.abs(slope).max() <= _FLAT:
            break
        direction = _direction(slope, steps)
        there, lower, steeper = _stepped(loss, point, value, slope, direction)
        moved, bent = there - point, steeper - slope
        curve = float(np.vdot(moved, bent))
        if curve > 0:
            steps.append((moved, bent, curve))
        gained = value - lower
        point, value, slope = there, lower, steeper
        if gained <= _NO_GAIN * max(abs(value), 1.0):
            break
    return point


def _direction(slope: Floats, steps: deque[tuple[Floats, Floats, float]]) -> Floats:
    """Downhill, by the curvature that the last steps met: the two-loop recursion."""
    direction = slope.copy()
    shares = []
    for moved, bent, curve in reversed(steps):
        shares.append(float(np.vdot(moved, direction)) / curve)
        direction -= np.float32(shares[-1]) * bent
    if steps:
        _, bent, curve = steps[-1]
        direction *= np.float32(curve / float(np.vdot(bent, bent)))
    else:
        direction /= max(np.float32(np.linalg.norm(slope)), np.float32(1))
    for (moved, bent, curve), share in zip(steps, reversed(shares), strict=True):
        direction += np.float32(share - float(np.vdot(bent, direction)) / curve) * moved
    return direction


def _stepped(
    loss: Loss, point: Floats, value: float, slope: Floats, direction: Floats
) -> tuple[Floats, float, Floats]:
    """As far along the direction as the loss falls in proportion."""
    promised, length = float(np.vdot(slope, direction)), 1.0
    while True:
        there = point - np.float32(length) * direction
        lower, steeper = loss(there)
        if lower <= value - _SUFFICIENT * length * promised or length < _SHORTEST:
            return there, lower, steeper
        length /= 2
