import numpy as np

from agent.learned.head import Floats
from agent.tuning.training.descent import lowest

SCALES = np.geomspace(1, 100, 6, dtype=np.float32)
CENTRE = np.arange(6, dtype=np.float32)


def _bowl(point: Floats) -> tuple[float, Floats]:
    away = point - CENTRE
    return float(SCALES @ away**2) / 2, SCALES * away


def test_the_bottom_of_a_narrow_bowl_is_found() -> None:
    found = lowest(_bowl, np.zeros(6, np.float32), iterations=60)
    assert np.abs(found - CENTRE).max() < 1e-3


def test_no_more_steps_are_taken_than_allowed() -> None:
    begun = _bowl(np.zeros(6, np.float32))[0]
    one, two = (_bowl(lowest(_bowl, np.zeros(6, np.float32), steps))[0] for steps in (1, 2))
    assert begun > one > two > 1e-3
