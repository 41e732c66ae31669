"""An event in words, from its class alone: label, and each field in words.

A new event type is told the day its class is written: enums and labels come from the class, names
of fields from FIELDS (a field that is not there is told without a heading).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

from domain.attachments import AttachmentAdded
from domain.contract import personal_fields
from domain.divisions import address
from domain.errors import UnknownEventType
from domain.event import NO_CHILD, SHANGHAI, Event, current, day, event_class
from domain.streams import RETRACTED, UNREADABLE, read_stored
from domain.terms import Term
from domain.visiting import Concern, Finding
from infra.web.language import t, word

FIELDS = {
    "name": "姓名", "id_number": "身份证号", "phone": "电话", "address": "住址", "note": "备注",
    "sex": "性别", "birth_date": "出生日期", "hukou_type": "户口", "hukou_division": "户籍地",
    "residence_division": "居住地", "id_type": "证件", "category": "类别", "factor": "风险因素",
    "present": "是否存在", "tier": "等级", "origin": "评定方式", "interval_days": "走访间隔(天)",
    "school_code": "学校", "stage": "学段", "grade": "年级或等级", "boarding": "寄宿",
    "status": "状况", "disability_grade": "残疾等级", "reason": "原因", "by": "由谁",
    "child_seen": "见到孩子", "child_spoken_alone": "单独交谈", "carer_present": "照料人在场",
    "checklist": "七项", "concerns": "需关注", "selection": "走访缘由", "minutes": "用时(分钟)",
    "next_due": "下次应访", "channel": "方式", "with_whom": "对象", "kind": "种类",
    "severity": "程度", "found_by": "如何发现", "outcome": "结果", "relation": "关系",
    "capacity": "监护能力", "is_legal": "法定监护人", "parent": "哪一方",
    "place_division": "去向", "expected_return": "预计返回", "start": "起", "end": "止",
    "child_view_heard": "听取孩子意见", "disqualifiers": "不得受托情形", "to": "送达或转至",
    "leg": "与谁联系", "type": "种类", "result": "结论", "amount_fen": "金额",
    "from_month": "起始月", "last_month": "截止月", "period": "月份", "situation": "情形",
    "desk": "受理部门", "finding": "调查结论", "measure": "措施", "manner": "反馈方式",
    "emergency": "情形", "media": "种类", "size": "大小",
    "discovered_at": "发现时间", "week": "周", "rank": "次序", "duty": "职责", "reasons": "理由",
    "task": "做什么", "raised_for": "改上门的缘由",
}  # fmt: skip

HIDDEN = frozenset(
    {
        "village_code", "worker_id", "score", "basis", "standard_ref", "ethnicity", "id_type",
        "reporter_kind", "hukou_type", "guardian_id", "found_by",
        "sealed", "about", "propensity", "tied",
    }
)  # fmt: skip
"""Not told: references of services, what the page says elsewhere, and who reported."""

ROLES = {
    "director": "儿童主任", "supervisor": "儿童督导员", "county_officer": "县级民政",
    "township_officer": "乡镇民政", "village_committee": "村(居)委会", "school": "学校",
    "police": "公安", "health": "卫健", "court": "法院", "parent": "家长", "system": "守禾",
    "civil_affairs": "民政", "education": "教育", "family": "家庭",
}  # fmt: skip

LATE_DAYS = 7
"""Recorded later than so many days after it happened, it is marked so."""

Opened = Callable[[str], str]
"""A ciphertext of the child → its text."""


class Row(msgspec.Struct, frozen=True):
    """An event as ClickHouse holds it."""

    position: int
    type: str
    event_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    role: str
    source: str
    corrects: UUID
    data: str


class Told(msgspec.Struct, frozen=True):
    """One line of a timeline. `became`: empty, 已更正 or 已撤销; `sealed`: an attachment's name,
    `about`: what it belongs to.
    """

    position: int
    type: str
    at: datetime
    label: str
    details: list[tuple[str, str]]
    who: str
    source: str
    late_days: int
    became: str
    corrects: str
    secret: bool
    sealed: str = ""
    about: str = ""


def tell(rows: Iterable[Row], opened: Opened) -> list[Told]:
    """The events of a child, latest first, what was corrected or taken back marked as such."""
    listed = list(rows)
    by_id = {row.event_id: row for row in listed}
    became = {
        row.corrects: t("已撤销") if row.type == RETRACTED else t("已更正")
        for row in listed
        if row.corrects != NO_CHILD
    }
    told = [_tell(row, opened, by_id, became.get(row.event_id, "")) for row in listed]
    return sorted(told, key=lambda each: (each.at, each.position), reverse=True)


def _tell(row: Row, opened: Opened, by_id: Mapping[UUID, Row], became: str) -> Told:
    late = (day(row.recorded_at) - day(row.occurred_at)).days
    corrected, (sealed, about) = by_id.get(row.corrects), _attached(row, by_id)
    secret = any(_secret(each.type) for each in (row, corrected, about) if each is not None)
    return Told(
        position=row.position,
        type=row.type,
        at=row.occurred_at.astimezone(SHANGHAI),
        label=_label(row.type),
        details=_details(row, opened),
        # who sent a report may be who reported (ADV 14)
        who=""
        if secret
        else " ".join(filter(None, (word(row.role, ROLES.get(row.role, row.role)), row.actor))),
        source="" if secret else row.source,
        late_days=late if late > LATE_DAYS else 0,
        became=became,
        corrects=_named(corrected),
        secret=secret,
        sealed=sealed,
        about=_named(about),
    )


def _attached(row: Row, by_id: Mapping[UUID, Row]) -> tuple[str, Row | None]:
    """An attachment's name, and the event to which it belongs."""
    if row.type != AttachmentAdded.TYPE:
        return "", None
    data: dict[str, Any] = msgspec.json.decode(row.data)
    owners = (each for each in by_id.values() if str(each.event_id) == data.get("about"))
    return data.get("sealed", ""), next(owners, None)


def _named(row: Row | None) -> str:
    return f"{_label(row.type)} {day(row.occurred_at)}" if row else ""


def _class(type_name: str) -> type[Event] | None:
    try:
        return event_class(current(type_name, {})[0])
    except (UnknownEventType, LookupError, TypeError):
        return None


def _label(type_name: str) -> str:
    cls = _class(type_name)
    return type_name if cls is None else word(type_name, cls.LABEL)


def _secret(type_name: str) -> bool:
    cls = _class(type_name)
    return cls is None or cls.SENSITIVITY == "secret"


def _details(row: Row, opened: Opened) -> list[tuple[str, str]]:
    """(heading, text) of each field that says something. What can't be read is told as nothing."""
    try:
        event = read_stored(row.type, row.data.encode())
    except (UnknownEventType, msgspec.DecodeError):
        return []
    stored: dict[str, Any] = msgspec.json.decode(row.data)
    scopes = dict(personal_fields(type(event)))
    found = []
    for name in type(event).__struct_fields__:
        value = getattr(event, name)
        if name in HIDDEN or name == type(event).KEY or name.endswith("_id"):
            continue
        if name in scopes:
            text = opened(stored[name]) if scopes[name] == "child" and value == UNREADABLE else ""
        else:
            text = words(name, value)
        if text:
            found.append((word(name, FIELDS[name]) if name in FIELDS else "", text))
    return found


def words(name: str, value: Any) -> str:
    """A field's value in words; empty where it says nothing."""
    if value is None or value in ([], ""):
        return ""
    if isinstance(value, bool):
        return t("是") if value else t("否")
    if isinstance(value, Enum):
        return word(value.value, value.label) if isinstance(value, Term) else str(value.value)
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return t("、").join(filter(None, (words(name, each) for each in value)))
    if isinstance(value, msgspec.Struct):
        return _checked(value)
    if isinstance(value, int):
        return _counted(name, value)
    if name.endswith("_division"):
        return address(value)
    return str(value)


def _counted(name: str, value: int) -> str:
    if name.endswith("_fen"):
        return t("{yuan} 元", yuan=f"{value // 100}.{value % 100:02d}")
    return f"{-(-value // 1024)} KB" if name == "size" else str(value)


def _checked(checklist: msgspec.Struct) -> str:
    """Seven findings in one line: what is not fine by name, the rest by count."""
    findings = {name: getattr(checklist, name) for name in checklist.__struct_fields__}
    headings = {concern.value: concern.label for concern in Concern}
    named = [
        word(f"{name} ", headings.get(name, name)) + word(finding.value, finding.label)
        for name, finding in findings.items()
        if finding in (Finding.CONCERN, Finding.UNSAFE)
    ]
    fine = sum(finding is Finding.FINE for finding in findings.values())
    return t("、").join([*named, *([t("{count}项正常", count=fine)] if fine else [])])
