"""How often one client or session may ask: a token bucket each, in memory, bounded in number."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from infra.recent import Recent

KEPT = 20_000
"""Buckets remembered; beyond, the longest unused is forgotten (and full again)."""


class Limit:
    """At most `burst` at once, and `rate` a second on."""

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = rate, float(burst), clock
        self._lock = Lock()
        self._buckets: Recent[str, tuple[float, float]] = Recent(KEPT)

    def allow(self, key: str) -> bool:
        """Whether this one more may pass."""
        now = self._clock()
        with self._lock:
            left, then = self._buckets.get(key) or (self._burst, now)
            left = min(self._burst, left + (now - then) * self._rate)
            if left < 1.0:
                self._buckets.put(key, (left, now))
                return False
            self._buckets.put(key, (left - 1.0, now))
            return True
