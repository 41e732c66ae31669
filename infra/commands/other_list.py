"""`shouhe other-list`: what another list would have found, from the visits drawn by lot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from cyclopts import Parameter

from domain.errors import WrongUsageError
from domain.event import SHANGHAI
from infra.console import DONE, FAILED, emit_json, note, out, table
from infra.home import Home
from infra.other_list import DUE_ORDER, NO_LOT, POINTS, other_lists, usual
from infra.settings import from_environment
from infra.travel import travel_of
from risk.off_policy import Estimate
from risk.other_list import AsMade, OtherList

WEEKS = 26
NAMES = {DUE_ORDER: "按到期顺序", POINTS: "积分表", NO_LOT: "原清单,不留随机份额"}
COLUMNS = (
    "清单", "走访", "同原清单", "等效随机走访", "逆概率加权", "自归一", "双重稳健", "比原清单",
)  # fmt: skip


def other_list(
    *,
    from_: Annotated[date | None, Parameter(name="--from")] = None,
    until: date | None = None,
    list_: Annotated[Sequence[str], Parameter(name="--list")] = (),
    village: str = "",
    json: bool = False,
) -> int:
    """What another list would have found in the weeks whose lists are on record.

    Every list leaves a share of its visits to a lot and keeps the chance of each; from these
    chances it is estimated what whom another list names would have been found, per 100 visits made.
    Ends with 1 where too few visits by lot were made to say anything of any list.

    Parameters
    ----------
    from_
        The first day (YYYY-MM-DD) on which a week may begin; half a year before the end if left
        out.
    until
        What is known by the end of this day; today if left out. The last weeks have no answer yet.
    list_
        `due_order` (no scores), `points` (a county's sheet), `no_lot` (the list's own model, no
        lot), or a model that has scored, in shadow too. Can be repeated. Left out: due_order,
        points and every model in shadow.
    village
        Only this village (12 digits), or every village of a place by the beginning of its code.
    json
        Print one JSON array of `name`, `weeks`, `as_made` (`listed`, `visits`, `by_lot`, `found`,
        `found_per_100`, `interval`), `visits`, `in_common`, `covered`, `effective`, `estimates`
        (`inverse_propensity`, `self_normalised`, `doubly_robust`, each with `found_per_100`,
        `low`, `high`, `support`, `effective_visits`), `difference` (`more_per_100`, `low`,
        `high`), `refused`.
    """
    last = until or datetime.now(SHANGHAI).date()
    first = from_ or last - timedelta(weeks=WEEKS)
    if last < first:
        raise WrongUsageError(f"--until: {last} lies before --from {first}")
    with Home(from_environment()) as home:
        home.catch_up()
        client = home.warehouse
        named = list(list_) or usual(client)
        travel = travel_of(home.settings)
        found = other_lists(client, named, first, last, village=village, travel=travel, tell=note)
    if json:
        emit_json(found)
    else:
        show(found, first, last)
    return DONE if any(not each.refused for each in found) else FAILED


def show(found: Sequence[OtherList], first: date, last: date) -> None:
    """The other lists beside the one that was made, and why nothing is said of some."""
    said = [each for each in found if not each.refused]
    if said:
        longest = max(said, key=lambda each: each.weeks)
        table(
            f"每百次走访发现的严重问题  {first} … {last},{longest.weeks} 周",
            COLUMNS,
            [_made(longest.as_made), *map(_row, said)],
        )
        out("方括号内为 95% 区间;等效随机走访:两份清单不同之处,有多少次走访可据以推断")
    for each in found:
        if each.refused:
            out(f"{NAMES.get(each.name, each.name)}:不作估计。{each.refused}")


def _made(made: AsMade) -> tuple[str, ...]:
    low, high = made.interval
    own = f"{made.found_per_100:.2f} [{low:.2f}, {high:.2f}]"
    return "原清单(所见)", str(made.visits), "–", f"{made.by_lot}", "–", "–", own, "–"


def _row(each: OtherList) -> tuple[str, ...]:
    gap = each.difference
    more = f"{gap.more_per_100:+.2f} [{gap.low:+.2f}, {gap.high:+.2f}]" if gap else "–"
    estimates = (_text(each.estimates[name]) for name in each.estimates)
    return (
        NAMES.get(each.name, each.name),
        str(each.visits),
        f"{each.in_common:.0%}",
        f"{each.effective:.0f}",
        *estimates,
        more,
    )


def _text(said: Estimate) -> str:
    return f"{said.found_per_100:.2f} [{said.low:.2f}, {said.high:.2f}]"
