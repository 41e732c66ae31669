"""While another process holds the directory, our own road goes through its gateway."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from infra.approving import approve
from infra.foresight import score_children, train_model
from infra.home import Home
from infra.settings import Settings
from infra.visit_lists import make_lists
from infra.warehouse import announce, connect, live_server
from simulation.county import simulate

ROOT = Path(__file__).resolve().parents[3]
AS_OF = date(2026, 3, 15)
pytestmark = pytest.mark.usefixtures("few_trees")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A log of 160 children, and no ClickHouse yet."""
    folder = tmp_path_factory.mktemp("road")
    with (folder / "events.jsonl").open("wb") as out:
        lines = simulate(children=160, start=date(2024, 1, 8), until=date(2026, 3, 16), seed=3)
        out.writelines(line + b"\n" for line in lines)
    settings = Settings(folder)
    with Home(settings) as home:
        assert home.intake.import_file(folder / "events.jsonl").rejected == 0
    return settings


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Another process, which holds the directory."""
    command = [sys.executable, str(Path(__file__).with_name("serve_here.py")), str(settings.home)]
    with subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}) as process:
        while not settings.serve_path.exists():
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.5)
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (0, -signal.SIGTERM)


def test_log_to_list_through_the_gateway(server: Any, settings: Settings) -> None:
    with Home(settings) as home:
        reached = home.catch_up()
        assert set(reached.values()) == {home.log.head()}
        card = train_model(home, AS_OF)
        approve(home, card.model_id, "county-1")
        scored = score_children(home, AS_OF)
        assert scored.new == scored.scored > 50
        assert make_lists(home, "2026-W12").rows
        assert int(home.warehouse.command("SELECT count() FROM events")) == home.log.head()
        assert home.catch_up()["children"] == home.log.head()


def test_a_home_asks_the_server_by_serve_json(server: Any, settings: Settings) -> None:
    assert stat.S_IMODE(settings.serve_path.stat().st_mode) == 0o600
    analyst = connect(settings, user="analyst")
    assert analyst.url.startswith("http://127.0.0.1:")
    assert analyst.command("SELECT count() FROM children") == 160
    with pytest.raises(DatabaseError, match="164"):
        analyst.command("DROP TABLE events")
    analyst.close()


def test_serve_json_is_gone_with_its_server_and_is_not_asked_by_itself(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    with announce(settings, "http://127.0.0.1:1", admin_password="a", analyst_password="b"):  # noqa: S106 - no server
        assert settings.serve_path.exists()
        assert live_server(settings.serve_path) is None
    assert not settings.serve_path.exists()
