"""评分与走访清单: what a model said, what list came of it. Both are facts like any other.

Design §7, §8. Scores order help. They never deny it, and no one is punished by a number.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.event import Code, Event, Personal, Village, Week, event
from domain.terms import Term


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One reason: dictionary code, Chinese sentence, how much it weighs, what it rests on.

    weight     in log-odds, what the topic adds against a typical child
    event_ids  the events behind it, of the feature that is said first; at most 12
    lower      what would lower the score and the field can do; empty: nothing of that kind
    """

    code: Code
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    weight: float = 0.0
    event_ids: list[str] = msgspec.field(default_factory=list)
    lower: Annotated[str, msgspec.Meta(max_length=120)] = ""


class Duty(Term):
    """Why duty puts a child on the list; `none` where risk alone does."""

    OVERDUE_VISIT = "overdue_visit", "走访逾期"
    DUE_VISIT = "due_visit", "走访到期"
    OVERDUE_CONTACT = "overdue_contact", "联系逾期"
    DUE_CONTACT = "due_contact", "联系到期"
    NO_AGREEMENT = "no_care_agreement", "缺委托照护协议"
    NONE = "none", "无"


class ListedFor(Term):
    """What gave a child its place on the list."""

    DUTY = "duty", "法定职责"
    REQUEST = "request", "求助"
    ADDED = "added", "儿童主任增列"
    UNSEEN = "unseen", "久未见到本人"
    INFORMATION = "information", "信息不足"
    RISK = "risk", "风险优先"
    RANDOM = "random", "随机走访"
    DUE_ORDER = "due_order", "按到期顺序"


class Task(Term):
    """What a line of a list asks for. A visit is a contact too."""

    VISIT = "visit", "上门"
    CONTACT = "contact", "电话联系"


class Override(Term):
    """What a director changes of a list."""

    ADDED = "added", "增列"
    DROPPED = "dropped", "不走访"


class OverrideReason(Term):
    """Why. A duty stands whatever the reason."""

    CHILD_AWAY = "child_away", "儿童外出"
    SEEN_OTHERWISE = "seen_otherwise", "已另行见到"
    FAMILY_ASKED = "family_asked", "家庭请求"
    KNOWN_TROUBLE = "known_trouble", "知悉困难"
    CANNOT_REACH = "cannot_reach", "无法到达"
    OTHER = "other", "其他"


@event(
    "risk.scored.v1",
    label="风险评分",
    stream="fact",
    emitters=("守禾",),
    rules=("T18.2",),
)
class RiskScored(Event, frozen=True, kw_only=True):
    """模型评分. `log_position`: the last event the score could know.

    `shadow`: of a challenger on trial; it orders no list.
    """

    model_id: Code
    as_of: date
    score: Annotated[float, msgspec.Meta(ge=0, le=1)]
    log_position: Annotated[int, msgspec.Meta(ge=0)]
    reasons: list[Reason] = msgspec.field(default_factory=list)
    shadow: bool = False


@event(
    "visit_list.child_listed.v1",
    label="列入走访清单",
    stream="fact",
    emitters=("守禾",),
    rules=("T8.6", "T18.2"),
)
class ChildListed(Event, frozen=True, kw_only=True):
    """一周走访清单中的一行.

    listed_for   what gave the place; propensity: the chance that the list would visit this child
    model_id     whose score it is; tied: a draw among equals decided the place
    task         a visit or a call; raised_for: what made a visit of a contact. Lists before
                 November 2026 do not say
    """

    week: Week
    village_code: Village
    worker_id: Code
    rank: Annotated[int, msgspec.Meta(ge=1)]
    duty: Duty
    score: float | None = None
    reasons: list[Annotated[str, msgspec.Meta(max_length=120)]] = msgspec.field(
        default_factory=list
    )
    listed_for: ListedFor | None = None
    propensity: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    model_id: Code | None = None
    tied: bool | None = None
    task: Task | None = None
    raised_for: ListedFor | None = None


@event(
    "visit_list.overridden.v1",
    label="调整走访清单",
    stream="fact",
    emitters=("儿童主任",),
    rules=("T8.6", "T18.2"),
)
class ListOverridden(Event, frozen=True, kw_only=True):
    """儿童主任调整清单. Emitted by the child director; judged later beside the list itself."""

    week: Week
    action: Override
    reason: OverrideReason
    note: Personal | None = None
