"""Who lets a model score, until when; shadow, kill switch, the same bytes on another machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.bands import Band
from domain.errors import SettingsError, WrongUsageError
from domain.event import SHANGHAI, event_id
from domain.list_changes import Cause
from domain.model_life import Measure
from infra import approving, matching, monitoring, touched
from infra.commands.score import write
from infra.erasure import erase
from infra.foresight import score_children, train_model
from infra.home import Home, utcnow
from infra.list_changes import list_changes
from infra.settings import Settings
from infra.visit_lists import make_lists, next_week
from infra.web.standing import standing
from risk import model_file
from risk.approvals import approved_models, shadow_models
from risk.card import Card, card_hash
from risk.errors import ExpiredError, NotApprovedError
from simulation.county import simulate

AS_OF = date(2026, 3, 15)
pytestmark = pytest.mark.usefixtures("few_trees")


class Clock:
    """A clock that a test can turn."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.ticks = 0

    def __call__(self) -> datetime:
        self.ticks += 1
        return utcnow() + self.ahead + timedelta(microseconds=self.ticks)


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years and more of a county of its own, as a file: models come and go here."""
    path = tmp_path_factory.mktemp("log") / "events.jsonl"
    with path.open("wb") as out:
        lines = simulate(children=240, start=date(2024, 1, 8), until=date(2026, 3, 16), seed=8)
        out.writelines(line + b"\n" for line in lines)
    return path


@pytest.fixture(scope="module")
def home(log: Path, tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Home]:
    folder = taken_in(log, tmp_path_factory.mktemp("governed") / "home")
    with Home(Settings(folder), clock) as opened:
        yield opened


def taken_in(log: Path, folder: Path) -> Path:
    """A machine's home that has taken in the file."""
    folder.mkdir()
    with Home(Settings(folder)) as fresh:
        counts = fresh.intake.import_file(log)
        assert counts.rejected == 0
    return folder


@pytest.fixture(scope="module")
def card(home: Home) -> Card:
    return train_model(home, AS_OF)


def events(home: Home, *types: str) -> list[dict[str, Any]]:
    home.catch_up()
    rows = home.warehouse.query(
        "SELECT data FROM events WHERE type IN {t:Array(String)} ORDER BY position",
        {"t": list(types)},
    ).result_rows
    return [msgspec.json.decode(row[0]) for row in rows]


def test_a_training_is_recorded_with_what_it_rests_on(home: Home, card: Card) -> None:
    (trained,) = events(home, "model.trained.v1")
    assert trained["file_hash"] == card.file_sha256
    assert trained["card_hash"] == card_hash(card)
    assert trained["feature_hash"] == card.feature_hash
    assert trained["log_position"] == card.data_position
    assert trained["code_version"] == card.code
    page = (home.settings.models_path / f"{card.model_id}.md").read_text()
    for heading in ("用途", "禁止", "群体", "局限", "尚未批准"):
        assert heading in page


def test_a_challenger_in_shadow_scores_and_orders_nothing(home: Home, card: Card) -> None:
    approving.shadow(home, card.model_id, "county-1")
    with pytest.raises(NotApprovedError):
        score_children(home, AS_OF)
    counts = score_children(home, AS_OF, card.model_id)
    assert counts.shadow
    assert counts.new == counts.scored > 0
    (least,) = home.warehouse.query("SELECT min(shadow) FROM scores").result_rows[0]
    assert least == 1
    lists = make_lists(home, "2026-W12", keep=False)
    assert lists.model_id == ""
    assert all(row.score is None for row in lists.rows)


def test_an_approval_names_its_last_day_and_its_impact_assessment(home: Home, card: Card) -> None:
    approved = approving.approve(home, card.model_id, "county-1")
    assert approved.approval is not None
    assert approved.approval.expires_on == home.clock().astimezone(SHANGHAI).date() + timedelta(180)
    assert shadow_models(home.warehouse) == []
    page = model_file.impact_path(home.settings.models_path, card.model_id)
    text = page.read_text()
    assert all(
        each in text for each in ("第五十五条", "第五十六条", card.file_sha256, "由评估人填写")
    )
    assessed = events(home, "pia.recorded.v1")[-1]
    assert assessed["document_hash"] == model_file.digest(page.read_bytes())
    today = home.clock().astimezone(SHANGHAI).date()
    assert date.fromisoformat(assessed["keep_until"]) >= today + timedelta(3 * 365)
    assert card_hash(approved) == card_hash(card)


def test_what_people_wrote_into_the_assessment_is_kept(home: Home, card: Card) -> None:
    page = model_file.impact_path(home.settings.models_path, card.model_id)
    text = page.read_text() + "\n同意使用。张三\n"
    page.write_text(text)
    model_file.write_impact(home.settings.models_path, card.model_id, "new")
    assert page.read_text() == text


def test_an_expired_model_neither_scores_nor_orders(home: Home, card: Card, clock: Clock) -> None:
    score_children(home, AS_OF)
    assert make_lists(home, "2026-W12", keep=False).model_id == card.model_id
    clock.ahead = timedelta(days=181)
    try:
        with pytest.raises(ExpiredError, match="expired on"):
            score_children(home, AS_OF)
        today = home.clock().astimezone(SHANGHAI).date()
        assert approved_models(home.warehouse, today) == []
        again = score_children(home, AS_OF, card.model_id, keep=False)
        assert again.scored > 0
        renewed = approving.approve(home, card.model_id, "county-2", days=30)
        assert renewed.approval is not None
        assert renewed.approval.by == "county-2"
        assert score_children(home, AS_OF).new == 0
    finally:
        clock.ahead = timedelta()


MATURED = date(2025, 11, 16)


def test_the_monitor_measures_drift_calibration_and_random_visits(home: Home, card: Card) -> None:
    score_children(home, MATURED)
    (home.settings.home / "monitor.toml").write_text("least = 1\n")
    found = monitoring.watch(home, AS_OF, keep=False)
    measured = {each.measure for each in found.readings}
    assert measured >= set(Measure) - {Measure.RANDOM_VISITS}
    (own,) = found.at_work
    assert own.model_id == card.model_id
    assert own.days == [MATURED]
    assert own.children > own.outcomes > 0
    assert own.seen == pytest.approx(own.outcomes / own.children)
    drifts = [each.value for each in found.readings if each.measure is Measure.FEATURE_DRIFT]
    assert min(drifts) >= 0
    assert not {"season_sin", "days_on_ledger"} & {each.of for each in found.readings}


def test_an_alert_is_raised_once_a_crossing_and_cleared_once(home: Home) -> None:
    limits = home.settings.home / "monitor.toml"
    others = "least = 1\nfeature_psi = 99\nscore_psi = 99\nrandom_z = 99\n"
    limits.write_text(others + "ece = 0.0000001")
    first = monitoring.watch(home, AS_OF)
    assert [each.measure for each in first.raised] == [Measure.CALIBRATION]
    assert monitoring.watch(home, AS_OF).raised == []
    limits.write_text(others + "ece = 0.9")
    after = monitoring.watch(home, AS_OF)
    assert [each.measure for each in after.cleared] == [Measure.CALIBRATION]
    assert len(events(home, "model.alert_raised.v1")) == 1
    assert len(events(home, "model.alert_cleared.v1")) == 1
    limits.write_text("ece = 'much'")
    with pytest.raises(SettingsError, match=r"monitor\.toml"):
        monitoring.limits_of(home.settings)
    limits.unlink()


def listed_for_a_reason(home: Home, today: date, week: str) -> Any:
    """Children whose list says what raises their score, each with an event behind that."""
    return home.warehouse.query(
        "SELECT s.child_id, s.evidence[1][1] FROM scores AS s"
        " JOIN visit_list AS l ON l.child_id = s.child_id WHERE s.as_of = {d:Date}"
        " AND notEmpty(s.evidence) AND notEmpty(s.evidence[1]) AND l.week = {w:String}"
        " AND has(l.reasons, s.reasons[1].text) ORDER BY toString(s.child_id)",
        {"d": today, "w": week},
    ).result_rows


def test_the_past_lists_that_a_corrected_event_touched_are_named(home: Home, card: Card) -> None:
    today = home.clock().astimezone(SHANGHAI).date()
    score_children(home, today)
    week = next_week(today)
    make_lists(home, week)
    child, event = listed_for_a_reason(home, today, week)[0]
    known = touched.by_event(home, event)
    assert known.child_id == child
    assert any(each.by_reason and each.as_of == today for each in known.scores)
    assert any(each.by_reason and each.week == week for each in known.lists)
    body = {
        "specversion": "1.0", "id": "takes-back", "source": "urn:test",
        "type": "record.retracted.v1",
        "time": home.clock().isoformat(), "subject": str(child), "corrects": str(event), "data": {},
    }  # fmt: skip
    (outcome,) = home.intake.submit([msgspec.json.encode(body)])
    assert outcome.status == "accepted", outcome
    (line,) = home.warehouse.query("SELECT count() FROM visit_list_history").result_rows[0]
    make_lists(home, week)
    after = touched.by_event(home, event_id("urn:test", "takes-back"))
    assert after.event_id == event
    assert after.until is not None
    assert after.lists == known.lists
    assert line > 0
    everything = touched.by_child(home, child)
    assert len(everything.lists) >= len(after.lists)
    assert {e.week for e in after.lists} <= {e.week for e in everything.lists}


def test_the_past_lists_and_scores_of_a_forgotten_child_are_named(home: Home, card: Card) -> None:
    today = home.clock().astimezone(SHANGHAI).date()
    score_children(home, today)
    week = next_week(today)
    make_lists(home, week)
    child, event = listed_for_a_reason(home, today, week)[-1]
    before, behind = touched.by_child(home, child), touched.by_event(home, event)
    assert week in {each.week for each in before.lists}
    assert today in {each.as_of for each in before.scores}
    assert any(each.by_reason and each.week == week for each in behind.lists)
    done = erase(home, str(child), basis="asked")
    assert (done.already, done.found) == (False, [])
    assert touched.by_child(home, child) == before
    assert touched.by_event(home, event) == behind
    assert child not in {row.child_id for row in make_lists(home, week).rows}


def test_a_child_page_says_in_words_how_it_stands_and_links_only_what_it_shows(home: Home) -> None:
    today = home.clock().astimezone(SHANGHAI).date()
    rows = home.warehouse.query(
        "SELECT child_id, score, arrayFlatten(evidence) FROM scores WHERE as_of = {d:Date}"
        " AND notEmpty(arrayFlatten(evidence)) ORDER BY score DESC, toString(child_id) LIMIT 1",
        {"d": today},
    ).result_rows
    child, score, evidence = rows[0]
    positions = home.warehouse.query(
        "SELECT position FROM timeline WHERE child_id = {c:UUID}", {"c": child}
    ).result_rows
    everything = {row[0] for row in positions}
    found = standing(home.warehouse, child, today, everything)
    assert found is not None
    assert found.band is Band.FIRST
    assert found.whys
    assert all(each.text and str(score) not in each.text for each in found.whys)
    linked = {link.position for why in found.whys for link in why.links}
    assert 0 < len(linked) <= len(evidence)
    hidden = standing(home.warehouse, child, today, set())
    assert hidden is not None
    assert all(why.links == [] for why in hidden.whys)


def test_a_proposal_becomes_a_plan_only_when_a_person_accepts_it(home: Home) -> None:
    today = home.clock().astimezone(SHANGHAI).date()
    plans, needs = events(home, "care_plan.adopted.v1"), events(home, "need.matched.v1")
    chosen = matching.proposals(home.warehouse, today)[0]
    measures = list(dict.fromkeys(need.offer.measure for need in chosen.needs))
    with pytest.raises(WrongUsageError):
        matching.accept(home, chosen.child_id, measures, responsible="D-1", by=" ")
    assert len(events(home, "care_plan.adopted.v1")) == len(plans)
    matching.accept(home, chosen.child_id, measures, responsible="D-1", by="county-1")
    adopted = events(home, "care_plan.adopted.v1")
    assert len(adopted) == len(plans) + 1
    assert adopted[-1]["responsible_person"] == "D-1"
    matched = [each["need"] for each in events(home, "need.matched.v1")[len(needs) :]]
    assert matched == adopted[-1]["measures"]
    after = {each.child_id for each in matching.proposals(home.warehouse, today)}
    assert chosen.child_id not in after


def test_every_change_of_a_place_is_attributed(home: Home) -> None:
    """Without a model first, then with one: what the model moved is said to be the model's."""
    today = home.clock().astimezone(SHANGHAI).date()
    village, week = home.warehouse.query(
        "SELECT village_code, week FROM visit_list WHERE score IS NOT NULL"
        " GROUP BY 1, 2 ORDER BY countIf(duty = 'none') DESC, 1, 2 LIMIT 1"
    ).result_rows[0]
    later = next_week(today + timedelta(days=14))
    make_lists(home, later, village)
    found = list_changes(home, village, week, later)
    lists = home.warehouse.query(
        "SELECT worker_id, child_id FROM visit_list"
        " WHERE village_code = {v:String} AND week IN {w:Array(String)}"
        " GROUP BY worker_id, child_id"
        " HAVING uniqExact(rank) > 1 OR uniqExact(week) = 1 OR uniqExact(task) > 1",
        {"v": village, "w": [week, later]},
    ).result_rows
    changed = {(worker, each.child_id) for worker, own in found.items() for each in own}
    assert changed == set(lists)
    for own in found.values():
        causes = {each.cause for each in own}
        assert causes != {Cause.OTHERS}
        assert all(each.event_ids for each in own if each.cause is Cause.EVENT)


def test_a_model_of_another_question_orders_no_list(home: Home, card: Card) -> None:
    """It is approved last, and scores when it is named; lists, pages and monitoring pass it by."""
    score_children(home, AS_OF)
    before = make_lists(home, "2026-W12", keep=False)
    folder = home.settings.models_path
    model, _ = model_file.load(folder, card.model_id, card.file_sha256)
    other = msgspec.structs.replace(
        card, model_id="dropout", question="dropout_120", file_sha256="", approval=None
    )
    model_file.save(folder, model, other)
    approving.approve(home, "dropout", "county-1")
    try:
        assert events(home, "model.approved.v1")[-1]["question"] == "dropout_120"
        assert approved_models(home.warehouse)[0].model_id == "dropout"
        assert score_children(home, AS_OF, "dropout").new > 0
        assert score_children(home, AS_OF).model_id == card.model_id
        after = make_lists(home, "2026-W12", keep=False)
        assert (after.model_id, after.rows) == (card.model_id, before.rows)
        watched = monitoring.measured(home.warehouse, home.settings, AS_OF)
        assert "dropout" not in {each.model_id for each in watched.readings}
        approving.retire(home, "county-1", "stop", card.model_id)
        assert make_lists(home, "2026-W12", keep=False).model_id == ""
        with pytest.raises(NotApprovedError, match="serious_problem_90"):
            score_children(home, AS_OF)
    finally:
        approving.retire(home, "county-1", "stop", "dropout")
        approving.approve(home, card.model_id, "county-2", days=30)


def test_the_kill_switch_puts_the_lists_back_to_duty_at_once(home: Home, card: Card) -> None:
    today = home.clock().astimezone(SHANGHAI).date()
    week = next_week(today)
    score_children(home, today)
    assert make_lists(home, week).model_id == card.model_id
    risky = home.warehouse.query(
        "SELECT count() FROM visit_list WHERE week = {w:String} AND score IS NOT NULL", {"w": week}
    ).result_rows[0][0]
    assert risky > 0
    done = approving.retire(home, "county-1", "stop")
    assert done.models == [card.model_id]
    assert week in done.weeks
    assert approved_models(home.warehouse) == []
    left = home.warehouse.query(
        "SELECT countIf(score IS NOT NULL OR duty = 'none'), count() FROM visit_list"
        " WHERE week = {w:String}",
        {"w": week},
    ).result_rows[0]
    assert left[0] == 0
    assert left[1] > 0
    with pytest.raises(NotApprovedError):
        score_children(home, AS_OF)
    with pytest.raises(NotApprovedError):
        approving.retire(home, "county-1", "stop", card.model_id)
    retired = events(home, "model.retired.v1")[-1]
    assert (retired["reason"], retired["retired_by"]) == ("stop", "county-1")


def test_another_machine_gives_the_same_bytes(
    home: Home, card: Card, log: Path, tmp_path: Path
) -> None:
    """The same log, taken in at another time and in other batches, and the same model."""
    path = tmp_path / "scores.jsonl"
    models = home.settings.models_path

    def written(where: Home, *, keep: bool) -> bytes:
        with path.open("wb") as file:
            score_children(where, AS_OF, card.model_id, keep=keep, tell=lambda s: write(file, s))
        return path.read_bytes()

    ours = written(home, keep=False)
    home.close()  # one process opens one ClickHouse directory at a time
    folder = taken_in(log, tmp_path / "other")
    shutil.copytree(models, folder / "models")
    later = Clock()
    later.ahead = timedelta(days=40)
    with Home(Settings(folder), later) as other:
        other.catch_up()
        approving.approve(other, card.model_id, "elsewhere")
        theirs = written(other, keep=True)
    assert ours == theirs
    assert ours.count(b"\n") > 100
