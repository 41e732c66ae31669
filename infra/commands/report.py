"""`shouhe report`: the prefecture's November report and the county's monthly sheet."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime
from pathlib import Path

from domain.errors import WrongUsageError
from domain.event import SHANGHAI
from infra.console import DONE, note, out
from infra.home import Home
from infra.reports import monthly as monthly_sheet
from infra.reports import november as report_of_november
from infra.reports.sealed import write
from infra.reports.standing import Standing, stand
from infra.settings import from_environment

PREFECTURE, COUNTY = 4, 6
FIRST_YEAR, LAST_YEAR = 2000, 2099


def november(
    out_: Path,
    /,
    *,
    place: str,
    year: int,
    as_of: date | None = None,
    known_by: date | None = None,
    position: int = 0,
    months: int | None = None,
) -> int:
    """A prefecture's report of the year's progress, due to the province by 30 November (.docx).

    Parameters
    ----------
    out_
        The file to write: OUT.docx.
    place
        Four digits of a prefecture: 5205.
    year
        The year it reports on.
    as_of
        The day (YYYY-MM-DD) it judges; 30 November, or today where that is still to come.
    known_by
        What was recorded by the end of this day counts; the day it judges if left out.
    position
        Only what stands in the log up to here; makes an earlier report again.
    months
        How many month ends before the day the trends show; all since January if left out.
    """
    _check(out_, place, PREFECTURE, ".docx")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise WrongUsageError(f"--year: {year} is no year to report on; write 2025")
    day = _judged(as_of, date(year, 1, 1), date(year, 11, 30))
    with Home(from_environment()) as home:
        snapshot = stand(home, place, day, known_by=known_by, position=position)
        count = day.month - 1 if months is None else months
        said = _again("november", snapshot.standing, out_, f"--year {year} --months {count}")
        report = report_of_november.gather(snapshot, year, count)
        contents = report_of_november.document(report, said)
    return _written(out_, contents, snapshot.standing, said)


def monthly(
    out_: Path,
    /,
    *,
    place: str,
    month: str,
    as_of: date | None = None,
    known_by: date | None = None,
    position: int = 0,
    months: int = 12,
) -> int:
    """A county's monthly sheet: every rule, townships, trend, and who owes what (.xlsx).

    Parameters
    ----------
    out_
        The file to write: OUT.xlsx.
    place
        Six digits of a county: 520526.
    month
        The month: 2025-10.
    as_of
        The day (YYYY-MM-DD) it judges; the month's last, or today where that is still to come.
    known_by
        What was recorded by the end of this day counts; the day it judges if left out.
    position
        Only what stands in the log up to here; makes an earlier sheet again.
    months
        How many month ends before the day the trend shows.
    """
    _check(out_, place, COUNTY, ".xlsx")
    last = _last_day(month)
    day = _judged(as_of, last.replace(day=1), last)
    with Home(from_environment()) as home:
        snapshot = stand(home, place, day, known_by=known_by, position=position)
        said = _again("monthly", snapshot.standing, out_, f"--month {month} --months {months}")
        contents = monthly_sheet.workbook(monthly_sheet.gather(snapshot, months), said)
    return _written(out_, contents, snapshot.standing, said)


def _today() -> date:
    return datetime.now(SHANGHAI).date()


def _judged(as_of: date | None, first: date, last: date) -> date:
    """The day a report judges. Raises WrongUsageError for one before its time begins."""
    found = as_of or min(last, _today())
    if found < first:
        raise WrongUsageError(f"the time it reports on begins on {first}, after {found}")
    return found


def _check(path: Path, place: str, digits: int, ending: str) -> None:
    if len(place) != digits:
        raise WrongUsageError(
            f"--place: {place!r} has no such report;"
            f" use {digits} digits such as {'520526'[:digits]}"
        )
    if path.suffix != ending:
        raise WrongUsageError(f"{path.name}: this report is a {ending} file")


def _last_day(month: str) -> date:
    found = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", month)
    if not found:
        raise WrongUsageError(f"--month: {month!r} is no month; write 2025-10")
    year, number = int(found[1]), int(found[2])
    return date(year, number, calendar.monthrange(year, number)[1])


def _again(kind: str, standing: Standing, path: Path, period: str) -> str:
    return (
        f"shouhe report {kind} --place {standing.place} {period} --as-of {standing.as_of}"
        f" --known-by {standing.known_by} --position {standing.position} {path.name}"
    )


def _written(path: Path, contents: bytes, standing: Standing, again: str) -> int:
    digest = write(path, contents)
    out(f"{path}: {len(contents) // 1024} KB,截至 {standing.as_of},数据位置 {standing.position}")
    note(f"sha256 {digest}\n重新生成同一文件:{again}")
    return DONE
