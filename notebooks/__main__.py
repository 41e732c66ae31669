"""`python -m notebooks` (`make lab`): the analysts' rooms, opened on this machine alone.

Starts `shouhe serve` unless one runs (ClickHouse's directory has one holder, and several rooms want
to read), marimo over the apps and JupyterLab over the quick start; prints their addresses; ends all
of them on Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

import jupytext

from infra.console import FAILED, note, out
from infra.settings import Settings, from_environment
from infra.warehouse import live_server

HERE = Path(__file__).parent
QUICK_START = HERE / "quick_start.py"
FEATURES = HERE / "features.py"
REPLICATE = HERE / "replicate.py"
PATIENCE = 90
"""Seconds for a room to answer; the first start of a fresh installation compiles."""


def main() -> int:
    """Open the rooms and wait."""
    settings = from_environment()
    if not settings.events_path.exists():
        note(f"SHOUHE_HOME: {settings.home} 里没有数据;先运行 make demo,或设置 SHOUHE_HOME")
        return FAILED
    signal.signal(signal.SIGTERM, _stop)
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as rooms:
        if live_server(settings.serve_path) is None:
            rooms.enter_context(
                _started(("infra", "serve", "--port", "0", "--clickhouse-port", "0"))
            )
            _wait("shouhe serve", lambda: live_server(settings.serve_path) is not None)
        out(f"marimo      {rooms.enter_context(marimo())}")
        out(f"JupyterLab  {rooms.enter_context(jupyter(settings))}")
        note("Ctrl-C 停止")
        signal.pause()
    return 0


def _stop(_: int, __: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@contextlib.contextmanager
def marimo() -> Iterator[str]:
    """marimo over the apps. → its address."""
    port, token = _free_port(), secrets.token_urlsafe(16)
    options = ("--headless", "--host", "127.0.0.1", "--port", str(port), "--token-password", token,
               "--skip-update-check")  # fmt: skip
    with _started(("marimo", "edit", str(HERE), *options)):
        _wait("marimo", lambda: _answers(port))
        yield f"http://127.0.0.1:{port}?access_token={token}"


@contextlib.contextmanager
def jupyter(settings: Settings) -> Iterator[str]:
    """JupyterLab over the quick start. → its address."""
    notebook = quick_start(settings.home / "lab")
    for each in (FEATURES, REPLICATE):
        notebook_of(each, notebook.parent)
    port, token = _free_port(), secrets.token_urlsafe(16)
    options = ("--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
               "--ServerApp.port_retries=0", "--ServerApp.allow_root=True",
               f"--ServerApp.root_dir={notebook.parent}", f"--IdentityProvider.token={token}")  # fmt: skip
    with _started(("jupyterlab", *options)):
        _wait("JupyterLab", lambda: _answers(port))
        yield f"http://127.0.0.1:{port}/lab/tree/{notebook.name}?token={token}"


def quick_start(folder: Path) -> Path:
    """The quick start as a notebook."""
    return notebook_of(QUICK_START, folder)


def notebook_of(source: Path, folder: Path) -> Path:
    """A py:percent text as a notebook, unless an analyst has already worked on a newer one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    notebook = folder / f"{source.stem}.ipynb"
    if not notebook.exists() or notebook.stat().st_mtime < source.stat().st_mtime:
        jupytext.write(jupytext.read(source), notebook)
    return notebook


@contextlib.contextmanager
def _started(module: Sequence[str]) -> Iterator[None]:
    """A process of ours, ended with the rest. It says nothing unless it fails."""
    paths = [str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "SHOUHE_HOME": str(from_environment().home.absolute()),
    }
    process = subprocess.Popen(  # noqa: S603 - modules of our own environment
        [sys.executable, "-m", *module],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(name: str, up: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not up():
        if time.monotonic() > ends:
            sys.exit(f"{name}: does not answer after {PATIENCE} s; run it by hand to see why")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as asked:
        asked.settimeout(1)
        return asked.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    sys.exit(main())
