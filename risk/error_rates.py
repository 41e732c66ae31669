"""A group's two error rates: flagged without need, and missed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from risk.capacity import Mask


class ErrorRates(NamedTuple):
    """Of those without the outcome, the share flagged; of those with it, the share not flagged."""

    false_positive: float
    false_negative: float


def error_rates(label: NDArray[np.uint8], flagged: Mask) -> ErrorRates:
    """Both rates of one group; label (0 or 1) and flagged of shape (rows,)."""
    no, yes = label == 0, label == 1
    return ErrorRates(float(flagged[no].mean()), float(1 - flagged[yes].mean()))
