"""A server as a process of its own: it outlives the command that started it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from domain.errors import ShouheError

HOST = "127.0.0.1"


class ServerError(ShouheError):
    """A server can't be had or doesn't come up; the message says what to do."""


def free_port() -> int:
    """A port of loopback that is free now."""
    with socket.socket() as asked:
        asked.bind((HOST, 0))
        return int(asked.getsockname()[1])


def answers(port: int) -> bool:
    """Whether someone listens on a port of loopback."""
    with socket.socket() as asked:
        asked.settimeout(1)
        return asked.connect_ex((HOST, port)) == 0


class Process:
    """One server: its process id stands in `<folder>/pid`, what it says in `<folder>/log`."""

    def __init__(self, name: str, folder: Path, port: int) -> None:
        self.name, self.folder, self.port = name, folder, port

    @property
    def pid(self) -> int | None:
        """Of the running server; None when there is none."""
        try:
            pid = int((self.folder / "pid").read_text())
            os.kill(pid, 0)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return None
        return None if _is_zombie(pid) else pid

    def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        user: int | None = None,
        seconds: float = 60,
    ) -> None:
        """Start it and wait until its port answers. Raises ServerError."""
        if answers(self.port):
            raise ServerError(f"{self.name}: port {self.port} is taken; stop its holder")
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - a server of our own choice
                command, env=dict(environment), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True, user=user, group=user,
            )  # fmt: skip
        (self.folder / "pid").write_text(str(process.pid))
        ends = time.monotonic() + seconds
        while not answers(self.port):
            if process.poll() is not None or time.monotonic() > ends:
                self.kill()
                raise ServerError(f"{self.name}: did not come up; see {self.folder / 'log'}")
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 60) -> bool:
        """Stop it cleanly, or kill it when it takes too long. → whether it was running."""
        pid = self.pid
        if pid is None:
            return False
        os.kill(pid, number)
        ends = time.monotonic() + seconds
        while self.pid is not None:
            if time.monotonic() > ends:
                self.kill()
            time.sleep(0.02)
        (self.folder / "pid").unlink(missing_ok=True)
        return True

    def kill(self) -> None:
        """kill -9, its children too."""
        pid = self.pid
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        while self.pid is not None:
            time.sleep(0.01)


def _is_zombie(pid: int) -> bool:
    """A child of ours that has ended waits to be asked: ask."""
    with contextlib.suppress(ChildProcessError):
        done, _ = os.waitpid(pid, os.WNOHANG)
        return done == pid
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, IndexError):
        return False
    return state == "Z"
