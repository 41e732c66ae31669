"""The engine: live equals rebuilt, swaps are whole, repeats change nothing, poison is set aside."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.definition import DefinitionError, load, parse
from projections.engine import Engine, Target
from projections.stretch import Span
from projections.verify import verify

FRESH = True

POSITIONS = """-- One row per visit, strictly read.
-- from: visit.completed.v1
-- table
CREATE TABLE {table} (minutes UInt8 COMMENT 'how long', {envelope})
ENGINE = MergeTree ORDER BY position
-- select
SELECT %s AS minutes, {envelope} FROM {events}
-- view strict
SELECT child_id, minutes, position FROM {facts}
"""
LENIENT = "JSONExtract(data, 'minutes', 'UInt8')"


def live_equals_rebuilt(house_maker: Any, helpers: Any, seed: int, cuts: list[int]) -> None:
    random = helpers.dice(seed)
    with house_maker(span=100) as house:
        for count in [*cuts, 100]:
            helpers.live_on(house.log, random, count)
            house.catch_up()
        live = house.contents()
        head = house.log.head()
        assert set(house.engine.rebuild().values()) == {head}
        assert house.contents() == live
        assert verify(house.log, house.client, head).first == []


def test_live_in_steps_equals_rebuilt(house_maker: Any, helpers: Any) -> None:
    live_equals_rebuilt(house_maker, helpers, 1, [7, 110])


@pytest.mark.long
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(1, 120), max_size=3))
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_live_in_any_steps_equals_rebuilt(
    house_maker: Any, helpers: Any, seed: int, cuts: list[int]
) -> None:
    live_equals_rebuilt(house_maker, helpers, seed, cuts)


def test_every_column_of_every_table_and_view_has_a_comment(house: Any) -> None:
    house.catch_up()
    bare = house.ask(
        "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND comment = ''"
    )
    assert bare == []


def test_every_read_model_says_its_grain_and_serves_every_event_type(house: Any) -> None:
    house.catch_up()
    comments = house.ask(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND comment = ''"
    )
    assert comments == []


def live(house: Any, helpers: Any) -> Any:
    helpers.live_on(house.log, helpers.dice(3), 300)
    house.catch_up()
    return house


@pytest.fixture(scope="module")
def shared(clickhouse: Any, helpers: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A house with some life in it, the name of its database, and all that it says."""
    with helpers.new_house(clickhouse, tmp_path_factory.mktemp("shared"), fresh=True) as made:
        yield live(made, helpers), clickhouse.database, made.contents()


@pytest.fixture
def kept(shared: Any) -> Any:
    """That house, for tests after which it says what it said, and what that is."""
    house, house.client.database, contents = shared
    yield house, contents
    house.client.database = "shouhe"


@pytest.fixture
def busy(house: Any, helpers: Any) -> Any:
    """Such a house of one's own, for tests that change what it says."""
    return live(house, helpers)


DONE = "state = 'done' AND storage LIKE 'visits__%'"


def test_advancing_again_changes_nothing(kept: Any) -> None:
    house, contents = kept
    house.catch_up()
    assert house.contents() == contents


def test_the_same_range_with_the_same_token_changes_nothing(kept: Any) -> None:
    house, contents = kept
    storage = house.engine._shelf.live()["visits"]
    house.client.command(f"DELETE FROM checkpoints WHERE {DONE}")
    definition = next(each for each in load() if each.name == "visits")
    house.engine._take([Target(definition, storage, True)], (Span(0, 0, house.log.head()),))
    assert house.contents() == contents


@pytest.mark.parametrize("left", ["nothing", "half", "all"])
def test_a_range_cut_short_is_made_whole(kept: Any, left: str) -> None:
    house, contents = kept
    table = house.engine._shelf.live()["visits"].table
    house.client.command(f"DELETE FROM checkpoints WHERE {DONE}")
    if left != "all":
        half = " AND position % 2" if left == "half" else ""
        house.client.command(f"DELETE FROM {table} WHERE 1{half}")
        assert house.ask("SELECT count() FROM visits") != [(len(contents["visits"]),)]
    Engine(house.client).advance()
    assert house.contents() == contents


def test_a_changed_file_is_built_beside_and_swapped_in(kept: Any) -> None:
    busy, _ = kept
    first = parse("strict", POSITIONS % LENIENT)
    second = parse("strict", POSITIONS % f"{LENIENT} + 1")
    Engine(busy.client, [first]).advance()
    before = busy.ask("SELECT minutes FROM strict ORDER BY position")
    Engine(busy.client, [second]).advance()
    after = busy.ask("SELECT minutes FROM strict ORDER BY position")
    assert [row[0] for row in after] == [row[0] + 1 for row in before]
    Engine(busy.client, [second]).advance()
    tables = "SELECT count() FROM system.tables WHERE database = currentDatabase()"
    assert busy.ask(f"{tables} AND name LIKE 'strict\\_\\_%'") == [(1,)]


def test_readers_see_one_version_or_the_other_whole(kept: Any) -> None:
    busy, _ = kept
    from infra.warehouse import embedded

    path = busy.client.path
    first = parse("strict", POSITIONS % "1")
    second = parse("strict", POSITIONS % "2")
    Engine(busy.client, [first]).advance()
    wanted = busy.ask("SELECT count() FROM strict")[0][0]
    seen, stop = set(), threading.Event()
    from pathlib import Path

    reader = embedded(Path(path), busy.client.database)

    def read() -> None:
        while not stop.is_set():
            row = reader.query("SELECT count(), min(minutes), max(minutes) FROM strict").result_rows
            seen.add(tuple(row[0]))

    thread = threading.Thread(target=read)
    thread.start()
    for turn in range(6):
        Engine(busy.client, [second if turn % 2 == 0 else first], span=40).advance()
    stop.set()
    thread.join()
    reader.close()
    assert seen <= {(wanted, 1, 1), (wanted, 2, 2)}
    assert len(seen) == 2


def test_an_interrupted_rebuild_goes_on_and_nobody_sees_it(kept: Any) -> None:
    house, contents = kept
    engine = house.engine
    visits = next(each for each in load() if each.name == "visits")
    targets = engine._targets([visits], rebuilt=True)
    engine._take(targets, (Span(0, 0, 100),))
    assert house.contents() == contents
    assert Engine(house.client).advance()["visits"] == house.log.head()
    assert engine._shelf.live()["visits"] == targets[0].storage
    assert house.contents() == contents


def test_poison_is_set_aside_with_its_reason_and_the_rest_goes_on(busy: Any) -> None:
    total, poison = busy.ask("SELECT count(), max(position) FROM visits_history")[0]
    strict = parse("strict", POSITIONS % f"throwIf(offset = {poison}, 'poison')")
    engine = Engine(busy.client, [strict])
    engine.advance()
    parked = engine.parked()["strict"]
    assert [position for position, _ in parked] == [poison]
    assert "poison" in parked[0][1]
    assert engine.positions() == {"strict": busy.log.head()}
    there = busy.ask("SELECT count() FROM strict_history")[0][0]
    assert there == total - 1


def test_a_state_that_is_not_json_stalls_nothing_and_is_shown(busy: Any) -> None:
    head = busy.log.head()
    busy.log.stored.append((head + 1, "0" * 32, 1, "visit.completed.v1", b"\xff not json"))
    busy.catch_up()
    assert busy.engine.positions()["visits"] == head + 1
    assert busy.engine.parked()["events"][0][0] == head + 1


def test_columns_in_another_order_than_the_select_are_refused(house: Any) -> None:
    text = POSITIONS.replace("minutes UInt8 COMMENT 'how long', {envelope}", "{envelope}")
    with pytest.raises(DefinitionError, match="in order"):
        Engine(house.client, [parse("strict", text % LENIENT)]).advance()


def test_a_file_without_its_grain_is_refused() -> None:
    with pytest.raises(DefinitionError, match="grain"):
        parse("x", "-- table\nCREATE TABLE {table} ()")


def test_an_unknown_name_is_one_clear_line(house: Any) -> None:
    with pytest.raises(DefinitionError, match=r"no read model 'nonsense'; .*care_agreements"):
        house.engine.rebuild(["nonsense"])
