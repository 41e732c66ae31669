"""A county on a port, a network that fails when it is told to, and Debian's Chromium."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE = {"viewport": {"width": 360, "height": 780}, "device_scale_factor": 2, "has_touch": True,
         "is_mobile": True, "locale": "zh-CN"}  # fmt: skip
DESK = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN"}


@dataclass
class County:
    """A served county. `listed`: the children on the list of `village`, in no order."""

    home: Path
    address: str
    village: str
    tokens: dict[str, str]
    over: str
    listed: list[str]
    account: tuple[str, str]

    def stored(self, type_name: str = "", actor: str = "") -> list[dict[str, Any]]:
        """What stands in the log, in order: the store itself is read."""
        address = f"file:{self.home / 'events.sqlite'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as log:
            rows = log.execute("SELECT state FROM stored_events ORDER BY notification_id")
            states = [json.loads(bytes(state)) for (state,) in rows]
        return [
            each
            for each in states
            if each.get("type", "").startswith(type_name)
            and each.get("actor", "").startswith(actor)
        ]

    def cookie(self, who: str, address: str = "") -> list[Any]:
        """What signs someone in."""
        return [
            {"name": "shouhe", "value": self.tokens.get(who, who), "url": address or self.address}
        ]


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    home = tmp_path_factory.mktemp("walks") / "home"
    log = (home.parent / "served.log").open("w")
    served = subprocess.Popen(
        [sys.executable, str(HERE / "county.py"), str(home)],
        stdout=subprocess.PIPE, stderr=log, text=True, cwd=HERE.parent.parent,
    )  # fmt: skip
    assert served.stdout is not None
    said = served.stdout.readline()
    if not said:
        pytest.fail(Path(log.name).read_text(encoding="utf-8"))
    made = json.loads(said)
    yield County(home=home, **{**made, "account": tuple(made["account"])})
    served.terminate()
    served.wait(30)
    log.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where it is. Fetched where we are root (as in CI); in CI a missing one is a failure."""
    if not any(map(shutil.which, NAMES)) and os.geteuid() == 0:
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "chromium"]):
            subprocess.run(command, check=False, capture_output=True, timeout=280)
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        told = pytest.fail if os.environ.get("CI") else pytest.skip
        told("Chromium is missing: apt install chromium")
    return str(found)


@pytest.fixture(scope="module")
def player() -> Iterator[Playwright]:
    """Playwright; a module long, for its loop would be in the way of tests that run one."""
    with sync_playwright() as playing:
        yield playing


@pytest.fixture(scope="module")
def browser(player: Playwright, chromium: str) -> Iterator[Browser]:
    made = player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    yield made
    made.close()


@pytest.fixture
def visitor(browser: Browser, county: County) -> Iterator[Callable[..., BrowserContext]]:
    """Someone signed in, with a phone or at a desk: `visitor("director", DESK)`."""
    made = []

    def make(who: str, screen: dict[str, Any] | None = None, **more: Any) -> BrowserContext:
        context = browser.new_context(**(screen or PHONE), base_url=county.address, **more)
        context.set_default_timeout(20_000)
        if who:
            context.add_cookies(county.cookie(who))
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
