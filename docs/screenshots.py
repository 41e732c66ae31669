"""Pictures of the pages, made from a demo home: `SHOUHE_HOME=… python docs/screenshots.py`.

Needs a Chromium on the PATH. Speaks its DevTools protocol over a pipe, which alone gives a viewport
as narrow as a phone's.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

IMAGES = Path(__file__).parent / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
PHONE, DESK = (360, 780), (1080, 860)
LONG_LIST = 6


class Browser:
    """One page of a headless Chromium."""

    def __init__(self, profile: str) -> None:
        found = next(filter(None, map(shutil.which, BROWSERS)), None)
        if found is None:
            sys.exit("chromium: not found; install it (Debian: apt install chromium)")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()

        def wire() -> None:  # the protocol's fixed descriptors: 3 to read, 4 to write
            os.dup2(theirs_in, 13)
            os.dup2(theirs_out, 14)
            os.dup2(13, 3)
            os.dup2(14, 4)

        self._process = subprocess.Popen(  # noqa: S603 - the browser found above
            [found, *QUIET, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=wire, close_fds=False, stderr=subprocess.DEVNULL,  # noqa: PLW1509 - no threads here
        )  # fmt: skip
        self._read, self._write = os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb")
        self._count, self._session = 0, ""
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(each for each in targets if each["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self.call("Page.enable")

    def call(self, method: str, **params: Any) -> Any:
        """One command, and its answer."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._write.write(json.dumps(message).encode() + b"\0")
        self._write.flush()
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                return answer["result"]

    def picture(self, address: str, size: tuple[int, int], path: Path, *, dark: bool) -> None:
        """The top of a page, once it is loaded."""
        width, height = size
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < DESK[0])  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=address)
        while self._next().get("method") != "Page.loadEventFired":
            pass
        shot = self.call("Page.captureScreenshot", format="png", optimizeForSpeed=False)
        path.write_bytes(base64.b64decode(shot["data"]))
        sys.stdout.write(f"{path.name} {path.stat().st_size // 1024} KB\n")

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait()

    def _next(self) -> Any:
        text = bytearray()
        while (byte := self._read.read(1)) != b"\0":
            text += byte
        return json.loads(text)


def shouhe(*arguments: str) -> str:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "infra", *arguments], check=True, capture_output=True, text=True
    ).stdout


def main() -> None:
    """A long list on a desk and a phone, and the file of its first child."""
    sql = (
        "SELECT village_code, week, argMin(child_id, rank), uniqExact(duty) FROM visit_list"
        " GROUP BY 1, 2"
    )
    lists = [line.split("\t") for line in shouhe("query", sql, "--format", "TSV").splitlines()]
    size = Counter(
        line.split("\t")[0]
        for line in shouhe(
            "query", "SELECT village_code FROM visit_list", "--format", "TSV"
        ).splitlines()
    )
    long = [each for each in lists if size[each[0]] >= LONG_LIST] or lists
    village, week, child, _ = max(long, key=lambda each: (int(each[3]), each[0]))
    IMAGES.mkdir(exist_ok=True)
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "infra", "serve", "--port", "0", "--clickhouse-port", "0"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        found = re.search(r"http://\S+", (server.stdout or sys.stdin).readline())
        address = found[0] if found else sys.exit("shouhe serve did not start")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            browser = Browser(profile)
            for name, page, shape, dark in (
                ("village-list", f"/villages/{village}?week={week}", DESK, False),
                ("village-list-phone", f"/villages/{village}?week={week}", PHONE, False),
                ("child-timeline", f"/children/{child}", DESK, False),
                ("child-timeline-phone-dark", f"/children/{child}", PHONE, True),
                ("overview", "/", DESK, False),
            ):
                target = f"{address}&page={quote(page, safe='')}"
                browser.picture(target, shape, IMAGES / f"{name}.png", dark=dark)
            browser.close()
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
