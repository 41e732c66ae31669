"""infra/deploy, read as the processes and the servers read it."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from infra.cli import build
from infra.postgres_store import connection_settings
from infra.settings import from_environment
from infra.streaming.broker import Broker, parse
from infra.warehouse import parse_url

SECRETS = re.compile(r"/run/secrets/(?:shouhe/)?")


class Addresses(NamedTuple):
    """What the variables of a process come to."""

    home: Path
    store: dict[str, Any]
    broker: Broker
    clickhouse: dict[str, Any]


@pytest.fixture(scope="session")
def deploy() -> Path:
    """The folder."""
    return Path(__file__).parents[3] / "infra" / "deploy"


@pytest.fixture(scope="session")
def documents() -> Callable[[Path], list[dict[str, Any]]]:
    """Every document of a YAML file."""

    def read(path: Path) -> list[dict[str, Any]]:
        return [each for each in yaml.safe_load_all(path.read_text("utf-8")) if each]

    return read


@pytest.fixture(scope="session")
def bound() -> Callable[[list[str]], dict[str, Any]]:
    """What a command line comes to: its options. Raises for one that the command hasn't got."""

    def parsed(arguments: list[str]) -> dict[str, Any]:
        _, given, _ = build().parse_args(arguments, exit_on_error=False, print_error=False)
        given.apply_defaults()
        return dict(given.arguments)

    return parsed


@pytest.fixture
def addresses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[Mapping[str, str]], Addresses]:
    """The variables of a process, read as it does. Each secret's file is there."""

    def read(environment: Mapping[str, str]) -> Addresses:
        for name, value in environment.items():
            moved = SECRETS.sub(f"{tmp_path}/", value)
            for file in re.findall(rf"{re.escape(str(tmp_path))}/[\w.-]+", moved):
                Path(file).write_text("secret")
            monkeypatch.setenv(name, moved)
        settings = from_environment()
        return Addresses(
            settings.home,
            connection_settings(str(settings.store)),
            parse(settings.kafka),
            parse_url(settings.clickhouse),
        )

    return read


@pytest.fixture(scope="session")
def known_variables() -> set[str]:
    """Those of the one module that reads the environment."""
    source = inspect.getsource(sys.modules[from_environment.__module__])
    return set(re.findall(r"SHOUHE_[A-Z_]+", source))
