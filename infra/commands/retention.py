"""`shouhe retention`: how long files are kept, and which have been kept long enough."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from domain.event import SHANGHAI
from domain.retention import Step
from infra.console import DONE, emit_json, out, table
from infra.home import Home
from infra.oversight import asked_of
from infra.retaining import Held, held
from infra.settings import from_environment

SHOWN = 50


def retention(*, as_of: date | None = None, place: str = "", json: bool = False) -> int:
    """What becomes of each child's personal data on a day. It erases nothing.

    A file is kept while the child is on the ledger or a case is open, then SHOUHE_KEEP_YEARS years
    and at least until the child is of age; then forgetting is proposed, for a person to decide:
    `shouhe forget CHILD --basis retention_over`.

    Parameters
    ----------
    as_of
        The day (YYYY-MM-DD); today if left out.
    place
        Only children of this place, by the beginning of its code.
    json
        Print one JSON array of `child_id`, `village_code`, `step` (keep, keep_open, archive,
        propose, forgotten), `until`.
    """
    day = as_of or datetime.now(SHANGHAI).date()
    settings = from_environment()
    with Home(settings) as home:
        home.catch_up()
        asked_of(home, place)
        found = held(home.warehouse, day, settings.keep_years, place)
    if json:
        emit_json([_row(each) for each in found])
        return DONE
    counts = Counter(each.retention.step for each in found)
    title = f"{day} 个人信息保存期限(退出后 {settings.keep_years} 年,且至年满 18 周岁)"
    table(title, ("处理", "人数"), [(step.label, counts[step]) for step in Step])
    due = [each for each in found if each.retention.step is Step.PROPOSE]
    for each in due[:SHOWN]:
        out(f"{each.child_id}  {each.village_code}  保存期止于 {each.retention.until}")
    if due:
        out("由人决定:shouhe forget 编号 --basis retention_over")
    return DONE


def _row(each: Held) -> dict[str, object]:
    step, until = each.retention
    return {"child_id": each.child_id, "village_code": each.village_code, "step": step.value,
            "until": until}  # fmt: skip
