"""How long a run may take (`--budget SECONDS`: no further test is begun), and homes that take long
to make: made once a run, copied for whoever needs one.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

BEGAN = time.monotonic()

for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    # the workers fill the cores: threads of one fit would wait for each other, and wait busily
    os.environ.setdefault(pool, "1")

Copies = Callable[[str, Callable[[Path], Any]], tuple[Path, Any]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The budget of `make test-long BUDGET=…`."""
    parser.addoption("--budget", type=float, default=0.0, help="seconds; 0: no end")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What is left over says so in the summary; what runs is never cut off."""
    budget = item.config.getoption("--budget")
    if budget and time.monotonic() - BEGAN > budget:
        pytest.skip(f"the budget of {budget:.0f} s is spent; `make test-long` runs all")


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """A folder of one's own that looks as `make` leaves it, and what `make` said.

    copied("county", make) calls `make(folder)` once a run, whichever worker asks first. What it
    opens in the folder it closes; what it returns can be pickled.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "made-once"
    shared.mkdir(exist_ok=True)

    def copy(name: str, make: Callable[[Path], Any]) -> tuple[Path, Any]:
        folder, told = shared / name, shared / f"{name}.told"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not told.exists():
                folder.mkdir()
                told.write_bytes(pickle.dumps(make(folder)))
        own = tmp_path_factory.mktemp(name) / "home"
        shutil.copytree(folder, own, symlinks=True)
        return own, pickle.loads(told.read_bytes())  # noqa: S301 - what we wrote

    return copy


@pytest.fixture(scope="module")
def few_trees() -> Iterator[None]:
    """Models learn in a fifth of the steps: for tests that don't ask how good a model is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("risk.models.TREES", 16)
        yield


def _empty(folder: Path) -> None:
    from infra.home import Home  # most runs need none
    from infra.settings import Settings

    with Home(Settings(folder)) as home:
        home.catch_up()


@pytest.fixture(scope="session")
def empty_homes(copied: Copies) -> Callable[[], Path]:
    """Homes with nothing in them in which all is made: they open two seconds sooner than new ones.

    All of them have the same keys.
    """
    return lambda: copied("empty", _empty)[0]
