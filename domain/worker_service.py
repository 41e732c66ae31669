"""儿童主任工作: qualification, background, file, duties, evaluation, pay; and training.

Facts beside a worker's appointment (domain/workforce.py). Sources: plan L67 (T16.2 to T16.9);
UPL 62.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.event import Code, Event, Level, Month, event
from domain.subsidy import Positive
from domain.terms import Term, WorkerRole

NEAR: tuple[Level, ...] = ("county", "township", "village")


class Evaluation(Term):
    EXCELLENT = "excellent", "优秀"
    GOOD = "good", "良好"
    FAIR = "fair", "合格"
    POOR = "poor", "不合格"


class TrainingLevel(Term):
    PROVINCE = "province", "省级"
    PREFECTURE = "prefecture", "市(州)级"
    COUNTY = "county", "县级"


class TrainingMode(Term):
    OFFLINE = "offline", "线下"
    ONLINE = "online", "线上"
    MIXED = "mixed", "线上线下结合"


@event(
    "worker.qualification_checked.v1",
    label="核查任职条件",
    stream="fact",
    rules=("T16.3",),
    sensitivity="general",
    about_child=False,
    levels=NEAR,
)
class QualificationChecked(Event, frozen=True, kw_only=True):
    """政治素质、品行、热爱儿童工作、熟悉村情、文化水平 (L67)."""

    worker_id: Code
    fit: bool


@event(
    "worker.background_checked.v1",
    label="从业查询",
    stream="fact",
    emitters=(
        "公安",
        "民政",
    ),
    rules=("T16.3",),
    sensitivity="general",
    about_child=False,
    levels=NEAR,
)
class BackgroundChecked(Event, frozen=True, kw_only=True):
    """从业人员违法犯罪记录查询, before hire and yearly (UPL 62)."""

    worker_id: Code
    clear: bool


@event(
    "worker.addition_recommended.v1",
    label="建议增配儿童主任",
    stream="fact",
    rules=("T16.2",),
    sensitivity="general",
    about_child=False,
    levels=("village",),
)
class AdditionRecommended(Event, frozen=True, kw_only=True):
    """超过30人或常住儿童较多的村(居)建议增配 (L67)."""

    children: Annotated[int, msgspec.Meta(ge=1, le=10_000)]


@event(
    "worker.synced.v1",
    label="儿童主任信息录入",
    stream="fact",
    rules=("T16.4",),
    sensitivity="general",
    about_child=False,
    levels=NEAR,
)
class WorkerSynced(Event, frozen=True, kw_only=True):
    """录入、更新全国儿童福利信息系统 (L67)."""

    worker_id: Code


@event(
    "worker.duty_list_issued.v1",
    label="印发职责清单",
    stream="fact",
    rules=("T16.5",),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class DutyListIssued(Event, frozen=True, kw_only=True):
    """儿童主任职责清单和关爱服务内容清单 (L67)."""

    role: WorkerRole


@event(
    "worker.evaluated.v1",
    label="工作评价",
    stream="fact",
    rules=("T16.5",),
    sensitivity="general",
    about_child=False,
    levels=NEAR,
)
class WorkerEvaluated(Event, frozen=True, kw_only=True):
    """工作评价 (L67)."""

    worker_id: Code
    result: Evaluation


@event(
    "worker.training_file_opened.v1",
    label="建立培训档案",
    stream="fact",
    rules=("T16.6",),
    sensitivity="general",
    about_child=False,
    levels=NEAR,
)
class TrainingFileOpened(Event, frozen=True, kw_only=True):
    """覆盖全员的培训档案 (L67)."""

    worker_id: Code


@event(
    "worker.subsidy_paid.v1",
    label="发放儿童主任补助",
    stream="fact",
    rules=("T16.9",),
    sensitivity="general",
    about_child=False,
    levels=NEAR,
)
class WorkerPaid(Event, frozen=True, kw_only=True):
    """儿童主任补助 (L67)."""

    worker_id: Code
    amount_fen: Positive
    period: Month


@event(
    "training.held.v1",
    label="举办培训",
    stream="fact",
    rules=(
        "T16.7",
        "T16.8",
    ),
    sensitivity="general",
    about_child=False,
    levels=(
        "province",
        "prefecture",
        "county",
    ),
)
class TrainingHeld(Event, frozen=True, kw_only=True):
    """培训班."""

    training_id: Code
    level: TrainingLevel
    mode: TrainingMode
    attendance: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0


@event(
    "training.attended.v1",
    label="参加培训",
    stream="fact",
    rules=("T16.8",),
    sensitivity="general",
    about_child=False,
    levels=NEAR,
)
class TrainingAttended(Event, frozen=True, kw_only=True):
    """参加培训."""

    worker_id: Code
    training_id: Code
    hours: Annotated[float, msgspec.Meta(gt=0, le=200)]
