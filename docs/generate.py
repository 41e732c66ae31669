"""Write the documents that are generated from the event classes: `make docs`."""

from __future__ import annotations

from pathlib import Path

from domain.contract import catalogue

HERE = Path(__file__).parent


def main() -> None:
    """Write `docs/events.md`. A test holds it current."""
    (HERE / "events.md").write_text(catalogue(), encoding="utf-8")


if __name__ == "__main__":
    main()
