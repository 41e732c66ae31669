"""How long a run may take: `--budget SECONDS`, after which no further test is begun."""

from __future__ import annotations

import time

import pytest

BEGAN = time.monotonic()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The budget of `make test-long BUDGET=…`."""
    parser.addoption("--budget", type=float, default=0.0, help="seconds; 0: no end")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What is left over says so in the summary; what runs is never cut off."""
    budget = item.config.getoption("--budget")
    if budget and time.monotonic() - BEGAN > budget:
        pytest.skip(f"the budget of {budget:.0f} s is spent; `make test-long` runs all")
