"""The loop of a stage: open it, step, step, step; after a failure a pause, and open it anew.

A stage is never asked what became of a step that failed: what it wrote down before says that when
it is opened again. So `kill -9` and a broken connection are the same thing.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from queue import SimpleQueue
from threading import Event, Thread
from types import FrameType
from typing import Protocol

from domain.errors import ShouheError
from infra.console import DONE, FAILED
from infra.lease import NotHeldError
from infra.running.logs import message_of, told
from infra.running.telemetry import Progress, Telemetry

logger = logging.getLogger("shouhe.worker")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds before another try after a failure; doubled each time, and spread by chance."""

STANDBY = 1.0
"""Seconds between two tries for a lease that another process holds."""

LOOK = 1.0
"""Seconds between two looks at how far the stage is."""

PATIENCE = 20.0
"""Seconds that a step at work has when the process is told to stop."""


class Stage(Protocol):
    """One stage of the road, opened and its lease held."""

    def step(self) -> int:
        """Move what is there; wait a moment at most when nothing is. → how many events."""
        ...

    def progress(self) -> Progress:
        """How far it is."""
        ...


def run(
    open_stage: Callable[[], AbstractContextManager[Stage]],
    telemetry: Telemetry,
    stop: Event,
    fatal: tuple[type[ShouheError], ...] = (),
) -> int:
    """Run a stage until `stop` is set. → exit code.

    open_stage  raises NotHeldError while another process holds the lease
    fatal       errors that another try can't mend: the process ends with 1
    """
    pause, named = FIRST_PAUSE, {"stage": telemetry.stage}
    while not stop.is_set():
        try:
            with open_stage() as stage:
                telemetry.leads()
                logger.info("works", extra=named)
                for _ in _turns(stage, telemetry, stop):
                    pause = FIRST_PAUSE
        except NotHeldError:
            telemetry.stands_by()
            stop.wait(STANDBY)
        except fatal as error:
            telemetry.failed(error)
            logger.critical("%s", message_of(error), extra=named | told(error))
            return FAILED
        except Exception as error:  # noqa: BLE001 - it must live; it says so and tries again
            telemetry.failed(error)
            logger.warning("fails: %s", message_of(error), extra=named | told(error))
            stop.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
            pause = min(2 * pause, LONGEST_PAUSE)
    logger.info("stopped", extra=named)
    return DONE


def _turns(stage: Stage, telemetry: Telemetry, stop: Event) -> Iterator[None]:
    looked = float("-inf")
    while not stop.is_set():
        began = time.monotonic()
        count = stage.step()
        ended = time.monotonic()
        telemetry.moved(count, ended - began)
        if ended - looked >= LOOK:
            looked = ended
            telemetry.reached(stage.progress())
        yield


@contextmanager
def stopping(patience: float = PATIENCE) -> Iterator[Event]:
    """An event that SIGTERM and Ctrl-C set.

    A step that doesn't end in time (a broker that doesn't answer) is cut off: at the next start
    it is done again, as after any crash.
    """
    stop, ended = Event(), Event()
    signals: SimpleQueue[None] = SimpleQueue()

    def watch() -> None:
        signals.get()
        stop.set()
        if not ended.wait(patience):
            _cut_off()

    def stopped(_: int, __: FrameType | None) -> None:
        # it may have come while this very thread held the event's lock: set it here, and it hangs
        signals.put(None)

    watcher = Thread(target=watch, name="stopping", daemon=True)
    watcher.start()
    before = {each: signal.signal(each, stopped) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        ended.set()
        signals.put(None)
        watcher.join()


def _cut_off() -> None:
    logger.warning("cut off in the middle of a step: it is done again at the next start")
    os._exit(DONE)
