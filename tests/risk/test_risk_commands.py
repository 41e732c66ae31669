"""`shouhe train`, `score` and `list` as they are called: JSON keys, CSV, exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from infra.cli import run

AS_OF = "2026-03-15"
pytestmark = pytest.mark.usefixtures("few_trees")


@pytest.fixture
def shouhe(
    county: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    monkeypatch.setenv("SHOUHE_HOME", str(county))

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_train_score_and_list_speak_json(shouhe: Any) -> None:
    code, out, _ = shouhe("train", "--as-of", AS_OF, "--approve", "county-1", "--json")
    card = json.loads(out)
    assert code == 0
    assert card["approved"] is True
    assert {each["name"] for each in card["figures"]["rankings"]} == {
        "model", "statutory", "points", "points_on_paper", "points_history", "random",
    }  # fmt: skip

    code, out, _ = shouhe("score", "--as-of", AS_OF, "--json")
    counts = json.loads(out)
    assert (code, counts["model_id"], counts["as_of"]) == (0, card["model_id"], AS_OF)
    assert counts["scored"] > 0
    assert counts["log_position"] > 0

    code, out, _ = shouhe("list", "--week", "2026-W12", "--json")
    rows = json.loads(out)
    assert code == 0
    keys = ["village_code", "worker_id", "child_id", "rank", "duty", "score", "reasons",
            "listed_for", "propensity", "model_id", "tied", "task", "raised_for"]  # fmt: skip
    assert all(list(row) == keys for row in rows)

    code, out, _ = shouhe("list", "--week", "2026-W12", "--csv")
    assert [row["child_id"] for row in csv.DictReader(io.StringIO(out))] == [
        row["child_id"] for row in rows
    ]
    assert list(csv.DictReader(io.StringIO(out)).fieldnames or []) == keys

    village = rows[0]["village_code"]
    code, out, _ = shouhe("list", "--week", "2026-W12", "--village", village)
    assert "走访清单" in out
    assert rows[0]["child_id"][:8] in out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("list", "--week", "2026-W60"), 2, "2026-W60"),
        (("list", "--week", "2026-W12", "--village", "庄"), 2, "庄"),
        (("train", "--as-of", "2024-02-01"), 1, "as-of"),
        (("train", "--as-of", "someday"), 2, "someday"),
        (("train", "--as-of", AS_OF, "--truth", "/none/truth.jsonl"), 1, "/none/truth.jsonl"),
        (("score", "--as-of", AS_OF, "--model", "no-such"), 1, "no-such"),
    ],
)
def test_mistakes_are_one_line(
    shouhe: Any, arguments: tuple[str, ...], code: int, said: str
) -> None:
    found, out, err = shouhe(*arguments)
    assert (found, out) == (code, "")
    assert said in err
    assert err.strip().count("\n") == 0
