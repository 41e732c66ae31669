"""What intake takes in reaches the read models soon: one thread, one catch-up at a time.

Where ClickHouse is a server, other processes move the road; then this one only looks how far it is.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Self

from infra.home import Home

logger = logging.getLogger("shouhe.follower")

PAUSE = 0.2
"""Seconds to wait for more, so that a burst of requests is one range and not a hundred."""

REST, LONGEST_REST = 4.0, 1.0
"""How long it rests after a catch-up: so many times what that took, at most so many seconds. While
events pour in, they take more of a catch-up each and leave the processors to those who read."""

LOOK = 1.0
"""Seconds between looks at the log: other processes import too."""

AGAIN = 10.0
"""Seconds before another try after a failure."""


class Follower:
    """Brings ClickHouse to the head of the log whenever the log has grown. A context manager."""

    def __init__(self, open_home: Callable[[], Home], *, moves: bool = True) -> None:
        """`open_home`: a home of its own, opened in the thread that uses it.

        moves   whether it moves the road itself, or looks how far others have moved it
        """
        self._open, self._moves = open_home, moves
        self._new, self._stopped = Event(), Event()
        self._thread = Thread(target=self._run, name="follower", daemon=True)
        self.position = 0
        """Of the log, reached by every read model."""

        self.failure = ""
        """What the last catch-up failed of; empty when it went well."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends after the catch-up at work: a range is never left half."""
        self._stopped.set()
        self._new.set()
        self._thread.join()

    def poke(self) -> None:
        """Something was taken in."""
        self._new.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with self._open() as home:  # anew after a failure: with it go broken connections
                    while not self._stopped.is_set():
                        self._follow(home)
            except Exception as error:  # noqa: BLE001 - it must live; it says so and tries again
                self.failure = type(error).__name__
                logger.error("read models stand still: %s", self.failure)  # noqa: TRY400 - a trace can hold values
                self._stopped.wait(AGAIN)

    def _follow(self, home: Home) -> None:
        if not self._moves:
            self.position = min(home.projections.positions().values(), default=0)
            self.failure = ""
            self._stopped.wait(LOOK)
            return
        head = home.log.head()
        if head > self.position:
            began = time.monotonic()
            home.catch_up()
            self.position, self.failure = head, ""
            home.seal()
            self._stopped.wait(min(LONGEST_REST, REST * (time.monotonic() - began)))
            return
        if self._new.wait(LOOK):
            self._new.clear()
            self._stopped.wait(PAUSE)
