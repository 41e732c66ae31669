"""Accepted, duplicate or rejected: what becomes of an event, and in which stream it lands."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import msgspec
import pytest

from domain.event import event_id


def test_a_registration_and_a_visit_in_one_batch_are_both_accepted(county, statuses, stored):
    assert statuses(county.registration(1), county.visit(1)) == ["accepted", "accepted"]
    child, visit = stored()
    assert child["stream"] == uuid.UUID(county.child(1)).hex
    assert visit["stream"] == uuid.UUID(visit["eventid"]).hex
    assert [child["position"], visit["position"]] == [1, 2]


def test_the_same_event_again_is_a_duplicate_in_the_same_batch_and_later(county, statuses):
    register, visit = county.registration(1), county.visit(1, note="一切都好")
    assert statuses(register, visit, visit) == ["accepted", "accepted", "duplicate"]
    assert statuses(visit, register) == ["duplicate", "duplicate"]


def test_spacing_order_of_keys_defaults_and_offsets_do_not_make_another_body(county, statuses):
    visit = county.visit(1)
    statuses(county.registration(1), visit)
    event = json.loads(visit)
    event["time"] = "2026-02-01T00:00:00Z"
    event["data"]["carer_present"] = True
    event["subject"] = county.id_number(1)
    turned = json.dumps(dict(reversed(event.items())), indent=2).encode()
    assert statuses(turned) == ["duplicate"]


@pytest.mark.parametrize(
    "change",
    [
        {"time": "2026-02-01T08:00:01+08:00"},
        {"data": {"by": "director", "child_seen": False}},
        {"data": {"by": "director", "child_seen": True, "note": "又去了一次"}},
        {"actor": "D-2"},
        {"place": "520526001202"},
        {"type": "visit.attempt_failed.v1", "data": {"by": "director", "reason": "moved"}},
    ],
)
@pytest.mark.parametrize("batches", [1, 2])
def test_another_body_under_a_used_id_is_rejected_and_says_so(county, home, change, batches):
    visit = county.visit(1, note="去了")
    other = json.dumps({**json.loads(visit), **change}).encode()
    bodies = [county.registration(1), visit, other]
    if batches == 1:
        outcomes = home.intake.submit(bodies)
    else:
        outcomes = home.intake.submit(bodies[:2]) + home.intake.submit(bodies[2:])
    assert [each.code or each.status for each in outcomes] == ["accepted", "accepted", "id_reused"]
    assert "corrects" in outcomes[2].message


def test_a_later_default_or_a_forgotten_name_is_not_held_against_a_second_sending(
    county, home, statuses
):
    register = county.registration(1)
    statuses(register)
    home.intake.forget(county.child(1))
    assert statuses(register) == ["duplicate"]
    renamed = county.registration(1, {"sex": "female"})
    assert statuses(renamed) == ["id_reused"]


def test_a_child_is_found_by_its_id_number(county, statuses, stored, home):
    statuses(county.registration(1))
    assert statuses(county.visit(1, subject=county.id_number(1))) == ["accepted"]
    assert stored()[1]["subject"] == county.child(1)
    assert str(home.intake.find_child(county.id_number(1))) == county.child(1)
    assert home.intake.find_child(county.id_number(2)) is None


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("", "subject_missing"),
        ("00000000-0000-8000-8000-000000000001", "child_unknown"),
        ("529901201503070014", "id_number_checksum"),
        ("529901150307001", "id_number_length"),
        ("五二九九", "id_number_length"),
        ("52990120150307001X", "id_number_checksum"),
    ],
)
def test_a_subject_that_names_no_child_is_rejected_without_repeating_it(
    county, home, subject, code
):
    (outcome,) = home.intake.submit([county.visit(1, subject=subject or None)])
    assert (outcome.code, outcome.field) == (code, "subject")
    if len(subject) != 36:
        assert not subject or subject not in str(outcome)


def test_an_event_for_a_child_not_yet_registered_lands_by_replay(county, home, statuses):
    number = county.id_number(1)
    early = [county.visit(1, subject=number), county.visit(1), county.visit(2)]
    assert statuses(*early) == ["child_unknown"] * 3
    statuses(county.registration(1))
    counts = home.intake.replay()
    assert (counts.accepted, counts.duplicate, counts.rejected) == (2, 0, 1)
    assert [each.code for each in home.intake.rejected()] == ["child_unknown"]


def test_replay_goes_on_until_nothing_more_lands(county, home, statuses):
    agreement = {"agreement_id": "A-1"}
    signed = {
        **agreement, "name": "李婆婆", "relation": "relative", "start": "2026-01-01",
        "child_view_heard": True,
    }  # fmt: skip
    subject = county.child(1)
    filed = county.body("care_agreement.filed.v1", agreement, subject)
    sign = county.body("care_agreement.signed.v1", signed, subject)
    assert statuses(filed, sign) == ["child_unknown", "child_unknown"]
    statuses(county.registration(1))
    assert home.intake.replay().accepted == 2
    assert list(home.intake.rejected()) == []


def test_a_rejected_event_sent_again_rightly_leaves_the_list(county, home, statuses):
    bad = county.visit(1, id="v1", data={"by": "nobody", "child_seen": True})
    good = county.visit(1, id="v1")
    assert statuses(county.registration(1), bad) == ["accepted", "unknown_value"]
    assert statuses(good) == ["accepted"]
    assert list(home.intake.rejected()) == []


def test_a_rejected_event_put_right_in_the_same_batch_is_not_kept(county, home, statuses):
    bad = county.visit(1, id="v1", data={"by": "nobody", "child_seen": True})
    good = county.visit(1, id="v1")
    statuses(county.registration(1), bad, good)
    assert list(home.intake.rejected()) == []


def test_place_is_where_the_child_lives_when_the_event_does_not_say(county, statuses, stored):
    moved = county.body("child.moved.v1", {"residence_division": "520526001209"}, county.child(1))
    statuses(county.registration(1), county.visit(1), moved, county.visit(1))
    statuses(county.visit(1), county.visit(1, place="520526"))
    assert [each.get("place", "") for each in stored()] == [
        "", "520526001201", "520526001201", "520526001209", "520526001209", "520526",
    ]  # fmt: skip


def test_recorded_at_is_when_the_sender_learned_it_or_now(county, statuses, stored):
    late = county.visit(1, recordedtime="2026-02-20T12:00:00+08:00")
    statuses(county.registration(1), late)
    assert [each["recordedtime"] for each in stored()] == [
        "2026-03-02T04:00:00Z",
        "2026-02-20T04:00:00Z",
    ]


@pytest.mark.parametrize(
    ("times", "code", "field"),
    [
        ({"time": "2026-02-01T08:00:00"}, "time_without_zone", "time"),
        ({"time": "2026-03-02T04:06:00Z"}, "in_future", "time"),
        ({"time": "0001-01-01T00:00:00+08:00"}, "time_out_of_range", "time"),
        ({"time": "9999-12-31T23:59:59-08:00"}, "in_future", "time"),
        ({"time": "2026-02-30T08:00:00Z"}, "bad_date", "time"),
        ({"time": 1}, "wrong_type", "time"),
        ({"recordedtime": "2026-02-02T08:00:00"}, "time_without_zone", "recordedtime"),
        ({"recordedtime": "2026-03-02T05:00:00Z"}, "in_future", "recordedtime"),
        ({"recordedtime": "2026-01-31T08:00:00+08:00"}, "in_future", "time"),
    ],
)
def test_times_that_cannot_be_are_rejected(county, home, times, code, field):
    home.intake.submit([county.registration(1)])
    (outcome,) = home.intake.submit([county.visit(1, **times)])
    assert (outcome.code, outcome.field) == (code, field)
    assert outcome.message


def test_one_id_number_is_one_child(county, statuses):
    twin = county.registration(2, {"id_number": county.id_number(1), "sex": "male"})
    assert statuses(county.registration(1), twin) == ["accepted", "id_number_taken"]
    assert statuses(twin) == ["id_number_taken"]


def test_the_subject_of_a_registration_is_empty_or_its_own_number(county, statuses):
    assert statuses(county.registration(1, subject=county.id_number(1))) == ["accepted"]
    assert statuses(county.registration(2, subject=county.id_number(1))) == ["subject_mismatch"]


def test_what_is_about_no_child_needs_no_subject(county, statuses, stored):
    worker = county.body(
        "worker.appointed.v1",
        {"worker_id": "D-1", "role": "director", "place": "520526001201", "weekly_hours": 8},
    )
    assert statuses(worker) == ["accepted"]
    assert stored()[0]["subject"] == "00000000-0000-0000-0000-000000000000"


def test_services_cannot_declare_a_child_forgotten(county, statuses):
    forgotten = county.body("child.forgotten.v1", {}, county.child(1))
    assert statuses(county.registration(1), forgotten) == ["accepted", "internal_type"]


def test_broker_extensions_are_read_over_and_misspelt_ones_refused(county, home):
    home.intake.submit([county.registration(1)])
    traced = county.visit(1, traceparent="00-abc-def-01", partitionkey="x", sequence="1")
    misspelt = county.visit(1, corects="e1")
    outcomes = home.intake.submit([traced, misspelt, county.visit(1, data_base64="AA==")])
    assert [each.code for each in outcomes] == ["", "unknown_field", "unknown_field"]
    assert [each.field for each in outcomes[1:]] == ["corects", "data_base64"]


# --- corrections ------------------------------------------------------------------------------


def test_a_correction_names_the_event_id_or_the_id_of_the_same_source(county, statuses, stored):
    statuses(county.registration(1), county.visit(1, id="v1"), county.visit(1, id="v2"))
    by_id = county.visit(1, corrects="v1")
    by_uuid = county.visit(1, corrects=str(event_id(county.source, "v2")))
    assert statuses(by_id, by_uuid) == ["accepted", "accepted"]
    rows = stored()
    assert [row["corrects"] for row in rows[3:]] == [rows[1]["eventid"], rows[2]["eventid"]]
    assert [(row["stream"], row["version"]) for row in rows[3:]] == [
        (rows[1]["stream"], 2),
        (rows[2]["stream"], 2),
    ]


def test_corrections_chain_within_a_batch_and_across_batches(county, statuses, stored):
    visit, first, second = (
        county.visit(1, id="v1"),
        county.visit(1, id="v2", corrects="v1"),
        county.visit(1, id="v3", corrects="v2"),
    )
    assert statuses(county.registration(1), visit, first, second) == ["accepted"] * 4
    assert statuses(county.visit(1, corrects="v1")) == ["already_corrected"]
    assert statuses(county.visit(1, id="v4", corrects="v3"), first) == ["accepted", "duplicate"]
    assert [row["version"] for row in stored()] == [1, 1, 2, 3, 4]


def test_a_correction_whose_target_comes_later_lands_by_replay(county, home, statuses):
    correction = county.visit(1, id="v2", corrects="v1")
    assert statuses(county.registration(1), correction) == [
        "accepted",
        "correction_target_unknown",
    ]
    statuses(county.visit(1, id="v1"))
    assert home.intake.replay().accepted == 1


def test_a_retraction_lies_in_the_stream_it_takes_from(county, statuses, stored):
    statuses(county.registration(1), county.visit(1, id="v1"))
    retraction = county.body("record.retracted.v1", {}, county.child(1), corrects="v1")
    assert statuses(retraction) == ["accepted"]
    rows = stored()
    assert (rows[2]["stream"], rows[2]["version"]) == (rows[1]["stream"], 2)
    again = county.body("record.retracted.v1", {}, corrects="v1")
    assert statuses(again) == ["already_retracted"]


def test_a_corrected_registration_is_found_by_its_new_number_alone(county, home, statuses):
    statuses(county.registration(1))
    right = county.registration(1, {"id_number": county.id_number(3)}, id="r2", corrects="child-1")
    assert statuses(right, county.visit(1, subject=county.id_number(3))) == ["accepted"] * 2
    assert home.intake.find_child(county.id_number(1)) is None
    other = county.registration(5, {"id_number": county.id_number(1)})
    assert statuses(other) == ["accepted"]


def test_numbers_can_pass_from_one_child_to_another_in_one_batch(county, home, statuses):
    statuses(county.registration(1))
    freed = county.registration(1, {"id_number": county.id_number(3)}, id="r2", corrects="child-1")
    claims = county.registration(5, {"id_number": county.id_number(1)})
    assert statuses(freed, claims) == ["accepted", "accepted"]
    assert str(home.intake.find_child(county.id_number(1))) == county.child(5)


def test_after_a_retracted_registration_the_child_is_unknown_again(county, home, statuses):
    statuses(county.registration(1))
    retraction = county.body("record.retracted.v1", {}, county.child(1), corrects="child-1")
    assert statuses(retraction, county.visit(1)) == ["accepted", "child_unknown"]
    assert home.intake.find_child(county.id_number(1)) is None


def test_a_correction_changes_what_the_guards_of_its_stream_know(county, home, statuses):
    subject = county.child(1)
    away = county.body("parent.departed.v1", {"parent": "father"}, subject, id="d1")
    statuses(county.registration(1), away)
    assert statuses(county.body("parent.departed.v1", {"parent": "father"}, subject)) == [
        "parent_away"
    ]
    corrected = county.body("parent.departed.v1", {"parent": "mother"}, subject, corrects="d1")
    assert statuses(corrected) == ["accepted"]
    assert home.intake.replay().accepted == 1


# --- faults -----------------------------------------------------------------------------------


def test_a_fault_in_a_guard_costs_one_event_its_place_and_not_the_batch(
    county, statuses, home, monkeypatch
):
    from domain.child_file import CategoryAdded
    from domain.guards import APPLIES

    def faulty(*_: object) -> None:
        raise ZeroDivisionError

    category = county.body("child.category_added.v1", {"category": "orphan"}, county.child(1))
    with monkeypatch.context() as patch:
        patch.setitem(APPLIES, CategoryAdded, faulty)
        assert statuses(county.registration(1), category, county.visit(1)) == [
            "accepted",
            "internal_error",
            "accepted",
        ]
    assert home.intake.replay().accepted == 1


def test_a_storage_error_leaves_nothing_half_done(county, home, monkeypatch):
    from infra.event_store import StoreError

    def broken(recorder, cursor, after, rows):
        cursor.executemany("INSERT INTO no_such_table VALUES (?,?,?,?)", rows)

    bodies = [county.registration(1), county.visit(1, note="走访")]
    with monkeypatch.context() as patch:
        patch.setattr(type(home.log.recorder), "append", broken)
        with pytest.raises(StoreError):
            home.intake.submit(bodies)
    assert home.log.head() == 0
    assert [each.status for each in home.intake.submit(bodies)] == ["accepted", "accepted"]


def test_own_events_take_the_same_road(county, home):
    from domain.event import Incoming

    home.intake.submit([county.registration(1)])
    reading = Incoming(
        specversion="1.0", id="a1", source="shouhe/page", type="access.logged.v1",
        time=county.now - timedelta(seconds=1), subject=county.child(1), actor="D-1",
        data=msgspec.Raw(b'{"purpose":"visit","page":"timeline"}'),
    )  # fmt: skip
    assert [each.status for each in home.intake.record([reading, reading])] == [
        "accepted",
        "duplicate",
    ]


def test_where_a_batch_ends_does_not_matter_to_a_second_sending(county, statuses):
    register = county.registration(1)
    by_id = county.visit(1, id="v1")
    by_number = county.visit(1, id="v1", subject=county.id_number(1))
    with_place = county.visit(1, id="v1", place="520526001201")
    with_receipt = county.visit(1, id="v1", recordedtime="2026-03-02T04:00:00Z")
    again = [by_number, with_place, with_receipt]
    assert statuses(register, by_id, *again) == ["accepted", "accepted", *["duplicate"] * 3]
    assert statuses(*again) == ["duplicate"] * 3
    elsewhere = county.visit(1, id="v1", place="520526001202")
    assert statuses(elsewhere) == ["id_reused"]
    assert statuses(county.visit(1, id="v2"), county.visit(1, id="v2", place="520526001202")) == [
        "accepted",
        "id_reused",
    ]


def test_replay_ends_where_a_kept_reuse_turns_out_to_be_the_same(
    county, home, statuses, monkeypatch
):
    with monkeypatch.context() as strict:
        strict.setattr("infra.intake.judge.same_as_accepted", lambda *_: False)
        again = county.visit(1, id="v1")
        assert statuses(county.registration(1), again, again)[-1] == "id_reused"
    counts = home.intake.replay()
    assert (counts.accepted, counts.duplicate, counts.rejected) == (0, 1, 0)
    assert list(home.intake.rejected()) == []
