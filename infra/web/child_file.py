"""一人一档 (T8.10): a child's file in its five parts, for whoever may read it.

It is told from the same events as the child's page, and read the same way: the reading is recorded
first, names open only then, and what is secret is not for a director.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from domain.child_file import Category, Leaving, RiskFactor, SchoolStage
from domain.divisions import address
from domain.event import SHANGHAI
from domain.terms import Sex, Term, Tier
from infra.access import Reader
from infra.home import Home
from infra.web import sheets
from infra.web.language import t, word
from infra.web.people import Person, read_people
from infra.web.telling import ROLES, Row, Told, tell

BASICS, VISITS, WORK, CARE, PROBLEMS = (
    "基本信息", "走访记录", "工作日志", "关爱帮扶记录", "发现问题和解决方案",
)  # fmt: skip
PARTS = (BASICS, VISITS, WORK, CARE, PROBLEMS)
"""The five parts, plan L48."""

CONCEPTS = {
    BASICS: ("child", "guardian", "parent", "household", "migration"),
    VISITS: ("visit", "visit_plan", "contact", "parent_contact"),
    WORK: ("worklog", "file", "national_system", "consent", "alert"),
    PROBLEMS: (
        "problem", "risk", "report", "accident", "dropout", "protection", "temp_guardianship",
        "long_guardianship", "court", "police", "procurator", "network", "lodging",
    ),
}  # fmt: skip
"""Which concepts of the vocabulary belong where; all others are care."""

SCHOOL = ("school.enrolled.v1", "school.left.v1", "school.transferred.v1")
TROUBLE = ("school.absence_flagged.v1", "mental.crisis_recorded.v1", "care.deficiency_found.v1")
UNTOLD = frozenset({"visit_list.child_listed.v1"})
"""An order of visits, not a fact about the child."""

_PART = {concept: part for part, concepts in CONCEPTS.items() for concept in concepts}


class ChildFile(msgspec.Struct, frozen=True, kw_only=True):
    """A child's file. `parts`: title → what is told there, oldest first."""

    child: sheets.Child
    person: Person
    parts: dict[str, list[Told]]
    duties: list[sheets.Duty]
    reader: Reader
    made_at: datetime
    position: int

    @property
    def today(self) -> date:
        """The Shanghai day on which it was made."""
        return self.made_at.astimezone(SHANGHAI).date()


def part_of(type_name: str) -> str:
    """The part of the file to which an event belongs."""
    if type_name in SCHOOL:
        return BASICS
    if type_name in TROUBLE:
        return PROBLEMS
    return _PART.get(type_name.split(".", maxsplit=1)[0], CARE)


def read_file(
    home: Home, reader: Reader, child_id: UUID, *, purpose: str = "child_file", page: str
) -> ChildFile | None:
    """Record that `reader` read this child's file, and read it.

    None where there is no such child in the reader's place. Raises AccessNotRecordedError.
    """
    child = sheets.child(home.warehouse, child_id)
    if child is None or not reader.may_see(child.village_code):
        return None
    person = read_people(home, reader, [child_id], purpose=purpose, page=page)[child_id]
    scope, now = f"child/{child_id}", home.clock()

    def opened(token: str) -> str:
        return (home.keys.decrypt(scope, token) if person.shown else None) or t("(已删除)")

    rows = sheets.history(home.warehouse, child_id)
    told = [each for each in tell(rows, opened) if reader.may_read_secret or not each.secret]
    return ChildFile(
        child=child,
        person=person,
        parts=_parts(rows, told),
        duties=sheets.duties(home.warehouse, child_id, now.astimezone(SHANGHAI).date()),
        reader=reader,
        made_at=now,
        position=max((row.position for row in rows), default=0),
    )


def _parts(rows: list[Row], told: list[Told]) -> dict[str, list[Told]]:
    """What is told, by part. What takes back an event stands beside it."""
    kinds = {row.event_id: row.type for row in rows}
    part = {row.position: part_of(kinds.get(row.corrects, row.type)) for row in rows}
    parts: dict[str, list[Told]] = {title: [] for title in PARTS}
    for each in reversed(told):
        if each.type not in UNTOLD:
            parts[part[each.position]].append(each)
    return parts


def stated(file: ChildFile) -> list[tuple[str, str]]:
    """The basics as they stand: heading and text, for paper and page alike."""
    child, person = file.child, file.person
    school = _label(SchoolStage, child.school_stage) + (t(",寄宿") if child.boarding else "")
    left = t("已退出台账"), _label(Leaving, child.left_reason)
    factors = (_label(RiskFactor, each) for each in child.risk_factors)
    told = {
        "姓名": person.name,
        "性别": _label(Sex, child.sex),
        "出生年月": t(
            "{year}年{month}月", year=child.birth_month.year, month=f"{child.birth_month:%m}"
        ),
        "台账状态": t("在册") if child.on_ledger else " ".join(left),
        "所在村(社区)": address(child.village_code),
        "住址": person.address or "—",
        "联系电话": person.phone or "—",
        "就学": school if child.in_school else t("未在读"),
        "类别": t("、").join(_label(Category, each) for each in child.categories) or "—",
        "风险因素": t("、").join(factors) or t("无"),
        "风险等级": _label(Tier, child.tier) or "—",
        "档案编号": str(child.child_id),
    }
    return [(t(heading), text) for heading, text in told.items()]


def _label(term: type[Term], value: str) -> str:
    return next((word(each.value, each.label) for each in term if each.value == value), value)


def what(each: Told) -> str:
    """What happened; corrected or taken back, if so."""
    return each.label + (f"\n【{each.became}】" if each.became else "")


def details(each: Told) -> str:
    """How it was, in one paragraph; what it corrects, and how late it came."""
    said = [f"{heading}{t(':')}{text}" if heading else text for heading, text in each.details]
    if each.corrects:
        said.insert(0, t("更正的是:") + each.corrects)
    if each.late_days:
        said.append(t("{days} 天后登记", days=each.late_days))
    return t(";").join(said)


def who(each: Told) -> str:
    """Who recorded it; nothing of a report."""
    return " ".join(ROLES.get(word, word) for word in each.who.split(" "))
