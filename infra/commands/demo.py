"""`shouhe demo`: the whole road on a synthetic county, from nothing to one director's list."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec

from domain.errors import SettingsError
from domain.event import SHANGHAI
from infra.access import operator_address
from infra.approving import approve
from infra.commands.list_ import bands_of, show_lists
from infra.commands.train import show
from infra.console import DONE, note, out, progress
from infra.foresight import score_children, train_model
from infra.home import Home
from infra.settings import Settings, from_environment
from infra.truth_file import truth_order
from infra.visit_lists import Row, make_lists, next_week
from infra.warehouse import live_server
from risk.card import Card

COUNTY = "520526"
HISTORY = timedelta(days=800)
"""Two years and more, so that a forward split has a past to learn from."""


def demo(*, children: int = 5000, seed: int = 1) -> int:
    """Run the whole road on a synthetic county: simulate, import, project, train, score, list.

    Parameters
    ----------
    children
        How many children are on the county's ledger.
    seed
        The same seed gives the same county.
    """
    settings = from_environment()
    today = datetime.now(SHANGHAI).date()
    begun = time.monotonic()
    _begin_anew(settings, children, seed)
    files = settings.home / "demo"
    out(f"守禾 · 威宁县(模拟) {children} 名儿童,种子 {seed},数据在 {settings.home}")
    with _stage("模拟一个县 simulate"):
        _simulate(files, children, seed, today)
    with Home(settings) as home:
        with _stage("接收事件 import"), progress("import") as bar:
            counts = home.intake.import_file(files / "events.jsonl.zst", bar)
            note(f"  已接受 {counts.accepted},重复 {counts.duplicate},被拒绝 {counts.rejected}")
        with _stage("汇总台账 project"):
            home.catch_up()
        with _stage("训练并批准模型 train"):
            card = _train(home, today, files / "truth.jsonl")
        with _stage("评分 score"):
            note(f"  {score_children(home, today).scored} 名儿童")
        with _stage("排出清单 list"):
            lists = make_lists(home, next_week(today))
        out(f"\n共用时 {time.monotonic() - begun:.0f} 秒\n")
        show(card)
        _one_director(home, next_week(today), lists.rows)
        _mark(settings, children, seed, home.log.head())
    return DONE


@contextmanager
def _stage(label: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    out(f"✓ {label:<28} {time.monotonic() - begun:6.1f} s")


def _begin_anew(settings: Settings, children: int, seed: int) -> None:
    """A demo never mixes with a real log: it starts from nothing or from an earlier demo."""
    home, marker = settings.home, settings.home / "demo" / "demo.json"
    if settings.events_path.exists() and not marker.exists():
        message = (
            f"SHOUHE_HOME: {home} holds a log that is not a demo's; "
            "set SHOUHE_HOME to another directory"
        )
        raise SettingsError(message)
    if live_server(settings.serve_path) is not None:
        raise SettingsError(f"SHOUHE_HOME: a server runs on {home}; stop it first")
    if marker.exists() and (foreign := _foreign(settings, marker)):
        raise SettingsError(
            f"SHOUHE_HOME: {foreign} events of others came into {home} since its demo, and a new"
            " demo begins from nothing; set SHOUHE_HOME to another directory, or remove this one"
        )
    if marker.exists():
        _clear(settings)
    _mark(settings, children, seed, head=0)


def _mark(settings: Settings, children: int, seed: int, head: int) -> None:
    """What this directory is; `head`: the log's when the demo was done, 0 until then."""
    marker = settings.home / "demo" / "demo.json"
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.write_bytes(msgspec.json.encode({"children": children, "seed": seed, "head": head}))


def _foreign(settings: Settings, marker: Path) -> int:
    """Events since the demo that are neither its own nor made by this system on the way."""
    try:
        head = int(msgspec.json.decode(marker.read_bytes()).get("head", 0))
    except (ValueError, AttributeError):
        head = 0
    if not head or not settings.events_path.exists():
        return 0  # the demo itself was cut off
    with Home(settings) as home, home.log.store.reading() as cursor:
        (count,) = cursor.execute(
            "SELECT count(*) FROM stored_events WHERE rowid > ?"
            " AND json_extract(CAST(state AS TEXT), '$.source') NOT LIKE 'shouhe/%'",
            (head,),
        ).fetchone()
    return int(count)


def _clear(settings: Settings) -> None:
    for path in settings.home.iterdir():
        if path.is_dir() and path.name in {"clickhouse", "models", "demo"}:
            shutil.rmtree(path)
        elif path.name.startswith(("events.sqlite", "keys.sqlite", "master.key")):
            path.unlink()


def _simulate(files: Path, children: int, seed: int, today: date) -> None:
    from infra.commands.simulate import simulate  # noqa: PLC0415 - heavy, needed here alone

    simulate(
        str(files / "events.jsonl.zst"),
        county=COUNTY,
        children=children,
        from_=today - HISTORY,
        until=today,
        seed=seed,
        truth=str(files / "truth.jsonl"),
    )


def _train(home: Home, today: date, truth: Path) -> Card:
    """A demo approves its own model; in service a person does, after reading its card."""
    card = train_model(home, today, truth=truth_order(truth), tell=note)
    return approve(home, card.model_id, "demo")


def _one_director(home: Home, week: str, rows: list[Row]) -> None:
    """The list that shows most: several kinds of duty, and children whom only risk brings up."""
    lists: dict[str, list[Row]] = {}
    for row in rows:
        lists.setdefault(row.worker_id, []).append(row)
    shown = max(lists.values(), key=lambda each: (len({row.duty for row in each}), len(each)))
    out("")
    show_lists(week, shown, bands_of(home, week, shown))
    village = shown[0].village_code
    page = f"/villages/{village}?week={week}"
    address = operator_address(home.keys, home.clock(), "http://127.0.0.1:8080", page)
    out(f"同一张清单的网页:先运行 make serve,再打开(12 小时内有效)\n{address}")
