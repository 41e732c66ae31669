"""`python -m bench.side_by_side`: our features beside an existing toolkit's, on the same events.

The toolkit is featuretools (deep feature synthesis), in an environment of its own that `uv` makes;
it is no dependency. Both get the same facts of the same county, the same as-of dates, labels, split
with embargo and model (boosted trees averaged over seeds); what differs is the features. The
toolkit knows one time of a fact: it is given the time of recording, so that it can't see what was
not known.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.ensemble import HistGradientBoostingClassifier

from infra.console import table
from infra.home import Home
from infra.settings import Settings
from risk.averaging import SeedAverage
from risk.capacity import Mask, reached
from risk.counting import Draws, Interval, Places, interval, per_hundred
from risk.judging import areas
from risk.labels import EPOCH, answered
from risk.matrix import Matrix, Scores, fetch
from risk.questions import SERIOUS_PROBLEM, end_of
from risk.splits import Split, forward
from risk.training import matured_days
from simulation.county import simulate

SEED = 11
START, UNTIL = date(2024, 1, 5), date(2026, 3, 16)
TOOLKIT = ("featuretools==1.31.0", "pandas<3", "pyarrow", "setuptools<81")
"""Its woodwork asks for pkg_resources, which later setuptools no longer have."""

FACTS = {
    "children": "SELECT toString(child_id) AS child, min(recorded_at) AS known,"
    " toDateTime(any(birth_month)) AS born, any(village_code) AS village FROM children_history"
    " WHERE type = 'child.registered.v1' GROUP BY child_id",
    "visits": "SELECT toString(child_id) AS child, recorded_at AS known,"
    " length(concerns) AS concerns, child_seen = 1 AS child_seen, spoken_alone = 1 AS alone,"
    " countEqual([living, guardianship, schooling, health, psychology, safety], 'unsafe') AS unsafe"
    " FROM visits_history",
    "contacts": "SELECT toString(child_id) AS child, recorded_at AS known,"
    " channel = 'in_person' AS in_person FROM contacts_history",
    "calls": "SELECT toString(child_id) AS child, recorded_at AS known,"
    " parent = 'mother' AS of_mother FROM parent_contacts_history WHERE leg = 'child'",
    "problems": "SELECT toString(child_id) AS child, recorded_at AS known,"
    " severity != 'minor' AS serious, found_by = 'school' AS by_school FROM problems_history"
    " WHERE type = 'problem.found.v1'",
}
"""What the toolkit is given, as tables of a parent and its facts."""


def main() -> int:
    """Make a county, features in two ways, and judge both."""
    parser = argparse.ArgumentParser(prog="bench.side_by_side", description=__doc__)
    parser.add_argument("--children", type=int, default=1000)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="shouhe-side-") as name:
        folder = Path(name)
        with Home(Settings(folder / "home")) as home:
            lines = simulate(children=given.children, start=START, until=UNTIL, seed=SEED)
            home.intake.submit(list(lines))
            home.catch_up()
            client = home.warehouse
            days = matured_days(client, SERIOUS_PROBLEM, UNTIL)
            ours, told = _ours(client, days)
            theirs, said = _theirs(client, ours, folder)
            split = forward(days, SERIOUS_PROBLEM)
            rows = [
                _row("ours", ours, split, client, told),
                _row(f"featuretools {said['version']}", theirs, split, client, said),
            ]
    table(
        f"{given.children} children, {len(days)} as-of dates ({len(ours):,} rows), the same model;"
        f" judged on {len(split.judge)} dates",
        ("features", "how many", "seconds", "CPU s", "found per 100", "95 %", "AUC", "AP"),
        rows,
    )
    return 0


def _ours(client: Any, days: Sequence[date]) -> tuple[Matrix, dict[str, Any]]:
    begun, used = time.perf_counter(), time.process_time()
    matrix = fetch(client, days)
    told = {
        "features": matrix.values.shape[1],
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - used,
    }
    return answered(client, matrix, SERIOUS_PROBLEM, UNTIL), told


def _theirs(client: Any, matrix: Matrix, folder: Path) -> tuple[Matrix, dict[str, Any]]:
    """The same rows with the toolkit's values. What was corrected later is left in: it is told of
    a fact once.
    """
    for name, sql in FACTS.items():
        facts = pa.Table.from_batches(client.query_arrow(sql, use_strings=True).to_batches())
        pq.write_table(_plain(facts), folder / f"{name}.parquet")
    times = [_last_moment(day) for day in matrix.as_of.tolist()]
    children = [str(each) for each in matrix.text("child")]
    cutoffs = pa.table({"child": children, "time": pa.array(times, pa.timestamp("us"))})
    pq.write_table(cutoffs, folder / "cutoffs.parquet")
    script = Path(__file__).with_name("toolkit_features.py")
    wants = [word for each in TOOLKIT for word in ("--with", each)]
    command = ["uv", "run", "--no-project", "--quiet", *wants, "python", str(script), str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    made = pq.read_table(folder / "features.parquet")
    place = {key: row for row, key in enumerate(zip(made["child"].to_pylist(),
             made["time"].cast(pa.timestamp("us")).to_pylist(), strict=True))}  # fmt: skip
    order = np.array([place[key] for key in zip(children, times, strict=True)])
    names = [name for name in made.column_names if name not in ("child", "time")]
    values = np.column_stack([made[name].to_numpy()[order] for name in names]).astype(np.float32)
    return replace(matrix, values=values), json.loads(done.stdout)


def _plain(facts: pa.Table) -> pa.Table:
    """Times without a zone, in UTC, as the toolkit wants them."""
    for number, field in enumerate(facts.schema):
        if pa.types.is_timestamp(field.type):
            whole = facts[field.name].cast(pa.timestamp("us"))
            facts = facts.set_column(number, field.name, whole)
        elif field.name in ("child_seen", "alone", "in_person", "of_mother", "serious",
                            "by_school"):  # fmt: skip
            facts = facts.set_column(number, field.name, facts[field.name].cast(pa.bool_()))
    return facts


def _last_moment(number: int) -> datetime:
    """Of a Shanghai day, counted since 1970; in UTC without a zone."""
    end = end_of(EPOCH + timedelta(days=number)).astimezone(UTC).replace(tzinfo=None)
    return end - timedelta(microseconds=1)


def _row(
    name: str, matrix: Matrix, split: Split, client: Any, told: dict[str, Any]
) -> tuple[object, ...]:
    learned, held = matrix.on(split.learn).labelled(), matrix.on(split.judge)
    trees = HistGradientBoostingClassifier(
        learning_rate=0.06, max_iter=80, max_bins=31, max_depth=3, min_samples_leaf=60,
        l2_regularization=5.0, max_features=0.3, early_stopping=False,
    )  # fmt: skip
    model = SeedAverage(trees, members=4, share=1.0).fit(learned.values, learned.label)
    scores: Scores = model.predict_proba(held.values)[:, 1]
    found, within = _found(held, scores, client)
    auc, precision = areas(scores[held.seen], held.label[held.seen])
    return (
        name, told["features"], f"{told['seconds']:.1f}", f"{told['cpu']:.1f}", f"{found:.2f}",
        f"{within[0]:.2f}–{within[1]:.2f}", f"{auc or 0:.3f}", f"{precision or 0:.3f}",
    )  # fmt: skip


def _found(held: Matrix, scores: Scores, client: Any) -> tuple[float, Interval]:
    """Found per 100 visits within the directors' hours, and where 95 of 100 draws lie."""
    chosen: Mask = np.zeros(len(held), np.bool_)
    for number in np.unique(held.as_of):
        rows, day = held.as_of == number, EPOCH + timedelta(days=int(number))
        visits = SERIOUS_PROBLEM.capacity.visits(client, day)
        chosen[rows] = reached(held.where(rows), scores[rows], visits, f"守禾 {day}")
    places = Places.of(held)
    seen = places.count(chosen & held.seen)
    found = places.count(chosen & held.seen & held.label.astype(np.bool_))
    draws = Draws(len(places.names))
    middle = per_hundred(found.sum(axis=0), seen.sum(axis=0))
    return float(middle), interval(per_hundred(draws.of(found), draws.of(seen)))


if __name__ == "__main__":
    sys.exit(main())
