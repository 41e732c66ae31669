"""`shouhe forget CHILD`: erase a child's personal data, and see that it is gone."""

from __future__ import annotations

from infra.console import DONE, FAILED, emit_json, out
from infra.erasure import erase
from infra.home import Home
from infra.settings import from_environment


def forget(child: str, /, *, basis: str = "not_stated", json: bool = False) -> int:
    """Destroy a child's data key for good, record that it was done, and search for what is left.

    What happened to the child stays in the log, without name, number, address, phone or notes.
    Attachments are removed. Then every file of the home and every table is searched for what the
    key opened; ends with 1 where anything is found. Running it twice does no harm.

    Parameters
    ----------
    child
        Our child id, or the child's ID number.
    basis
        A short code saying on what ground, for the record.
    json
        Print one JSON object: `child_id`, `already`, `rejections`, `attachments`, `words`,
        `files`, `bytes`, `tables`, `found` (of `where`, `what`).
    """
    with Home(from_environment()) as home:
        done = erase(home, child, basis=basis)
    if json:
        emit_json(done)
        return FAILED if done.found else DONE
    if done.already:
        out(f"{done.child_id}: was forgotten before")
        return DONE
    out(f"{done.child_id}: forgotten; its key is destroyed, {done.attachments} attachments removed")
    out(
        f"searched for {done.words} words of it: {done.files} files"
        f" ({done.bytes // 2**20} MB), {done.tables} tables"
    )
    for each in done.found:
        out(f"STILL THERE: {each.what} in {each.where}")
    if not done.found:
        out("nothing of it is left here; backups and what was printed or copied: docs/privacy.md")
    return FAILED if done.found else DONE
