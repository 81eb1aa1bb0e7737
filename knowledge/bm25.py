"""BM25 (Robertson and Zaragoza 2009) with its two halves apart: impact at writing, idf at asking.

A posting holds only the saturated term frequency, which does not change when other documents come
and go; idf, which does, is multiplied in by the query. Impacts are whole numbers so that a posting
is small and that their order in an index is their order in the sum.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

K1 = 0.9
B = 0.75
SCALE = 10_000
"""Impact of 1.0; the highest, K1 + 1, still fits a smallint."""

DRIFT = 0.1
"""Impacts are made anew when the average length has moved by this share."""

MAX_FREQUENCY = 32_767
"""A smallint's; saturation makes anything above about 100 the same."""

IMPACT_SQL = (
    f"round({SCALE} * f * ({K1} + 1) / "
    f"(f + {K1} * (1 - {B} + {B} * length / CAST(:average AS double precision))))"
)
"""`impacts` as an SQL expression of ``f``, ``length`` (double precision) and ``:average``."""


def impacts(frequencies: Sequence[int], length: int, average: float) -> NDArray[np.int16]:
    """Quantised saturated frequencies of one chunk's terms; ``length`` and ``average`` in terms."""
    f = np.asarray(frequencies, np.float64)
    saturated = SCALE * f * (K1 + 1) / (f + K1 * (1 - B + B * length / average))
    return np.rint(saturated).astype(np.int16)


def has_drifted(average: float, made_with: float | None) -> bool:
    """Whether impacts made with one average length should be made anew with another."""
    return made_with is None or abs(average - made_with) > DRIFT * made_with
