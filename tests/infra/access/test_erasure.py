"""Forgotten is gone: every byte of the home is searched."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.break_glass import Emergency
from domain.event import day as shanghai_day
from infra import attachments
from infra.access import Role
from infra.access.glass import open_glass
from infra.cli import run
from infra.erasure import erase, forms, personal_words, search_files, search_tables
from infra.retaining import held
from infra.subject_copy import subject_copy
from infra.web.people import record_reading

NOTE = "外婆说孩子夜里常哭,舅舅来过"


@pytest.fixture(scope="module")
def child(county, event) -> Any:
    """A child with everything: a note, a phone, a photo, a report, readings, rejected events."""
    child, now = county.children[1], county.home.clock().isoformat()
    visit = {"by": "director", "child_seen": True, "note": NOTE}
    report = {"report_id": "R-7", "situation": "multiple_injuries", "to": "police",
              "reporter_kind": "citizen", "reporter_name": "举报人周某"}  # fmt: skip
    bodies = [
        event("visit.completed.v1", "note-1", now, visit, subject=child.id_number),
        event("report.submitted.v1", "report-1", now, report, subject=child.id),
        event("visit.completed.v1", "bad-1", now, visit | {"by": child.name}, subject=child.id),
    ]
    county.home.intake.submit(bodies)
    county.home.catch_up()
    return child


def test_the_subjects_copy_holds_what_is_held_and_no_report(county, asking, child) -> None:
    reader, token = county.reader(Role.OFFICER)
    made = subject_copy(county.home, reader, UUID(child.id))
    assert made is not None
    text = json.dumps([made.stated, [each.said for each in made.events]], ensure_ascii=False)
    for word in (child.name, child.phone, child.address, NOTE):
        assert word in text
    assert not [each for each in made.events if each.type.startswith("report.")]
    assert "举报人" not in text
    assert made.attachments
    page, file = county.ask([asking("GET", f"/children/{child.id}/{name}", token)
                             for name in ("copy", "copy.json")])  # fmt: skip
    assert child.name in page.text
    assert "强制报告台" not in page.text
    assert NOTE in file.text


def test_the_subjects_copy_does_not_say_that_there_is_a_report_or_who_made_it(
    county, asking, child
) -> None:
    home, own = county.home, UUID(child.id)
    director, _ = county.reader(Role.DIRECTOR)
    reader, token = county.reader(Role.OFFICER)
    for purpose in ("report_harm", "report_desk", "reporter", "record"):
        record_reading(home, director, [own], purpose=purpose, page="report")
    open_glass(home, reader, own, emergency=Emergency.DANGER, note="听说父亲打他", minutes=15)
    home.catch_up()
    made = subject_copy(home, reader, own)
    assert made is not None
    read = {each.purpose for each in made.readings}
    assert "record" in read
    assert not read & {"report_harm", "report_desk", "reporter", "break_glass"}
    (file,) = county.ask([asking("GET", f"/children/{child.id}/copy.json", token)])
    assert not re.search("report_|break_glass|听说父亲打他", file.text)


def test_the_commands_say_the_same(county, child, monkeypatch, capsys, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOUHE_HOME", str(county.home.settings.home))
    assert run(["looks", "--child", child.id, "--json"]) == 0
    read = json.loads(capsys.readouterr().out)
    assert {each["child_id"] for each in read} == {child.id}
    assert {"reader", "purpose", "at"} <= read[0].keys()
    assert run(["looks", "--anomalies"]) == 0
    assert run(["looks", "--child", "x"]) == 2
    assert run(["retention", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out.splitlines()[-1])) == len(county.children)
    made = tmp_path / "copy.json"
    assert run(["subject-copy", child.id, str(made)]) == 0
    assert child.name in made.read_text("utf-8")
    assert made.stat().st_mode & 0o077 == 0


def test_an_officer_erases_a_child_of_the_own_county_and_is_named(county, asking) -> None:
    gone = county.children[2]
    _, token = county.reader(Role.OFFICER)
    form = {"content-type": "application/x-www-form-urlencoded"}
    page = f"/children/{gone.id}/erasure"
    unsure, done = county.ask([asking("POST", page, token, body=body, headers=form) for body in
                               (b"basis=unlawful", b"basis=unlawful&sure=yes")])  # fmt: skip
    assert (unsure.status_code, done.status_code) == (422, 303)
    last = json.loads(county.home.log.rows(county.home.log.head() - 1, None, 1)[0][4])
    assert (last["type"], last["actor"]) == ("child.forgotten.v1", "w-county_officer")
    assert last["data"] == {"basis": "unlawful"}
    assert county.home.intake.find_child(gone.id_number) is None
    assert not attachments.folder(county.home, UUID(gone.id)).exists()


def test_the_search_finds_what_is_there(county, child, tmp_path: Path) -> None:
    words = personal_words(county.home, child.id)
    assert {child.name, child.phone, child.address, child.id_number, NOTE} <= words.keys()
    for number, form in enumerate(sorted(forms(child.name))):
        (tmp_path / f"{number}.log").write_bytes(b"\0" * 70_000 + form + b"\xff")
    files, _, found = search_files(tmp_path, words)
    assert files == 3
    assert {each.what for each in found} == {"name"}
    assert len(found) == 3
    client = county.home.warehouse
    client.command("CREATE TABLE leak (x String) ENGINE = MergeTree ORDER BY x")
    client.command("INSERT INTO leak VALUES ({x:String})", {"x": f"说:{child.phone}。"})
    try:
        _, there = search_tables(client, words)
    finally:
        client.command("DROP TABLE leak SYNC")
    assert [(each.where, each.what) for each in there] == [("clickhouse leak", "phone")]


def test_after_forgetting_no_byte_of_the_home_names_the_child(
    county, asking, child, picture
) -> None:
    home, folder = county.home, attachments.folder(county.home, UUID(child.id))
    _, token = county.reader(Role.OFFICER)
    asked = [asking("GET", path, token) for path in
             (f"/children/{child.id}", f"/children/{child.id}/attachments")]  # fmt: skip
    assert all(child.name in answer.text for answer in county.ask(asked))
    assert list(folder.iterdir())
    sealed = next(folder.iterdir()).read_bytes()

    done = erase(home, child.id_number, basis="asked_by_guardian")

    assert (str(done.child_id), done.already, done.attachments) == (child.id, False, 1)
    assert done.rejections >= 1
    assert done.words >= 5
    assert done.files > 20
    assert done.tables > 30
    assert done.found == []
    assert not folder.exists()
    assert home.keys.unseal(f"child/{child.id}", sealed) is None
    assert home.intake.find_child(child.id_number) is None
    body = (b'--b\r\ncontent-disposition: form-data; name="content"\r\n\r\n' + picture
            + b"\r\n--b--\r\n")  # fmt: skip
    sent = {"accept": "application/json", "content-type": "multipart/form-data; boundary=b"}
    late = asking("POST", asked[1].path, token, body=body, headers=sent)
    assert county.ask([late])[0].json()["refused"] == "forgotten"
    assert not folder.exists()
    for answer in county.ask(asked):
        assert not [text for text in child.personal if text in answer.text]
    facts = home.warehouse.query("SELECT count() FROM visits WHERE child_id = {c:UUID}",
                                 {"c": UUID(child.id)}).result_rows[0][0]  # fmt: skip
    assert facts == 1  # what happened stays, nameless
    again = erase(home, child.id)
    assert (again.already, again.words) == (True, 0)


def test_what_is_kept_how_long_is_said_of_every_file(county, child) -> None:
    today = shanghai_day(county.home.clock())
    steps = {str(each.child_id): each.retention.step.value
             for each in held(county.home.warehouse, today, 3)}  # fmt: skip
    assert steps.keys() == {each.id for each in county.children}
    assert steps[child.id] == "forgotten"
    assert steps[county.children[0].id] == "keep"
