"""A report made again is the same, bit for bit, whatever has come into the log since."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from datetime import date
from functools import partial
from types import SimpleNamespace
from uuid import UUID

import pytest

from domain.errors import WrongUsageError
from infra.commands import report as commands
from infra.commands.child_file import named
from infra.entitling import sheet as sheet_of
from infra.home import Home
from infra.one_child import owed_about
from infra.oversight import indicators, owed
from infra.reports import monthly, november
from infra.reports.figures import total
from infra.reports.standing import stand
from infra.settings import Settings

AS_OF = date(2025, 11, 30)
COUNTY, PREFECTURE = "520526", "5205"
CLAIMS = {"T9.1/covered", "T9.1/paid", "T9.1/accepted", "T9.1/notified", "T9.2/covered"}


def sheet(home, position: int = 0) -> tuple[monthly.Sheet, bytes]:
    found = monthly.gather(stand(home, COUNTY, AS_OF, position=position), 1)
    return found, monthly.workbook(found, "shouhe report monthly …")


def report(home, position: int = 0) -> bytes:
    found = november.gather(stand(home, PREFECTURE, AS_OF, position=position), 2025, 0)
    return november.document(found, "shouhe report november …")


@pytest.fixture(scope="module")
def made(county) -> SimpleNamespace:
    """Both reports: first; once the log has grown; and the sheet at the log's new head."""
    home, head = county.home, county.home.log.head()
    first = (sheet(home)[1], report(home))
    assert county.grow() > 20
    figures, anew = sheet(home)
    again = (sheet(home, head)[1], report(home, head))
    return SimpleNamespace(first=first, again=again, anew=anew, figures=figures)


def test_the_same_position_gives_the_same_bytes_after_the_log_has_grown(made) -> None:
    assert made.again == made.first


def test_without_a_position_what_was_recorded_later_that_day_counts_too(made) -> None:
    assert made.anew != made.first[0]


def test_no_file_tells_when_or_where_it_was_made(made) -> None:
    for contents in made.first:
        with zipfile.ZipFile(io.BytesIO(contents)) as archive:
            assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert b"2025-11-30T00:00:00Z" in archive.read("docProps/core.xml")


def test_the_breach_list_is_what_duties_says(county, made) -> None:
    assert made.figures.overdue
    assert made.figures.overdue == [
        e for e in owed(county.home, AS_OF, COUNTY) if e.state == "overdue"
    ]


def test_a_benefit_unpaid_for_months_is_overdue_once_in_duties_as_in_indicators(county) -> None:
    """Half a year after the last payment each benefit has several findings."""
    day = date(2026, 6, 30)
    counted = {
        e.check: e.overdue
        for e in indicators(county.home, day, COUNTY)
        if e.place == COUNTY and e.kind != "D" and e.overdue
    }
    listed = [e for e in owed(county.home, day, COUNTY) if e.state == "overdue"]
    assert Counter(each.check for each in listed) == counted
    assert counted["T9.2/paid"] > 1


def test_each_child_asked_for_alone_is_owed_what_everyones_duties_say_of_it(county) -> None:
    day = date(2026, 6, 30)
    every: dict[str, list[str]] = {}
    found = owed(county.home, day, COUNTY, all_=True)
    assert {each.check for each in found} >= CLAIMS
    for each in found:
        every.setdefault(each.child, []).append(str(each))
    children = county.home.warehouse.query("SELECT child_id FROM children").result_rows
    assert len(children) >= 60
    for (child,) in children:
        alone = owed_about(county.home.warehouse, child, day)
        assert sorted(map(str, alone)) == sorted(every.get(str(child), []))


@pytest.mark.parametrize("year", [0, 1999, 2100, 10_000])
def test_a_year_that_none_reports_on_is_wrong_usage(folder, year) -> None:
    with pytest.raises(WrongUsageError, match="--year"):
        commands.november(folder / "n.docx", place=PREFECTURE, year=year)


def test_a_time_that_has_not_begun_is_not_reported_on(folder) -> None:
    with pytest.raises(WrongUsageError, match="begins on 2025-01-01"):
        commands.november(folder / "n.docx", place=PREFECTURE, year=2025, as_of=date(2024, 12, 31))
    with pytest.raises(WrongUsageError, match="begins on 2025-10-01"):
        commands.monthly(folder / "m.xlsx", place=COUNTY, month="2025-10", as_of=date(2025, 9, 30))


def test_a_child_that_is_not_there_is_said_to_be_no_child(county) -> None:
    with pytest.raises(WrongUsageError, match="CHILD: no such child"):
        named(county.home, str(UUID(int=0)))


def test_a_position_beyond_the_log_is_refused(county) -> None:
    with pytest.raises(WrongUsageError, match="--position"):
        stand(county.home, COUNTY, AS_OF, position=county.home.log.head() + 1)


def test_an_empty_log_gives_no_report_that_reads_as_if_all_were_well(tmp_path) -> None:
    with Home(Settings(tmp_path)) as home, pytest.raises(WrongUsageError, match="shouhe import"):
        stand(home, COUNTY, AS_OF)


def test_a_place_or_day_of_which_nothing_is_recorded_is_not_reported_on(county) -> None:
    with pytest.raises(WrongUsageError, match="nothing is recorded of 5203"):
        stand(county.home, "5203", AS_OF)
    with pytest.raises(WrongUsageError, match="nothing is recorded of 520526 by 2024-11-30"):
        stand(county.home, COUNTY, date(2024, 11, 30))


@pytest.mark.parametrize("ask", [owed, indicators, partial(sheet_of, name="uncovered")])
def test_a_place_that_is_nowhere_is_refused_by_whatever_is_asked_of_it(county, ask) -> None:
    with pytest.raises(WrongUsageError, match="--place: '529999'"):
        ask(county.home, as_of=AS_OF, place="529999")


def test_the_breach_list_names_the_child_of_a_case(made) -> None:
    cases = [each for each in made.figures.overdue if each.subject == "case" and each.child]
    assert {each.rule for each in cases} > {"T9.1"}
    assert all(each.child != each.subject_id for each in cases)
    with zipfile.ZipFile(io.BytesIO(made.anew)) as book:
        words = book.read("xl/sharedStrings.xml").decode()
    assert [each.child for each in cases if each.child not in words] == []


def test_knowledge_before_the_day_judged_is_refused(county) -> None:
    with pytest.raises(WrongUsageError, match="--known-by"):
        stand(county.home, COUNTY, AS_OF, known_by=date(2025, 11, 1))


def test_what_is_added_up_is_what_the_views_say(made) -> None:
    found = made.figures.here[COUNTY]
    dues = total(each for each in found if each.kind != "D")
    assert dues.subjects == dues.done + dues.open + dues.overdue
    assert total(found, ("T8.5",)).subjects == made.figures.children[COUNTY].all > 0
