"""The one table of authority: which role may open what, what it shows, and what it may record.

Place is not in the table, for it is the same everywhere: what lies within the reader's own place
(its code begins with the reader's). docs/access.md is generated from here.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from infra.access.reader import Role

Shows = Literal["names", "pseudonyms", "numbers", "nothing"]
"""names: personal data of children, each reading recorded; pseudonyms: children without a name;
numbers: counts by place; nothing: about no child."""

D, S, C, P, V = Role.DIRECTOR, Role.SUPERVISOR, Role.OFFICER, Role.PREFECTURE, Role.PROVINCE
A, U, M = Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR
FIELD, OFFICES = (D, S, C), (C, P, V)
EVERYONE = tuple(Role)

PLACE_DIGITS: dict[Role, tuple[int, ...]] = {
    D: (12,), S: (9,), C: (6,), P: (4,), V: (2,), A: (0, 2, 4, 6), U: (0, 2, 4, 6), M: (0, 2, 4, 6),
}  # fmt: skip
"""How long the place code of an account in a role is; 0: everywhere."""

SECOND_FACTOR = frozenset({C, P, V, A, U, M})
"""Roles that sign in with a second factor. Who works in a village may set one up."""

SECRET = frozenset({C})
"""Roles that read what is secret: mandatory reports, for the receiving desk (ADV 14)."""


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be opened.

    key     as a route names it: `right="child_file"`
    label   in Chinese
    """

    key: str
    label: str
    roles: tuple[Role, ...]
    shows: Shows = "nothing"


def _right(key: str, label: str, roles: tuple[Role, ...], shows: Shows = "nothing") -> Right:
    return Right(key=key, label=label, roles=roles, shows=shows)


RIGHTS: tuple[Right, ...] = (
    _right("home", "首页", EVERYONE),
    _right("own_account", "本人账号、密码、第二因素、退出", EVERYONE),
    _right("places", "地区概览", (D, S, C, P, V), "numbers"),
    _right("visit_list", "走访清单", FIELD, "names"),
    _right("child_file", "一人一档", FIELD, "names"),
    _right("record", "登记走访、联系、问题、协议", FIELD, "names"),
    _right("report_harm", "报告侵害", FIELD, "names"),
    _right("phone", "手机离线清单和补传", (D, S), "names"),
    _right("supervision", "进度、逾期、工作量", (S, C, P, V), "numbers"),
    _right("recommend", "建议增配儿童主任", (C,), "numbers"),
    _right("review", "新记录核查", (S, C), "names"),
    _right("categories", "确认类别建议", (C,), "names"),
    _right("report_desk", "强制报告台", (C,), "names"),
    _right("subsidy_desk", "救助台", (C,), "names"),
    _right("indicators", "十八项任务指标", (S, C, P, V, A, U), "numbers"),
    _right("breaches", "逾期清单(编号)", (S, C, P, V, U), "pseudonyms"),
    _right("models", "模型和笔记本", (A, V, P, C), "numbers"),
    _right("break_glass", "紧急查阅", (S, C, P, V), "names"),
    _right("erasure", "更正、删除、取得副本", (C,), "names"),
    _right("looks", "谁看过这个孩子", (U,), "pseudonyms"),
    _right("accounts", "账号管理", (M,)),
)
BY_KEY = {each.key: each for each in RIGHTS}

_AT_THE_DOOR = (
    "visit.completed.v1", "visit.attempt_failed.v1", "contact.logged.v1", "problem.found.v1",
    "problem.resolved.v1", "worklog.added.v1", "file.opened.v1", "risk.factor_recorded.v1",
    "care_agreement.*", "care.*", "parent_contact.logged.v1", "parent.departed.v1",
    "parent.returned.v1", "parent.status_changed.v1", "guardian.linked.v1", "guardian.assessed.v1",
    "guardian.guidance_given.v1", "guardian.admonished_by_committee.v1", "household.*",
    "hotline.advised.v1", "care_plan.adopted.v1", "report.submitted.v1", "record.retracted.v1",
    "child.registered.v1", "child.moved.v1", "child.category_added.v1", "child.category_removed.v1",
    "child.health_status_set.v1", "need.matched.v1",
)  # fmt: skip

EMITS: dict[Role, tuple[str, ...]] = {
    D: _AT_THE_DOOR,
    S: (*_AT_THE_DOOR, "risk.tier_set.v1", "visit_plan.set.v1", "training.*"),
    C: (
        *_AT_THE_DOOR, "risk.tier_set.v1", "visit_plan.set.v1", "training.*",
        "report.*", "eligibility.*", "benefit.*", "charity.*", "protection.*",
        "temp_guardianship.*", "long_guardianship.*", "child.*", "category.*", "worker.*",
        "institution.*",
        "children_home.*", "census.*", "data_match.run.v1", "national_system.synced.v1",
        "alert.*", "activity.*", "inspection.done.v1",
    ),
    P: ("annual_report.submitted.v1", "stage_report.submitted.v1", "inspection.done.v1",
        "plan.responsibility_table_submitted.v1", "training.held.v1"),
    V: ("inspection.done.v1", "supervision.recorded.v1"),
}  # fmt: skip
"""Role → the event types it may record on a page, `*` for the rest of a name. The others: none."""
