"""Pictures of the rooms' charts, made from a demo home: `SHOUHE_HOME=… python docs/charts.py`."""

from __future__ import annotations

import sys
from pathlib import Path

from infra.settings import from_environment
from notebooks import county, indicators, risk_model

IMAGES = Path(__file__).parent / "images"


def main() -> None:
    """The charts of the README."""
    home = from_environment().home
    truth = home / "demo" / "truth.jsonl"
    given = {"home": str(home), "as_of_given": ""}
    _, rooms = county.app.run(defs=given)
    save(county.absences_chart(rooms["absences"]), "county-absences")
    rooms["client"].close()
    _, rooms = indicators.app.run(defs=given)
    place = rooms["place"]
    save(indicators.tasks_chart(rooms["here"], "十八项任务"), "eighteen-tasks")
    below = indicators.places_chart(rooms["by_task"], place)
    if below is not None:
        save(below, "eighteen-tasks-by-place")
    rooms["client"].close()
    _, rooms = risk_model.app.run(
        defs={**given, "truth_path": str(truth) if truth.exists() else ""}
    )
    orders = risk_model.orders_chart(rooms["table"])
    known = risk_model.reliability_chart(rooms["curve"])
    save(orders | known, "risk-model")
    rooms["client"].close()


def save(chart: object, name: str) -> None:
    path = IMAGES / f"{name}.png"
    chart.save(path, scale_factor=1.25)  # type: ignore[attr-defined] # altair ships no types
    sys.stdout.write(f"{path.name} {path.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    main()
