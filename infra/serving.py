"""Pages and intake on one port; on one machine also ClickHouse's protocol, on another.

Both are asyncio servers of one loop; the read models are kept up by a thread (infra.web.follower).
With SHOUHE_CLICKHOUSE there is a server for analysts already, and other processes move the road:
then this is one of several that may serve.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple

import uvicorn

from domain.errors import SettingsError, WrongUsageError
from infra.attachments import sweep
from infra.gateway import User
from infra.gateway import build as build_gateway
from infra.home import Home
from infra.running import logs
from infra.settings import Settings
from infra.warehouse import announce, live_server
from infra.web import build as build_pages
from infra.web.follower import Follower
from infra.web.services import Services

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PATIENCE = 10
"""Seconds that open requests have when the server is told to stop."""

ASKERS = 4
"""Questions to ClickHouse at a time: a slow one (a county's indicators) keeps no list waiting."""


def run(
    settings: Settings,
    *,
    host: str,
    port: int,
    clickhouse_port: int,
    ready: Callable[[Home, str], None],
) -> None:
    """Serve until SIGTERM or Ctrl-C. `ready` is told the base address once both ports listen.

    Raises WrongUsageError (a port in use), SettingsError (another server), WarehouseBusyError.
    """
    _alone(settings)
    logs.configure()
    with contextlib.ExitStack() as stack:
        web_socket = stack.enter_context(contextlib.closing(_listen(host, port, "--host, --port")))
        home = stack.enter_context(Home(settings, askers=ASKERS))
        engine = None if settings.clickhouse else _engine(settings, clickhouse_port, stack)
        if engine:
            home.catch_up()
            sweep(home)
        follower = stack.enter_context(Follower(lambda: Home(settings), moves=engine is not None))
        services = Services(settings.services_path)
        pages = build_pages(home, follower, services, _hosts(host, web_socket))
        base = _url("127.0.0.1" if host in ("", "0.0.0.0") else host, web_socket)  # noqa: S104 - compared, not bound

        @contextlib.contextmanager
        def up() -> Iterator[None]:
            with engine.announced() if engine else contextlib.nullcontext():
                ready(home, base)
                yield

        apps = [(pages, web_socket), *([(engine.app, engine.socket)] if engine else [])]
        asyncio.run(_serve(apps, up))


class _Engine(NamedTuple):
    """The embedded engine's HTTP side: its application, where it listens, how it is found."""

    app: object
    socket: socket.socket
    announced: Callable[[], AbstractContextManager[None]]


def _engine(settings: Settings, port: int, stack: contextlib.ExitStack) -> _Engine:
    listening = stack.enter_context(
        contextlib.closing(_listen("127.0.0.1", port, "--clickhouse-port"))
    )
    admin, analyst = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    users = [User(name="admin", password=admin, role="admin"),
             User(name="analyst", password=analyst)]  # fmt: skip
    app = build_gateway(settings.clickhouse_path, users)

    def announced() -> AbstractContextManager[None]:
        url = _url("127.0.0.1", listening)
        return announce(settings, url, admin_password=admin, analyst_password=analyst)

    return _Engine(app, listening, announced)


def _alone(settings: Settings) -> None:
    server = None if settings.clickhouse else live_server(settings.serve_path)
    if server is not None:
        raise SettingsError(
            f"SHOUHE_HOME: {settings.home} is served already by process {server.pid};"
            " stop it, or set SHOUHE_HOME to another directory"
        )


def _listen(host: str, port: int, option: str) -> socket.socket:
    try:
        family = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0][0]
        # asyncio sends small answers at once only where it is told that this is TCP
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "ports are 0 to 65535"
        raise WrongUsageError(
            f"{option}: {host}:{port} can't be used ({why}); name another"
        ) from None
    return listening


def _url(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _hosts(host: str, listening: socket.socket) -> list[str]:
    """On loopback only names of this machine; else what stands before it (a proxy) decides."""
    if host not in LOOPBACK:
        return ["*"]
    port = listening.getsockname()[1]
    return [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]


async def _serve(
    apps: list[tuple[object, socket.socket]], up: Callable[[], AbstractContextManager[None]]
) -> None:
    """Both servers until one is told to stop; then both stop. Inside `up` they answer."""
    servers = [
        _Server(uvicorn.Config(app, log_config=None, access_log=False,  # type: ignore[arg-type]
                               server_header=False, timeout_graceful_shutdown=PATIENCE))
        for app, _ in apps
    ]  # fmt: skip

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop)
    tasks = [
        asyncio.create_task(server.serve([listening]))
        for server, (_, listening) in zip(servers, apps, strict=True)
    ]
    for server in servers:
        await server.up.wait()
    with up():
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        stop()
        await asyncio.gather(*tasks)


class _Server(uvicorn.Server):
    """Signals are taken once, for both servers. `up`: set once it answers, or can't."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As the library's."""
        try:
            await super().startup(sockets)
        finally:
            self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
