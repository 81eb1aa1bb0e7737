"""Softmax regression on unit vectors, in single precision.

Without scikit-learn, whose import alone takes longer than most of these fits.
"""

import numpy as np
from numpy.typing import NDArray

from agent.learned.head import Floats
from agent.tuning.training.descent import lowest

_PENALTY = 1 / 30  # of the squared weights; 1/10 to 1/100 differ by under a point on BANKING77
_ITERATIONS = 200


def softmax_regression(
    rows: Floats, marks: NDArray[np.int32], count: int, iterations: int = _ITERATIONS
) -> tuple[Floats, Floats]:
    """Weights ``(count, d)`` and bias ``(count,)`` for rows ``(n, d)`` marked ``0..count-1``.

    The bias is not penalised; by L-BFGS, which some dozens of passes over the rows satisfy;
    ``iterations`` bounds them.
    """
    if len(rows) < rows.shape[1]:
        # The penalised weights lie in the span of the rows: look for them there.
        basis, shorter = np.linalg.qr(rows.T)
        within = np.ascontiguousarray(shorter.T)
        weights, bias = softmax_regression(within, marks, count, iterations)
        return weights @ basis.T, bias
    every = np.arange(len(rows))

    def surprise(table: Floats) -> tuple[float, Floats]:
        weights = table[:, :-1]
        shares = rows @ weights.T + table[:, -1]
        highest = shares.max(axis=1, keepdims=True)
        known = float(shares[every, marks].sum(dtype=np.float64))
        shares = np.exp(shares - highest)
        totals = shares.sum(axis=1, keepdims=True)
        loss = float((np.log(totals) + highest).sum(dtype=np.float64)) - known
        shares /= totals
        shares[every, marks] -= 1
        slope = np.column_stack([shares.T @ rows + _PENALTY * weights, shares.sum(axis=0)])
        penalty = _PENALTY * float(np.vdot(weights, weights)) / 2
        return (loss + penalty) / len(rows), (slope / len(rows)).astype(np.float32)

    start = np.zeros((count, rows.shape[1] + 1), np.float32)
    found = lowest(surprise, start, iterations)
    return found[:, :-1].copy(), found[:, -1].copy()
