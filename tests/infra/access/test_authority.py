"""What a sender may record: by type, place and source; the rest is as if it were not there."""

from __future__ import annotations

import fnmatch
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.errors import SettingsError
from domain.identity import make_id_number
from domain.vocabulary import EVENTS
from infra.access import EVERYTHING, RIGHTS, Authority, Role
from infra.access.authority import CODE, of_reader
from infra.access.page import access_page
from infra.access.reader import Reader
from infra.access.table import EMITS
from infra.event_store import EventLog
from infra.intake import Intake, Outcome
from infra.keys import KeyRing
from infra.web.services import Services

HERE, ELSEWHERE = "520526100201", "520527100201"
BORN = date(2015, 3, 7)
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def intake(tmp_path: Path) -> Any:
    log = EventLog(tmp_path / "events.sqlite", {})
    keys = KeyRing(tmp_path / "keys.sqlite", tmp_path / "master.key")
    yield Intake(log, keys, lambda: NOW)
    keys.close()
    log.close()


def event(id_: str, type_: str, data: dict[str, Any], **attributes: Any) -> bytes:
    made = {
        "specversion": "1.0", "id": id_, "source": "/s", "type": type_,
        "time": "2026-02-01T08:00:00Z", "data": data, **attributes,
    }  # fmt: skip
    return json.dumps(made).encode()


def registration(id_: str, village: str, number: str | None = None) -> bytes:
    data = {
        "name": "某某", "id_type": "resident_id" if number else "none", "sex": "male",
        "birth_date": "2015-03-07", "hukou_type": "rural", "hukou_division": "520526",
        "residence_division": village,
    }  # fmt: skip
    return event(id_, "child.registered.v1", data | ({"id_number": number} if number else {}))


def visit(id_: str, child: str, **attributes: Any) -> bytes:
    data = {"by": "director", "child_seen": True}
    return event(id_, "visit.completed.v1", data, subject=child, **attributes)


def child_of(intake: Intake, outcome: Outcome) -> str:
    with intake._log.store.reading() as cursor:
        (state,) = cursor.execute(
            "SELECT state FROM stored_events WHERE instr(state, ?)",
            (str(outcome.event_id).encode(),),
        ).fetchone()
    return str(json.loads(state)["subject"])


def one(intake: Intake, body: bytes, authority: Authority = EVERYTHING) -> Outcome:
    return intake.submit([body], authority=authority)[0]


NEAR = Authority(name="weining", types=("visit.*", "child.*"), places=("520526",))


def test_a_sender_records_its_types_in_its_places(intake: Intake) -> None:
    made = one(intake, registration("c1", HERE), NEAR)
    assert made.status == "accepted"
    child = child_of(intake, made)
    assert one(intake, visit("v1", child), NEAR).status == "accepted"
    tier = event("t1", "risk.tier_set.v1", {"tier": "red"}, subject=child)
    assert one(intake, tier, NEAR).code == CODE


def test_a_child_elsewhere_is_answered_as_one_that_is_not_there(intake: Intake) -> None:
    far = child_of(intake, one(intake, registration("c1", ELSEWHERE)))
    nobody = "00000000-0000-4000-8000-000000000001"
    there, nowhere = one(intake, visit("v1", far), NEAR), one(intake, visit("v2", nobody), NEAR)
    assert (there.status, there.code) == ("rejected", "child_unknown")
    assert there.message == nowhere.message
    assert (there.value, nowhere.value) == (far, nobody)


def test_an_id_number_tells_nothing_of_a_child_elsewhere(intake: Intake) -> None:
    number = make_id_number("529901", BORN, 1)
    far = child_of(intake, one(intake, registration("c1", ELSEWHERE, number)))
    by_number = one(intake, visit("v1", number), NEAR)
    other = one(intake, visit("v2", make_id_number("529901", BORN, 3)), NEAR)
    assert (by_number.code, by_number.message) == (other.code, other.message)
    again = one(intake, registration("c2", HERE, number), NEAR)
    assert again.code == "id_number_taken"
    assert far not in again.message


def test_what_happened_elsewhere_is_not_corrected_from_here(intake: Intake) -> None:
    far = child_of(intake, one(intake, registration("c1", ELSEWHERE)))
    made = one(intake, visit("v1", far))
    target = str(made.event_id)
    mended = one(intake, visit("v2", far, corrects=target), NEAR)
    unknown = one(intake, visit("v3", far, corrects="no-such"), NEAR)
    assert mended.code == unknown.code == "correction_target_unknown"
    gone = event("r1", "record.retracted.v1", {"reason": "mistake"}, corrects=target)
    all_types = Authority(name="x", places=("520526",))
    assert one(intake, gone, all_types).code == "correction_target_unknown"


def test_a_sender_says_only_its_own_source_place_and_no_earlier_knowledge(intake: Intake) -> None:
    bound = Authority(name="s", places=("520526",), sources=("/s",))
    for field, attributes in (
        ("source", {"source": "/police"}),
        ("place", {"place": ELSEWHERE}),
        ("recordedtime", {"recordedtime": "2026-02-01T09:00:00Z"}),
    ):
        outcome = one(intake, visit("v1", "any", **attributes), bound)
        assert (outcome.code, outcome.field) == (CODE, field)


def test_what_is_about_no_child_needs_a_place_of_the_sender(intake: Intake) -> None:
    held = event("a1", "legal_publicity.visit_made.v1", {"attendance": 20})
    nowhere = one(intake, held, Authority(name="x", places=("52",)))
    assert (nowhere.code, nowhere.field) == (CODE, "place")


def test_what_was_not_authorised_is_not_kept_for_a_replay(intake: Intake) -> None:
    one(intake, registration("c1", ELSEWHERE), NEAR)
    assert list(intake.rejected()) == []


def test_what_names_a_child_or_an_event_elsewhere_does_not_land_by_replay(intake: Intake) -> None:
    far = child_of(intake, one(intake, registration("c1", ELSEWHERE)))
    target = str(one(intake, visit("v1", far)).event_id)
    nobody = "00000000-0000-4000-8000-000000000001"
    gone = event("r1", "record.retracted.v1", {"reason": "mistake"}, corrects=target)
    sent = (visit("v2", far), visit("v3", far, corrects=target), gone, visit("v4", nobody))
    near = Authority(name="x", places=("520526",))
    assert {one(intake, body, near).status for body in sent} == {"rejected"}
    assert [each.id for each in intake.rejected()] == ["v4"]
    assert intake.replay().accepted == 0


def test_every_pattern_of_the_table_fits_an_event_type() -> None:
    lost = {each for types in EMITS.values() for each in types if not fnmatch.filter(EVENTS, each)}
    assert lost == set()


def test_a_person_records_as_role_and_place_allow() -> None:
    director = of_reader(Reader(person="w", role=Role.DIRECTOR, place=HERE, until=0))
    assert director.type_refusal("visit.completed.v1") is None
    assert director.type_refusal("benefit.granted.v1") is not None
    assert director.covers(HERE)
    assert not director.covers(ELSEWHERE)
    auditor = of_reader(Reader(person="w", role=Role.AUDITOR, until=0))
    assert all(auditor.type_refusal(each) is not None for each in EVENTS)


def test_the_page_of_the_table_is_current() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "access.md"
    assert page.read_text("utf-8") == access_page(), "run `make docs`"
    assert len({each.key for each in RIGHTS}) == len(RIGHTS)


@pytest.mark.parametrize(
    "line",
    ['events = ["no.such.*"]', 'places = ["52x"]', 'places = "52"', "events = []",
     'dates_back = "yes"', 'colour = "red"', 'sources = [""]'],
)  # fmt: skip
def test_a_service_that_is_set_wrong_stops_the_start(tmp_path: Path, line: str) -> None:
    path = tmp_path / "services.toml"
    path.write_text(f'[schools]\ntoken_sha256 = "{"a" * 64}"\n{line}\n')
    with pytest.raises(SettingsError, match=line.split(" ", maxsplit=1)[0]):
        Services(path)
