"""A user of one place sees its rows and no others, however it is asked."""

# ruff: noqa: E501 - tables of statements

from __future__ import annotations

from typing import Any

import pytest

ELSEWHERE = "5201"

ESCAPES = """
SELECT * FROM visits
SELECT * FROM shouhe.visits
SELECT * FROM `shouhe`.`visits` AS events
SELECT groupUniqArray(village_code) FROM visits
SELECT * FROM visits WHERE village_code LIKE '5201%' OR 1
SELECT * FROM visits PREWHERE 1
SELECT * FROM (SELECT * FROM visits)
WITH visits AS (SELECT * FROM visits) SELECT * FROM visits
WITH visits AS (SELECT * FROM shouhe.visits) SELECT * FROM visits
SELECT * FROM (SELECT 1 AS one) AS visits, shouhe.visits AS v
SELECT (SELECT groupArray(village_code) FROM visits)
SELECT * FROM visits AS a FULL JOIN visits AS b ON a.child_id = b.child_id
SELECT * FROM visits ARRAY JOIN [1, 2] AS x
SELECT 1 UNION ALL SELECT child_id FROM visits WHERE startsWith(village_code, '5201') UNION ALL SELECT toUInt64(substring(min(village_code), 1, 6)) FROM visits
SELECT * FROM visits_as_of(as_of = '2026-12-31')
SELECT * FROM shouhe.visits_as_of(as_of = '2026-12-31') AS duties
SELECT * FROM duties
SELECT * FROM duties_as_of(as_of = '2026-12-31')
SELECT * FROM duties AS d INNER JOIN visits AS v USING child_id
SELECT * FROM duties AS d INNER JOIN visits_as_of(as_of = '2026-12-31') AS v USING child_id
SELECT * FROM view(SELECT * FROM visits)
SELECT * FROM events
SELECT village_code, village_code IN (SELECT village_code FROM visits) FROM visits
SELECT * APPLY(toString) FROM visits
SELECT * FROM visits ORDER BY day LIMIT (SELECT count() FROM visits WHERE village_code LIKE '5201%') + 1
SELECT * FROM visits__0123abcd_1
SELECT * FROM shouhe.visits__0123abcd_1
SELECT * FROM `shouhe`.`visits__0123abcd_1`
SELECT * FROM guardians
SELECT * FROM guardians AS visits
SELECT 1 IN guardians
SELECT child_id IN shouhe.guardians FROM visits
SELECT in((1, 'good'), guardians)
WITH guardians AS (SELECT 1) SELECT * FROM shouhe.guardians
SELECT * FROM (WITH guardians AS (SELECT 1) SELECT * FROM guardians), guardians
SELECT * FROM merge('shouhe', 'visits')
SELECT * FROM merge('visits.*')
SELECT * FROM remote('127.0.0.1', 'shouhe', 'visits')
SELECT * FROM loop(visits)
SELECT * FROM visits SETTINGS additional_table_filters = {}
SELECT * FROM (SELECT * FROM visits SETTINGS additional_table_filters = {})
SELECT * FROM visits SETTINGS additional_table_filters = {'shouhe.visits': '1'}
SELECT * FROM {t:Identifier}
SELECT * FROM shouhe.{t:Identifier}
SELECT * FROM system.parts
EXPLAIN ESTIMATE SELECT * FROM visits
""".strip().splitlines()


@pytest.mark.parametrize("query", ESCAPES)
def test_no_row_of_elsewhere_is_seen(served: Any, query: str) -> None:
    with served.http("bijie") as http:
        answer = http.post("/", params={"param_t": "visits__0123abcd_1"}, content=query)
    assert answer.headers.get("x-clickhouse-exception-code") != "1002"
    assert ELSEWHERE not in answer.text.replace(query, "")
    assert "good" not in answer.text.replace("'good'", "")
    assert answer.status_code != 200 or "520526" in answer.text


def test_the_tables_of_a_place_are_read_as_by_everyone(bijie: Any, analyst: Any) -> None:
    query = "SELECT child_id, day, village_code FROM visits ORDER BY child_id, day"
    everything = analyst.query(query).result_rows
    assert len(everything) == 6
    assert bijie.query(query).result_rows == [r for r in everything if r[2].startswith("5205")]
    assert bijie.command("SELECT count() FROM events") == 50


def test_a_view_made_of_others_is_computed_of_everything_and_then_kept_to_the_place(
    bijie: Any, analyst: Any
) -> None:
    """Child 4 moved in: what was done for it elsewhere counts. Child 1 moved out: it is gone only
    where it lives now."""
    query = "SELECT child_id, times FROM duties ORDER BY child_id"
    assert analyst.query(query).result_rows == [(1, 2), (2, 1), (3, 1), (4, 2)]
    assert bijie.query(query).result_rows == [(3, 1), (4, 2)]
    as_of = "SELECT child_id, times FROM duties_as_of(as_of = '2026-01-31') ORDER BY child_id"
    assert bijie.query(as_of).result_rows == [(1, 1), (3, 1)]


def test_a_user_of_a_place_reads_of_no_report_and_of_no_temporary_guardianship(bijie: Any) -> None:
    assert bijie.query("SELECT kind FROM cases").result_rows == [("dropout",)]
    told = bijie.query("SELECT rule FROM obligations ORDER BY rule").result_rows
    assert told == [("T2.6",), ("T6.1",)]  # what a place owes is no secret
    assert bijie.query("SELECT type FROM timeline").result_rows == [("visit.completed.v1",)]


def test_a_table_without_a_place_is_refused_by_name(served: Any) -> None:
    with served.http("bijie") as http:
        answer = http.post("/", content="SELECT count() FROM guardians")
    assert answer.headers["x-clickhouse-exception-code"] == "497"
    assert "guardians has no place" in answer.text


def test_only_what_may_be_read_is_listed(bijie: Any) -> None:
    listed = bijie.query("SELECT name FROM system.tables WHERE database = 'shouhe' ORDER BY name")
    assert [row[0] for row in listed.result_rows] == [
        "cases", "duties", "duties_as_of", "events", "obligations", "timeline", "visits",
        "visits_as_of",
    ]  # fmt: skip
    columns = "SELECT DISTINCT table FROM system.columns WHERE table LIKE '%guard%'"
    assert bijie.query(columns).result_rows == []


@pytest.mark.parametrize("setting", ["additional_table_filters", "additional_result_filter"])
def test_the_filter_cannot_be_sent_away(served: Any, setting: str) -> None:
    with served.http("bijie") as http:
        answer = http.post("/", params={setting: "{}"}, content="SELECT * FROM visits")
    assert answer.headers["x-clickhouse-exception-code"] == "164"
