"""Nothing that names a person lies readable on the disk; what is forgotten can't be read again."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator

import psycopg
import pytest

from infra.home import Home
from infra.intake import ChildUnknownError
from infra.keys import KeyRing

NOTE = "外婆说孩子夜里常哭"


def needles(county, numbers=(1, 2)) -> list[bytes]:
    found = [NOTE, "举报人周某", "19988887777"]
    for number in numbers:
        found += [county.name(number), county.id_number(number), county.phone(number)]
    return [
        form
        for text in found
        for form in (text.encode(), json.dumps(text)[1:-1].encode(), text.encode("utf-16-le"))
    ]


def on_disk(home: Home) -> list[bytes]:
    """What lies in the home's files and, where the event store is a server's, in its tables."""
    files = [path for path in home.settings.home.rglob("*") if path.is_file()]
    return [path.read_bytes() for path in files] + list(in_tables(home))


def in_tables(home: Home) -> Iterator[bytes]:
    if not isinstance(home.settings.store, str):
        return
    with psycopg.connect(home.settings.store) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (name,) in tables.fetchall():
            for row in connection.execute(f"SELECT * FROM {name}"):
                for value in row:
                    yield value if isinstance(value, bytes) else str(value).encode()


def readable(home: Home, wanted: list[bytes]) -> list[bytes]:
    contents = on_disk(home)
    assert any(path.stat().st_size for path in home.settings.home.glob("*-wal"))
    return [needle for needle in wanted if any(needle in content for content in contents)]


def fill(county, home: Home) -> None:
    """Accepted, duplicate and rejected events that hold every kind of personal data."""
    report = {
        "report_id": "R-1", "situation": "multiple_injuries", "to": "police",
        "reporter_kind": "citizen", "reporter_name": "举报人周某", "reporter_phone": "19988887777",
        "note": NOTE,
    }  # fmt: skip
    register = county.registration(1)
    early = county.visit(2, note=NOTE, subject=county.id_number(2))
    bodies = [
        register,
        register,
        county.visit(1, note=NOTE, subject=county.id_number(1)),
        county.visit(1, note=NOTE, place=county.name(1)),
        early,
        county.visit(1, actor=county.id_number(1)),
        county.visit(1, id=county.id_number(1)),
        county.visit(1, data={"by": county.name(1), "child_seen": True, county.name(2): 1}),
        county.registration(1, {"id_number": county.id_number(2)}, id="other"),
        county.registration(1, {"name": county.name(2)}),
        county.body("report.submitted.v1", report, county.child(1)),
        register[:-5],
    ]
    outcomes = home.intake.submit(bodies)
    assert [each.status for each in outcomes].count("accepted") == 3
    assert len(list(home.intake.rejected())) == 8


def test_no_name_number_phone_or_note_is_readable_on_the_disk(county, home, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        fill(county, home)
    wanted = needles(county)
    assert readable(home, wanted) == []
    printed = caplog.text + "".join(capfd.readouterr())
    assert [needle for needle in wanted if needle in printed.encode()] == []


def test_the_scan_finds_them_when_encryption_is_taken_out(county, home, monkeypatch):
    monkeypatch.setattr(KeyRing, "encrypt", lambda self, scope, text: text)
    fill(county, home)
    found = readable(home, needles(county))
    for text in (county.name(1), county.id_number(1), county.phone(1), NOTE, "19988887777"):
        assert text.encode() in found or json.dumps(text)[1:-1].encode() in found


def test_rejected_bodies_come_back_whole(county, home):
    early = county.visit(2, note=NOTE, subject=county.id_number(2))
    home.intake.submit([early])
    home.intake.submit([county.registration(2)])
    assert home.intake.replay().accepted == 1
    state = json.loads(home.log.rows(1, None, 1)[0][4])
    assert home.keys.decrypt(f"child/{county.child(2)}", state["data"]["note"]) == NOTE


def test_who_reported_is_not_readable_with_the_childs_key(county, home, stored):
    fill(county, home)
    data = next(row for row in stored() if row["type"] == "report.submitted.v1")["data"]
    assert home.keys.decrypt("report/R-1", data["reporter_name"]) == "举报人周某"
    with pytest.raises(Exception, match="scope"):
        home.keys.decrypt(f"child/{county.child(1)}", data["reporter_name"])


# --- forgetting -------------------------------------------------------------------------------


def wrapped_key(home: Home, scope: str) -> bytes:
    db = sqlite3.connect(home.settings.keys_path)
    row = db.execute("SELECT wrapped FROM data_keys WHERE scope = ?", (scope,)).fetchone()
    db.close()
    return bytes(row[0])


def test_a_forgotten_child_has_no_name_no_number_and_no_kept_bodies(county, home, stored):
    fill(county, home)
    home.intake.submit([county.registration(3), county.visit(9, subject=county.child(3), id="x\0")])
    scope = f"child/{county.child(1)}"
    key = wrapped_key(home, scope)
    name = stored()[0]["data"]["name"]
    blind = bytes.fromhex(home.keys.blind_index(county.id_number(1)))
    assert home.keys.decrypt(scope, name) == county.name(1)
    files = [home.settings.keys_path, home.settings.keys_path.with_name("keys.sqlite-wal")]
    assert any(key in path.read_bytes() for path in files if path.exists())

    done = home.intake.forget(county.id_number(1))

    assert str(done.child_id) == county.child(1)
    assert done.rejections == 6  # all that spoke of the child, by its id or its number
    assert home.keys.decrypt(scope, name) is None
    assert home.intake.find_child(county.id_number(1)) is None
    left = b"\n".join(on_disk(home))
    assert key not in left
    assert blind not in left
    last = stored()[-1]
    assert (last["type"], last["subject"]) == ("child.forgotten.v1", county.child(1))
    assert last["source"] == "shouhe/forget"


def test_without_destroying_the_key_the_name_could_still_be_read(county, home, stored, monkeypatch):
    monkeypatch.setattr(KeyRing, "destroy", lambda self, scope: None)
    home.intake.submit([county.registration(1)])
    home.intake.forget(county.child(1))
    token = stored()[0]["data"]["name"]
    assert home.keys.decrypt(f"child/{county.child(1)}", token) == county.name(1)


def test_forgetting_twice_changes_nothing(county, home):
    home.intake.submit([county.registration(1)])
    assert not home.intake.forget(county.child(1)).already
    head = home.log.head()
    assert home.intake.forget(county.child(1)).already
    assert home.log.head() == head


def test_the_same_person_can_be_registered_anew_as_another_child(county, home, statuses):
    statuses(county.registration(1))
    home.intake.forget(county.child(1))
    assert statuses(county.visit(1)) == ["child_forgotten"]
    assert statuses(county.registration(1, id="again")) == ["accepted"]
    found = home.intake.find_child(county.id_number(1))
    assert found is not None
    assert str(found) != county.child(1)
    assert statuses(county.visit(1, subject=county.id_number(1), note="新")) == ["accepted"]


def test_what_is_sent_of_a_child_after_it_was_forgotten_is_not_kept(county, home, statuses):
    statuses(county.registration(1))
    home.intake.forget(county.child(1))
    assert statuses(county.visit(1, note="外婆说孩子夜里常哭")) == ["child_forgotten"]
    assert list(home.intake.rejected()) == []


def test_a_child_whose_registration_was_taken_back_can_be_forgotten(county, home, statuses, stored):
    retract = county.body("record.retracted.v1", {}, county.child(1), corrects="child-1")
    assert statuses(county.registration(1), retract) == ["accepted", "accepted"]
    assert not home.intake.forget(county.child(1)).already
    assert stored()[-1]["type"] == "child.forgotten.v1"


def test_an_unknown_child_is_one_clear_error_that_repeats_no_number(county, home):
    with pytest.raises(ChildUnknownError, match=county.child(7)):
        home.intake.forget(county.child(7))
    with pytest.raises(ChildUnknownError) as error:
        home.intake.forget(county.id_number(7))
    assert county.id_number(7) not in str(error.value)


def test_a_forgetting_cut_off_in_the_middle_is_finished_by_the_next_event(
    county, home, statuses, stored
):
    statuses(county.registration(1), county.registration(2))
    home.keys.destroy(f"child/{county.child(1)}")  # and then the power failed
    assert statuses(county.visit(1, note="x"), county.visit(2, note="y")) == [
        "child_forgotten",
        "accepted",
    ]
    assert [row["type"] for row in stored()[2:]] == ["child.forgotten.v1", "visit.completed.v1"]


def test_a_forgetting_cut_off_in_the_middle_is_finished_by_running_it_again(county, home, statuses):
    statuses(county.registration(1))
    home.keys.destroy(f"child/{county.child(1)}")
    assert not home.intake.forget(county.id_number(1)).already
    assert home.intake.find_child(county.id_number(1)) is None
