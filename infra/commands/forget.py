"""`shouhe forget CHILD`: erase a child's personal data."""

from __future__ import annotations

from infra.console import emit_json, out
from infra.home import Home
from infra.settings import from_environment


def forget(child: str, /, *, basis: str = "not_stated", json: bool = False) -> None:
    """Destroy a child's data key for good, and record that it was done.

    What happened to the child stays in the log, without name, number, address, phone or notes.
    Running it twice does no harm.

    Parameters
    ----------
    child
        Our child id, or the child's ID number.
    basis
        A short code saying on what ground, for the record.
    json
        Print one JSON object: `child_id`, `already`, `rejections`.
    """
    with Home(from_environment()) as home:
        done = home.intake.forget(child, basis=basis)
    if json:
        emit_json(done)
    elif done.already:
        out(f"{done.child_id}: was forgotten before")
    else:
        out(f"{done.child_id}: forgotten; its key is destroyed")
