"""A report made again is the same, bit for bit, whatever has come into the log since."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from types import SimpleNamespace

import pytest

from domain.errors import WrongUsageError
from infra.oversight import owed
from infra.reports import monthly, november
from infra.reports.figures import total
from infra.reports.standing import stand

AS_OF = date(2025, 11, 30)
COUNTY, PREFECTURE = "520526", "5205"


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


def test_a_position_beyond_the_log_is_refused(county) -> None:
    with pytest.raises(WrongUsageError, match="--position"):
        stand(county.home, COUNTY, AS_OF, position=county.home.log.head() + 1)


def test_knowledge_before_the_day_judged_is_refused(county) -> None:
    with pytest.raises(WrongUsageError, match="--known-by"):
        stand(county.home, COUNTY, AS_OF, known_by=date(2025, 11, 1))


def test_what_is_added_up_is_what_the_views_say(made) -> None:
    found = made.figures.here[COUNTY]
    dues = total(each for each in found if each.kind != "D")
    assert dues.subjects == dues.done + dues.open + dues.overdue
    assert total(found, ("T8.5",)).subjects == made.figures.children[COUNTY].all > 0
