"""`shouhe verify`: fold the log in Python and compare the result with ClickHouse."""

from __future__ import annotations

from infra import console
from infra.home import Home
from infra.settings import from_environment
from projections.verify import verify as compare


def verify(*, json: bool = False) -> int:
    """Fold the log in plain Python and compare it with ClickHouse, child by child.

    Brings the read models to the head of the log first. Ends with 1 when anything differs.
    Memory grows with the number of children (about 3 kB each), not with the log.

    Parameters
    ----------
    json
        One JSON object: `events`, `children`, `differences` (a number), `first` (explanations).
    """
    with Home(from_environment()) as home:
        home.catch_up()
        report = compare(home.log, home.warehouse, home.projections.head())
    if json:
        console.emit_json(report)
    else:
        console.out(
            f"{report.events} events, {report.children} children: {report.differences} differences"
        )
        for line in report.first:
            console.out(f"  {line}")
    return console.FAILED if report.differences else console.DONE
