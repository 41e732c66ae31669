"""A county on a port, a network that fails when it is told to, and Debian's Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright

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
            rows = log.execute("SELECT state FROM stored_events ORDER BY rowid")
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


class Network:
    """The way between a phone and the server, as it is in the hills.

    way   `up`; `down`: nothing comes through; `deaf`: what is sent (POST) arrives and is done,
          and the answer is lost
    """

    def __init__(self, address: str) -> None:
        there = urlsplit(address)
        self._to = (there.hostname, there.port)
        self.way, self.lost = "up", 0
        self._open: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def turn(self, way: str) -> None:
        """From now on; connections that are open break."""
        self.way = way
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.turn("down")
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if self.way == "down":
                    near.close()
                    continue
                far = socket.create_connection(self._to)
                self._open |= {near, far}
                sent = threading.Event()
                for given in ((near, far, sent, False), (far, near, sent, True)):
                    threading.Thread(target=self._carry, args=given, daemon=True).start()

    def _carry(
        self, one: socket.socket, other: socket.socket, sent: threading.Event, back: bool
    ) -> None:
        with suppress(OSError):
            while (part := one.recv(65_536)) and self.way != "down":
                if not back and part.startswith(b"POST"):
                    sent.set()
                if back and self.way == "deaf" and sent.is_set():
                    self.lost += 1
                    break
                other.sendall(part)
        for each in (one, other):
            self._open.discard(each)
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
                each.close()


STORED = """store => new Promise(done => {
    const asked = indexedDB.open('shouhe-phone')
    asked.onsuccess = () => {
        const all = asked.result.transaction(store).objectStore(store).getAll()
        all.onsuccess = () => { asked.result.close(); done(all.result) }
    }
})"""


class Phone:
    """The app on one phone, in someone's hand."""

    PIN = "258036"

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address

    def open(self) -> Self:
        self.page.goto(f"{self.address}/phone")
        return self

    def begin(self) -> Self:
        """The first time: a PIN is set, the list comes; the service worker has the app."""
        self.open()
        self.page.fill("#pin", self.PIN)
        self.page.fill("#again", self.PIN)
        self.page.click("button:has-text('设好')")
        self.page.wait_for_selector(".list")
        self.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        return self

    def unlock(self, pin: str = PIN) -> Self:
        self.page.fill("#pin", pin)
        self.page.click("button:has-text('打开')")
        self.page.wait_for_selector(".list, h1:has-text('清单不在')")
        return self

    def record(
        self, number: int, kind: str = "visit.completed.v1", photo: bytes = b"", **said: str
    ) -> str:
        """One visit of the child at a place of the list; said to be saved. → its id."""
        page = self.page
        page.evaluate("location.hash = '#/'")
        lines = page.locator(".list > .line")
        lines.first.wait_for()
        line = lines.nth(number % lines.count())
        child = line.locator("h2 a").get_attribute("href").rpartition("/")[2]
        if kind == "visit.completed.v1":
            line.locator("a:has-text('登记走访')").click()
        else:
            page.evaluate("hash => { location.hash = hash }", f"#/record/{kind}/{child}")
        page.wait_for_selector("form")
        made = page.locator("form").get_attribute("data-id")
        if kind == "visit.completed.v1":
            page.check("input[name=child_seen]")
        for name, value in said.items():
            field = page.locator(f"[name={name}]")
            if field.evaluate("each => each.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        if photo:
            page.set_input_files(
                "#photo", {"name": "照片.png", "mimeType": "image/png", "buffer": photo}
            )
            page.wait_for_selector(".shot canvas")
        page.click("button:has-text('保存')")
        page.wait_for_selector(".saved")
        return str(made)

    def stored(self, store: str) -> list[dict[str, Any]]:
        """What lies in the phone's database, as it lies there."""
        return list(self.page.evaluate(STORED, store))

    def waiting(self) -> set[str]:
        both = (*self.stored("outbox"), *self.stored("photos"))
        return {each["id"] for each in both if each["state"] == "waiting"}

    def until_sent(self, seconds: float = 60) -> None:
        ends = time.monotonic() + seconds
        while self.waiting():
            assert time.monotonic() < ends, self.page.inner_text("#state")
            time.sleep(0.2)


@pytest.fixture
def networks(county: County) -> Iterator[Callable[[], Network]]:
    made = []

    def make() -> Network:
        made.append(Network(county.address))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def network(networks: Callable[[], Network]) -> Network:
    return networks()


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

    def make(who: str, screen: dict[str, Any] | None = None, address: str = "") -> BrowserContext:
        context = browser.new_context(**(screen or PHONE), base_url=address or county.address)
        context.set_default_timeout(60_000)
        if who:
            context.add_cookies(county.cookie(who))
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


class Kept:
    """A browser whose data stay when it is closed, or killed: `kept(address, offline=True)`."""

    def __init__(self, player: Playwright, chromium: str, folder: Path) -> None:
        self._player, self._chromium, self.folder = player, chromium, folder
        self.made: list[BrowserContext] = []

    def __call__(self, address: str, **more: Any) -> BrowserContext:
        context = self._player.chromium.launch_persistent_context(
            self.folder, executable_path=self._chromium, args=["--no-sandbox"],
            base_url=address, **PHONE, **more,
        )  # fmt: skip
        context.set_default_timeout(60_000)
        self.made.append(context)
        return context


@pytest.fixture
def kept(player: Playwright, chromium: str, tmp_path: Path) -> Iterator[Kept]:
    made = Kept(player, chromium, tmp_path / "browser")
    yield made
    for context in made.made:
        with suppress(Error):
            context.close()


@pytest.fixture
def phone() -> type[Phone]:
    return Phone


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """Serious and critical faults of accessibility on a page: rule, and where."""

    def look(page: Page) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [
            f"{page.url}: {each['id']} {[node['html'][:120] for node in each['nodes']][:3]}"
            for each in found
            if each["impact"] in ("serious", "critical")
        ]

    return look
