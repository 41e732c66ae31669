"""A whole event store is copied and compared, or it is said why it can't be."""

from __future__ import annotations

import tracemalloc
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from infra import copying
from infra.copying import CopyError, Report, copy
from infra.event_store import EventLog, StoreError

TABLES = ["stored_events", "seen", "children", "rejections", "sink_ledger"]


def silent(done: int, total: int | None = None) -> None: ...


def unmoved(position: int) -> None:
    pytest.fail(f"the source moved to {position}")


def run(source: EventLog, target: EventLog) -> Report:
    return copy(source, target, silent, unmoved)


WAYS = pytest.mark.parametrize(
    ("there", "here"),
    [
        ("sqlite", "postgres"),
        ("postgres", "sqlite"),
        ("sqlite", "sqlite"),
        ("postgres", "postgres"),
    ],
)


# --- what arrives -----------------------------------------------------------------------------


@WAYS
def test_everything_arrives_and_both_digests_say_so(
    there, here, new_log, fill, monkeypatch
) -> None:
    monkeypatch.setattr(copying, "PAGE", 70)
    source, target = new_log(there), new_log(here)
    fill(source, 500)
    report = run(source, target)
    assert (report.same, report.head, report.copied) == (True, 500, 500)
    assert report.first_difference is None
    assert [each.table for each in report.tables] == TABLES
    assert [each.target.rows for each in report.tables] == [500, 167, 72, 46, 0]
    assert target.rows(0, None, 1000) == source.rows(0, None, 1000)
    for table, key in (("seen", "event_id"), ("children", "child_id"), ("rejections", "seq")):
        assert content(target, table, key) == content(source, table, key)


def content(log: EventLog, table: str, key: str) -> list[Any]:
    with log.store.reading() as cursor:
        return cursor.execute(f"SELECT * FROM {table} ORDER BY {key}").fetchall()


def test_the_digest_does_not_depend_on_the_database_or_the_page(new_log, fill, monkeypatch) -> None:
    logs = [new_log(kind) for kind in ("sqlite", "postgres", "sqlite")]
    fill(logs[0], 300)
    found = []
    for source, target, page in ((logs[0], logs[1], 70), (logs[1], logs[2], 299)):
        monkeypatch.setattr(copying, "PAGE", page)
        found.append([each.target for each in run(source, target).tables])
    assert found[0] == found[1]


@WAYS
def test_an_empty_store_is_copied_too(there, here, new_log) -> None:
    report = run(new_log(there), new_log(here))
    assert (report.same, report.head, report.copied) == (True, 0, 0)


@WAYS
def test_the_numbers_of_kept_rejections_go_on_after_the_last_one(
    there, here, new_log, fill
) -> None:
    source, target = new_log(there), new_log(here)
    fill(source, 100)
    run(source, target)
    last = content(source, "rejections", "seq")[-1][0]
    with target.store.writing() as cursor:
        cursor.execute(
            "INSERT INTO rejections (key, source, id, type, code, field, value, message,"
            " received_at, attempts) VALUES (?, '/s', 'new', 't', 'c', 'f', '', 'm', 'r', 1)",
            (b"new",),
        )
    assert content(target, "rejections", "seq")[-1][0] == last + 1


@WAYS
def test_the_log_goes_on_in_the_copy_without_a_gap(there, here, new_log, fill) -> None:
    source, target = new_log(there), new_log(here)
    fill(source, 20)
    run(source, target)
    assert target.store.insert_events([StoredEvent(uuid4(), 1, "t", b"{}")]) == [21]


def test_a_second_copy_brings_only_what_is_new(new_log, fill) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 300)
    run(source, target)
    assert run(source, target).copied == 0
    fill(source, 40, seed=2)
    with source.store.writing() as cursor:  # one landed after all; one child moved
        cursor.execute("DELETE FROM rejections WHERE seq = 1")
        cursor.execute("UPDATE children SET village = '520526100202'")
    report = run(source, target)
    assert (report.same, report.copied, report.head) == (True, 40, 340)
    assert content(target, "children", "child_id") == content(source, "children", "child_id")


@pytest.mark.parametrize("here", ["sqlite", "postgres"])
def test_a_nul_in_a_rejection_that_an_older_file_kept_is_replaced(here, new_log, fill) -> None:
    """PostgreSQL takes none; intake has written none since."""
    source, target = new_log("sqlite"), new_log(here)
    fill(source, 12)
    with source.store.writing() as cursor:
        cursor.execute("UPDATE rejections SET value = 'a' || char(0) || 'b' WHERE seq = 1")
    assert run(source, target).same
    assert content(target, "rejections", "seq")[0][7] == "a\ufffdb"
    assert run(source, target).copied == 0


def test_memory_does_not_grow_with_the_log(new_log, fill) -> None:
    peaks = []
    for count in (3 * copying.PAGE, 9 * copying.PAGE):  # more than a page of `seen` in either
        source, target = new_log("sqlite"), new_log("postgres")
        fill(source, count)
        tracemalloc.start()
        run(source, target)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("here", ["sqlite", "postgres"])
def test_a_target_with_other_events_is_refused_and_the_position_named(here, new_log, fill) -> None:
    source, target = new_log("sqlite"), new_log(here)
    fill(source, 50)
    with target.store.writing() as cursor:
        rows = [row[1:] for row in source.rows(0, 20, 100)]
        rows[6] = (rows[6][0], rows[6][1], rows[6][2], b"{}")
        target.store.append(cursor, 0, rows)
    with pytest.raises(CopyError, match="--to: its event at position 7 is not the source's"):
        run(source, target)
    assert target.head() == 20


def test_a_target_that_holds_more_than_the_source_is_refused(new_log, fill) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 50)
    run(source, target)
    target.store.insert_events([StoredEvent(uuid4(), 1, "t", b"{}")])
    with pytest.raises(CopyError, match="position 51 is not the source's"):
        run(source, target)


@pytest.mark.parametrize("here", ["sqlite", "postgres"])
def test_a_rejection_that_the_target_kept_for_itself_is_not_thrown_away(
    here, new_log, fill
) -> None:
    source, target = new_log("sqlite"), new_log(here)
    fill(source, 50)
    run(source, target)
    with target.store.writing() as cursor:
        cursor.execute("UPDATE rejections SET attempts = 2 WHERE seq = 1")
    fill(source, 1, seed=3)
    said = r"--to: its table rejections \(5 rows\) holds what no copy"
    with pytest.raises(CopyError, match=said):
        run(source, target)
    assert content(target, "rejections", "seq")[0][10] == 2


def test_a_target_with_children_and_no_events_is_refused(new_log, fill) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 50)
    with target.store.writing() as cursor:
        cursor.execute("INSERT INTO children VALUES (?, NULL, '520526100201', 1)", (b"x",))
    with pytest.raises(CopyError, match=r"table children \(1 rows\)"):
        run(source, target)


def test_a_hole_in_the_source_is_named(new_log, fill, tmp_path) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 50)
    with source.store.writing() as cursor:
        cursor.execute("DELETE FROM stored_events WHERE rowid = 31")
    with pytest.raises(CopyError, match="--from: no event at position 31"):
        run(source, target)


def test_another_writer_on_the_target_is_noticed(new_log, fill, monkeypatch) -> None:
    monkeypatch.setattr(copying, "PAGE", 10)
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 50)

    def interfere(done: int, total: int | None = None) -> None:
        if done == 20:
            target.store.insert_events([StoredEvent(uuid4(), 1, "t", b"{}")])

    with pytest.raises(CopyError, match="--to: another process writes to this store"):
        copy(source, target, interfere, unmoved)


@pytest.mark.parametrize("table", ["stored_events", "seen", "children", "rejections"])
def test_a_row_that_changed_on_the_way_is_found(table, new_log, fill, monkeypatch) -> None:
    """The check reads both sides again: here the target is damaged just before."""
    damage = {
        "stored_events": "UPDATE stored_events SET state = 'x' WHERE rowid = 17",
        "seen": "UPDATE seen SET position = 3 WHERE position = 4",
        "children": "UPDATE children SET status = 0",
        "rejections": "UPDATE rejections SET body = NULL",
    }[table]
    source, target = new_log("postgres"), new_log("sqlite")
    fill(source, 50)
    real = copying._copy_sides

    def damaged(*given: Any) -> Any:
        brought = real(*given)
        with target.store.writing() as cursor:
            cursor.execute(damage)
        return brought

    monkeypatch.setattr(copying, "_copy_sides", damaged)
    report = run(source, target)
    assert not report.same
    assert [each.table for each in report.tables if each.source != each.target] == [table]
    assert report.first_difference == (17 if table == "stored_events" else None)


# --- a source that moves ----------------------------------------------------------------------


def test_a_source_that_moves_is_gone_after_until_it_stands_still(
    new_log, fill, monkeypatch
) -> None:
    monkeypatch.setattr(copying, "PAUSE", 0.0)
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 200)
    said: list[int] = []
    batches, sides = iter((5, 5)), copying._copy_sides

    def sides_while_others_write(*given: Any) -> Any:
        """Nothing but events: `EventLog.save` notes no idempotency keys."""
        brought = sides(*given)
        new = [StoredEvent(uuid4(), 1, "t", b"{}") for _ in range(next(batches, 0))]
        source.store.insert_events(new)
        return brought

    monkeypatch.setattr(copying, "_copy_sides", sides_while_others_write)
    report = copy(source, target, silent, said.append)
    assert said == [205, 210]
    assert report.same
    assert report.head == target.head()
    final = run(source, target)
    assert (final.same, final.head) == (True, 210)


def test_a_change_beside_the_events_counts_as_movement(new_log, fill, monkeypatch) -> None:
    monkeypatch.setattr(copying, "PAUSE", 0)
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 50)
    real, said = copying._Chain.extend, list[int]()

    def meddled(chain: Any, upto: int) -> None:
        if not said:
            with source.store.writing() as cursor:
                cursor.execute("DELETE FROM rejections WHERE seq = 1")
        real(chain, upto)

    monkeypatch.setattr(copying._Chain, "extend", meddled)
    assert copy(source, target, silent, said.append).same
    assert said == [50]
    assert content(target, "rejections", "seq")[0][0] == 2


def test_a_source_that_never_stands_still_is_refused_with_the_remedy(
    new_log, fill, monkeypatch
) -> None:
    monkeypatch.setattr(copying, "PAUSE", 0)
    monkeypatch.setattr(copying, "ROUNDS", 3)
    source, target = new_log("sqlite"), new_log("sqlite")
    seeds = iter(range(100))
    fill(source, 50)
    real = copying._Chain.extend

    def moving(chain: Any, upto: int) -> None:
        real(chain, upto)
        fill(source, 1, seed=1000 + next(seeds))

    monkeypatch.setattr(copying._Chain, "extend", moving)
    with pytest.raises(CopyError, match="--from: something still writes to this store; stop it"):
        copy(source, target, silent, lambda position: None)
    monkeypatch.undo()
    assert run(source, target).same


# --- the power goes ---------------------------------------------------------------------------


def test_killed_between_the_events_and_what_stands_beside_them(new_log, fill, monkeypatch) -> None:
    source, target = new_log("sqlite"), new_log("postgres")
    fill(source, 100)
    real = copying._replace

    def die(side: Any, *given: Any) -> Any:
        if side.table == "rejections":
            raise StoreError("the power is gone")
        return real(side, *given)

    monkeypatch.setattr(copying, "_replace", die)
    with pytest.raises(StoreError):
        run(source, target)
    assert target.head() == 100
    assert content(target, "seen", "event_id") == []  # all of them or none
    monkeypatch.undo()
    assert run(source, target).same
