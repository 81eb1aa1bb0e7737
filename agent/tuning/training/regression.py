"""Softmax regression on unit vectors, in single precision.

Without scikit-learn, whose import alone takes longer than most of these fits.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from agent.learned.head import Floats

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
        weights, bias = softmax_regression(np.ascontiguousarray(shorter.T), marks, count)
        return weights @ basis.T, bias
    dimension = rows.shape[1]
    every = np.arange(len(rows))

    def split(flat: NDArray[np.floating]) -> tuple[Floats, Floats]:
        table = flat.astype(np.float32).reshape(count, dimension + 1)
        return table[:, :-1].copy(), table[:, -1].copy()

    def surprise(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = split(flat)
        logits = rows @ weights.T + bias
        highest = logits.max(axis=1, keepdims=True)
        shares = np.exp(logits - highest)
        totals = shares.sum(axis=1, keepdims=True)
        loss = (np.log(totals) + highest).sum() - logits[every, marks].sum()
        shares /= totals
        shares[every, marks] -= 1
        slope = np.column_stack([shares.T @ rows + _PENALTY * weights, shares.sum(axis=0)])
        penalty = _PENALTY * np.vdot(weights, weights) / 2
        return float(loss + penalty) / len(rows), slope.ravel().astype(np.float64) / len(rows)

    start = np.zeros(count * (dimension + 1))
    options = {"maxiter": iterations, "gtol": 1e-4}
    return split(minimize(surprise, start, jac=True, method="L-BFGS-B", options=options).x)
