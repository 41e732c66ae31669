"""What a stage tells of itself: numbers for Prometheus, whether it lives, whether it works.

/metrics   Prometheus' text format
/healthz   200 while its loop turns; else 503: restart it
/readyz    200 while it holds its lease and its steps go well; else 503 and the reason
"""

from __future__ import annotations

import platform
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from importlib.metadata import version
from socketserver import TCPServer, ThreadingMixIn
from threading import Lock, Thread
from typing import Any, NamedTuple

import msgspec
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from domain.errors import WrongUsageError

FORMAT = CONTENT_TYPE_LATEST
"""Of what `render` makes."""

STUCK = 900.0
"""Seconds in one step after which a process counts as dead. A rebuild may take minutes."""

SLOW = 5.0
"""Seconds in one step after which a stage is not ready: a broker doesn't answer, or it has much to
catch up with."""

SAMPLES = 3_600
"""Heads remembered to tell how old the first event is that waits; every other one, when full."""

ASKS = 10.0
"""Seconds that a request may take to arrive: who only holds the line doesn't hold a thread."""


class Progress(NamedTuple):
    """How far a stage is.

    at      what it has reached: a position of the log, or events or offsets counted
    head    what there is, counted alike
    parked  events set aside, with a reason
    """

    at: int
    head: int
    parked: int = 0


class Telemetry:
    """Of one process. `clock`: seconds that only go forward."""

    def __init__(self, stage: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.stage, self._clock = stage, clock
        self._heads: list[tuple[float, int]] = []
        self._since: float | None = None
        self._lock = Lock()
        self._state, self._failure = "starting", ""
        self._turned = self._well = clock()
        self.registry = CollectorRegistry()
        self._make()
        ProcessCollector(registry=self.registry)
        build = Info("shouhe_build", "What runs.", ["stage"], registry=self.registry)
        build.labels(stage).info(
            {"version": version("shouhe"), "python": platform.python_version()}
        )

    def _make(self) -> None:
        registry, own = self.registry, ["stage"]

        def gauge(name: str, words: str) -> Gauge:
            return Gauge(name, words, own, registry=registry).labels(self.stage)

        self.events = Counter("shouhe_events", "Events moved.", own, registry=registry).labels(
            self.stage
        )
        self.batches = Histogram(
            "shouhe_batch_seconds", "Time of a step that moved something.", own, registry=registry,
            buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300),
        ).labels(self.stage)  # fmt: skip
        self.rejections = Counter(
            "shouhe_rejections", "Events refused, by code.", ["stage", "code"], registry=registry
        )
        self.failures = Counter(
            "shouhe_failures", "Steps that failed, by error.", ["stage", "error"], registry=registry
        )
        self.position = gauge("shouhe_position", "What the stage has reached.")
        self.lag = gauge("shouhe_lag_events", "What it has not reached yet.")
        self.parked = gauge("shouhe_parked_events", "Events set aside, with a reason.")
        self.last_success = gauge(
            "shouhe_last_success_timestamp_seconds", "When a step last went well, Unix time."
        )
        waits = gauge("shouhe_lag_seconds", "How long the first event that waits has waited.")
        waits.set_function(self.lag_seconds)
        ready = gauge("shouhe_ready", "1: it holds its lease and its last step went well.")
        ready.set_function(lambda: float(self.ready))

    # --- told by the loop -----------------------------------------------------------------------

    def leads(self) -> None:
        """The stage is open; it holds its lease. After a failure a step must show that it works."""
        self._state = self._state if self._state == "failing" else "working"
        self._turned = self._clock()

    def stands_by(self) -> None:
        """Another process holds the lease."""
        self._state, self._failure, self._turned = "standby", "", self._clock()

    def moved(self, count: int, seconds: float) -> None:
        """A step went well."""
        self._turned = self._well = self._clock()
        self._state, self._failure = "working", ""
        self.last_success.set_to_current_time()
        if count:
            self.events.inc(count)
            self.batches.observe(seconds)

    def failed(self, error: BaseException) -> None:
        """A step failed; it is tried again."""
        self._turned = self._clock()
        self._state, self._failure = "failing", type(error).__name__
        self.failures.labels(self.stage, type(error).__name__).inc()

    def rejected(self, code: str) -> None:
        """An event was refused."""
        self.rejections.labels(self.stage, code).inc()

    def reached(self, progress: Progress) -> None:
        """How far it is, said about once a second, or when it is asked."""
        self._turned = self._clock()
        self.position.set(progress.at)
        self.lag.set(max(0, progress.head - progress.at))
        self.parked.set(progress.parked)
        with self._lock:  # `shouhe serve` says it from the threads that are asked
            self._remember(progress, self._turned)

    def _remember(self, progress: Progress, now: float) -> None:
        heads = [each for each in self._heads if each[1] > progress.at]
        if progress.head > max(progress.at, heads[-1][1] if heads else 0):
            heads.append((now, progress.head))
        if len(heads) > SAMPLES:
            heads = heads[::2]  # the oldest stays: a backlog of days is days old
        self._heads = heads
        self._since = heads[0][0] if heads else None

    # --- asked ----------------------------------------------------------------------------------

    def lag_seconds(self) -> float:
        """Since when there has been something beyond what is reached; 0 when there is nothing.

        While steps fail or don't end nobody knows what there is: since the last that went well.
        """
        now, since = self._clock(), self._since
        waits = 0.0 if since is None else now - since
        blind = self._state == "failing" or (self._state == "working" and self._slow)
        return max(waits, now - self._well) if blind else waits

    @property
    def ready(self) -> bool:
        """It holds its lease, its last step went well, and the one at work doesn't take long."""
        return self._state == "working" and not self._slow

    @property
    def _slow(self) -> bool:
        return self._clock() - self._turned > SLOW

    @property
    def alive(self) -> bool:
        """Its loop turns."""
        return self._clock() - self._turned < STUCK

    def render(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body of a request."""
        said = {"stage": self.stage, "state": self._state, "failure": self._failure}
        body = msgspec.json.encode(said)
        if path == "/metrics":
            return HTTPStatus.OK, FORMAT, self.render()
        if path in ("/healthz", "/readyz"):
            well = self.alive if path == "/healthz" else self.ready and self.alive
            status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
            return status, "application/json", body
        return HTTPStatus.NOT_FOUND, "text/plain", b"/metrics, /healthz, /readyz\n"


class _Server(ThreadingMixIn, TCPServer):
    """Not the library's HTTPServer: that looks its own name up first, which may take long."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), handler)

    def handle_error(self, *_: Any) -> None:
        """Who hung up in the middle of an answer is no news either."""


@contextmanager
def served(telemetry: Telemetry, host: str, port: int) -> Iterator[str]:
    """Answer on a port, in a thread of its own. → http://host:port. Raises WrongUsageError."""

    class Handler(BaseHTTPRequestHandler):
        timeout = ASKS

        def do_GET(self) -> None:
            status, kind, body = telemetry.answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A probe a second is no news."""

    try:
        server = _Server(host, port, Handler)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or "ports are 0 to 65535"
        raise WrongUsageError(
            f"--metrics-host, --metrics-port: {host}:{port} can't be used ({why}); name another"
        ) from None
    Thread(target=server.serve_forever, name="telemetry", daemon=True).start()
    try:
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
