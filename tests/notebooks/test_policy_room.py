"""The policy lab's room runs on a small county, and shows what the package says."""

from __future__ import annotations

from notebooks import policy_lab


def test_the_room_shows_every_policy_and_every_group() -> None:
    _, defs = policy_lab.app.run(defs={"children": 100, "seeds": 1})
    table = defs["table"].set_index("policy")
    assert set(table.index) == {"none", "random", "duty", "due_order", "points", "model", "truth"}
    assert table.loc["none", "减少伤害日"] == 0
    assert {"男", "女"} <= set(defs["by_group"]["群体"])
