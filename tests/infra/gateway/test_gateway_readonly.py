"""An analyst reads the database and nothing else, however it is asked."""

# ruff: noqa: E501 - tables of statements

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

CONTENT = "nobody-may-read-this"

EVASIONS = r"""
INSERT INTO events (offset) VALUES (1)
INSERT INTO events (offset) SELECT 1
WITH x AS (SELECT 1) INSERT INTO events (offset) SELECT * FROM x
/**/iNsErT/**/into events format TSV 1
CREATE TABLE x (a Int8) ENGINE = Memory
CREATE TEMPORARY TABLE x (a Int8)
CREATE VIEW x AS SELECT 1
CREATE FUNCTION f AS x -> x
CREATE USER u IDENTIFIED BY 'x'
GRANT ALL ON *.* TO default
DROP TABLE events
-- a comment\nDROP TABLE events
TRUNCATE TABLE events
DELETE FROM events WHERE 1
ALTER TABLE events DELETE WHERE 1
OPTIMIZE TABLE events FINAL
RENAME TABLE events TO x
EXCHANGE TABLES events AND visits
SYSTEM STOP MERGES
SYSTEM RELOAD CONFIG
sYsTeM/*x*/shutdown
KILL QUERY WHERE 1
KILL MUTATION WHERE 1
SET readonly = 0
SET max_result_rows = 0
USE default
BACKUP TABLE events TO File('x')
ATTACH TABLE x
DETACH TABLE events
CHECK TABLE events
SHOW PROCESSLIST
SHOW GRANTS
SHOW USERS
SHOW CREATE TABLE default.x
SELECT 1; DROP TABLE events
SELECT 1;;DROP TABLE events
SELECT 1 PARALLEL WITH DROP TABLE events
SELECT 1 INTO OUTFILE '{out}'
SELECT 1 into/**/outfile '{out}' FORMAT TSV
EXPLAIN AST SELECT 1 INTO OUTFILE '{out}'
EXPLAIN TABLE OVERRIDE mysql('a', 'b', 'c', 'd', 'e')
SELECT * FROM file('{secret}', 'LineAsString')
SELECT * FROM `file`('{secret}', 'LineAsString')
SELECT * FROM FiLe/**/('{secret}', LineAsString)
SELECT * FROM \u00a0file('{secret}', 'LineAsString')
SELECT file('{secret}')
SELECT FILE('{secret}')
SELECT `file`('{secret}')
SELECT "fi\x6ce"('{secret}')
SELECT arrayMap(file, ['{secret}'])
SELECT arrayMap(x -> file(x), ['{secret}'])
SELECT * APPLY(file) FROM (SELECT '{secret}')
SELECT * APPLY(x -> file(x)) FROM (SELECT '{secret}')
SELECT COLUMNS('x') REPLACE (file('{secret}') AS x) FROM (SELECT 1 AS x)
SELECT 1 IN file('{secret}', 'LineAsString')
SELECT (SELECT * FROM file('{secret}', 'LineAsString'))
WITH x AS (SELECT * FROM file('{secret}', 'LineAsString')) SELECT * FROM x
WITH file('{secret}') AS x SELECT x
SELECT 1 ORDER BY 1 WITH FILL INTERPOLATE (x AS file('{secret}'))
SELECT 1 AS a LIMIT (SELECT length(file('{secret}')))
SELECT * FROM view(SELECT * FROM file('{secret}', 'LineAsString'))
SELECT * FROM `{secret}`
SELECT * FROM default.`{secret}`
SELECT * FROM "default"."{secret}"
SELECT 'x' IN default.`{secret}`
SELECT in('x', default.`{secret}`)
DESCRIBE file('{secret}')
DESCRIBE TABLE default.`{secret}`
EXISTS TABLE default.`{secret}`
SHOW TABLES FROM default
EXPLAIN SELECT * FROM file('{secret}', 'LineAsString')
SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')
SELECT * FROM s3('http://127.0.0.1:1/b/c', 'TSV')
SELECT * FROM remote('127.0.0.1', 'shouhe.events')
SELECT * FROM cluster('default', 'shouhe.events')
SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')
SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')
SELECT * FROM sqlite('{secret}', 'x')
SELECT * FROM executable('x', 'TSV', 'a Int8')
SELECT * FROM Python(httpx)
SELECT * FROM python(httpx)
SELECT * FROM eval('SELECT 1')
SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))
SELECT * FROM filesystem('/')
SELECT * FROM merge('shouhe', '.*')
SELECT * FROM merge('.*', '.*')
SELECT * FROM loop('shouhe', 'events')
SELECT * FROM dictionary('x')
SELECT * FROM mergeTreeIndex('shouhe', 'events')
SELECT * FROM format(LineAsString, 'x')
SELECT dictGet('x', 'y', 1)
SELECT joinGet('x', 'y', 1)
SELECT hasColumnInTable('127.0.0.1:1', 'u', 'p', 'd', 't', 'c')
SELECT getClientHTTPHeader('authorization')
SELECT aiGenerate('x')
SELECT sleep(3)
SELECT * FROM system.processes
SELECT * FROM system.users
SELECT * FROM system.named_collections
SELECT * FROM `system`.`processes`
SELECT * FROM system . processes
SELECT 1 IN system.processes
SELECT count() FROM system.parts
SELECT * FROM INFORMATION_SCHEMA.x, system.server_settings
SELECT 1 SETTINGS max_result_rows = 0
SELECT 1 SETTINGS readonly = 0, max_execution_time = 0
SELECT * FROM (SELECT 1 SETTINGS max_threads = 1)
SELECT 1 UNION ALL SELECT 2 SETTINGS readonly = 0
SELECT (SELECT 1 SETTINGS readonly = 0)
EXPLAIN indexes = 1 SELECT 1
BEGIN TRANSACTION
""".strip().splitlines()

HONEST = r"""
SELECT count() FROM visits
SELECT * FROM shouhe.visits AS v INNER JOIN `guardians` USING child_id
WITH x AS (SELECT * FROM visits) SELECT count() FROM x WHERE child_id IN (SELECT child_id FROM guardians)
SELECT * FROM visits_as_of(as_of = '2026-01-31')
SELECT * FROM shouhe.duties_as_of(as_of = '2026-01-31')
SELECT 'file(''/etc/passwd''); DROP TABLE events -- ''' AS text, '\n' AS line
SELECT * EXCEPT (place) FROM visits ORDER BY day LIMIT 1 BY child_id
SELECT child_id, count() OVER (PARTITION BY child_id ORDER BY day) FROM visits
SELECT * APPLY(toString) FROM visits
SELECT arrayMap(x -> x + 1, [1, 2]), (1, 'a').2, map('a', 1)['a'], CAST('[1]' AS Array(Nullable(Int8)))
SELECT number FROM numbers(3) UNION ALL (SELECT 1 INTERSECT SELECT 2)
SELECT toStartOfInterval(day, INTERVAL 1 MONTH) AS m, count() FROM visits GROUP BY GROUPING SETS ((m), ()) HAVING 1
SELECT day, count() AS n FROM visits GROUP BY day ORDER BY day WITH FILL INTERPOLATE (n AS n + 1)
(SELECT 1) UNION DISTINCT (SELECT 2) -- and a comment;
DESCRIBE TABLE visits
SHOW TABLES
SHOW CREATE VIEW visits
SHOW COLUMNS FROM visits
EXISTS TABLE visits
EXPLAIN SELECT * FROM visits
SELECT name FROM system.columns WHERE database = 'shouhe' AND table = 'visits'
SELECT table_name FROM information_schema.tables
SELECT 1 FORMAT JSON
select 1;
""".strip().splitlines()


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secret") / "secret.txt"
    path.write_text(CONTENT)
    return path


@pytest.mark.parametrize("query", EVASIONS)
def test_an_evasion_is_refused_with_a_code(
    served: Any, secret: Path, tmp_path: Path, query: str
) -> None:
    out = tmp_path / "out.txt"
    sql = (
        query.replace("\\n", "\n")
        .replace("\\u00a0", "\u00a0")
        .replace("{secret}", str(secret))
        .replace("{out}", str(out))
    )
    with served.http("analyst") as http:
        answer = http.post("/", content=sql)
    assert answer.status_code >= 400, answer.text
    assert int(answer.headers["x-clickhouse-exception-code"]) not in (1002, 1001), answer.text
    assert "(" in answer.text
    assert CONTENT not in answer.text
    assert not out.exists()


def test_nothing_was_changed_by_any_of_them(served: Any, admin: Any) -> None:
    assert admin.command("SELECT count() FROM events") == 100
    assert "x" not in admin.command("SHOW TABLES")


@pytest.mark.parametrize("query", HONEST)
def test_what_analysts_ask_is_answered(served: Any, query: str) -> None:
    with served.http("analyst") as http:
        answer = http.post("/", content=query)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "params",
    [
        {"readonly": "0", "query": "INSERT INTO events (offset) VALUES (1)"},
        {"query": "INSERT INTO events (offset) FORMAT TSV"},
        {"additional_table_filters": "{}"},
        {"max_result_rows": "0"},
        {"max_result_rows": "99999999999"},
        {"max_execution_time": "0"},
        {"max_memory_usage": "0"},
        {"allow_ddl": "1"},
        {"dialect": "prql"},
        {"format_schema": "x"},
        {"format_template_resultset": "/etc/passwd"},
        {"output_format_schema": "x"},
        {"no_such_setting": "1"},
        {"database": "default"} | {"query": "SELECT * FROM `/etc/hostname`"},
        {"database": "system", "query": "SELECT * FROM processes"},
        {"param_t": "processes", "query": "SELECT * FROM system.{t:Identifier}"},
        {"param_d": "system", "param_t": "users", "query": "SELECT * FROM {d:Identifier}.{t:Identifier}"},
        {"param_t": "x'; DROP TABLE events; --", "query": "SELECT * FROM {t:Identifier}"},
        {"param_q": "1 SETTINGS readonly = 0", "query": "SELECT * FROM {q:Identifier}"},
    ],
)  # fmt: skip
def test_a_request_cannot_loosen_what_holds(served: Any, params: dict[str, str]) -> None:
    with served.http("analyst") as http:
        answer = http.post("/", params={"query": "SELECT 1", **params}, content="1\n")
    assert answer.status_code >= 400, answer.text
    assert int(answer.headers["x-clickhouse-exception-code"]) != 1002, answer.text


def test_a_request_may_tighten_and_shape(analyst: Any) -> None:
    settings = {
        "max_result_rows": 5,
        "max_threads": 1,
        "output_format_json_quote_64bit_integers": 1,
    }
    assert analyst.query("SELECT 1", settings=settings).result_rows == [(1,)]
    with pytest.raises(DatabaseError) as failed:
        analyst.query("SELECT number FROM numbers(6)", settings=settings)
    assert failed.value.code == 396


def test_a_get_changes_nothing_even_for_the_admin(served: Any) -> None:
    with served.http("admin") as http:
        for query in ("DROP TABLE events", "INSERT INTO events (offset) VALUES (1)"):
            answer = http.get("/", params={"query": query})
            assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (
                403,
                "164",
            )
        assert http.get("/", params={"query": "SELECT 1"}).text == "1\n"


def test_a_session_says_that_it_keeps_nothing(served: Any) -> None:
    with served.http("admin") as http:
        for query in ("SET max_threads = 1", "CREATE TEMPORARY TABLE x (a Int8)", "USE default"):
            answer = http.post("/", params={"session_id": "s"}, content=query)
            assert answer.status_code == 501
            assert "a session keeps nothing" in answer.text


def test_without_a_password_nothing_is_told(served: Any) -> None:
    answer = httpx.post(f"http://127.0.0.1:{served.port}/", content="SELECT 1")
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (401, "516")
    assert "Basic" in answer.headers["www-authenticate"]
