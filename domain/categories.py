"""类别认定: who is left behind, orphaned, without support …: one function a category.

Each answers for a day from what was known: `yes`, `no`, or `needs`: a fact that no event told is
never silently a no. A decision carries the facts that led to it, with their events. It is a
proposal: a human confirms it (domain/proposals.py). The SQL twin is
projections/category_decisions.sql.

Readings (domain.md §2):
- A parent with any event of its own and no worse news is at home and able; a parent of whom nothing
  was ever told is unknown. A divorced parent may live elsewhere: unknown.
- A parent's 重残 is a status that civil affairs sets after looking at the grade (1–2, or 3–4 mental
  or intellectual); no event carries a parent's grade.
- 服刑, 戒毒, 限制自由, 失联 count from six months on. Before, the term of the sentence or the day
  of the police report would tell: needs.
- How long "away" must last the sources don't say; the census concept (one parent, six months, under
  18) is a different one and stands apart: `census_parent_away`.

Sources: 国发〔2016〕13号, 国发〔2016〕36号, 民发〔2020〕125号, 民政部等21部门 2024,
社会救助暂行办法 14.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from domain.ageing import over_on
from domain.child_file import Category, Health, Hukou, RiskFactor
from domain.circumstances import GUARDING_FACTORS, PARENTS, Circumstances, value
from domain.disability import DisabilityType
from domain.duties import add_months
from domain.guardianship import Capacity, GuardianGrade, ParentStatus
from domain.household import IncomeStatus
from domain.terms import Term

Answer = Literal["yes", "no", "needs"]

GONE = frozenset(
    {"dead", "missing", "lost_contact", "imprisoned", "compulsory_detox", "liberty_restricted"}
)
UNABLE = frozenset(e.value for e in ParentStatus) - {"normal", "divorced"}
LOST = frozenset({"dead", "missing"})
UNSUPPORTING = frozenset({"severe_disability", "serious_illness", "guardianship_revoked"})
TIMED = frozenset({"imprisoned", "compulsory_detox", "liberty_restricted", "lost_contact"})
FAMILY = tuple(f"{p}.{what}" for p in PARENTS for what in ("away", "status", "capacity"))
LOOKED_AT: dict[str, tuple[str, ...]] = {
    "left_behind_child": ("hukou", *FAMILY),
    "orphan": FAMILY,
    "de_facto_unsupported": FAMILY,
    "family_poverty": ("income",),
    "own_disability": ("certificate", "health"),
    "serious_illness": ("health",),
    "guardianship_failure": (*(f"factor.{each}" for each in GUARDING_FACTORS), "guardian.grade"),
    "migrant_child": ("hukou_county", "residence", "reunited"),
    "destitute": ("income", *FAMILY),
    "census_parent_away": FAMILY,
}
"""Category → the topics that it rests on, in the order in which they are told."""

WORDS = {
    "hukou": "户籍类型", "hukou_county": "户籍地", "residence": "居住地", "father": "父亲情况",
    "mother": "母亲情况", "father.term": "父亲期限是否满六个月",
    "mother.term": "母亲期限是否满六个月", "income": "家庭收入状况",
    "difficulty": "是否导致生活、就医、就学困难", "disability": "残疾情况", "health": "健康状况",
    "assessment": "监护情况评估", "company": "是否随父母或监护人迁移满六个月",
    "support": "有无生活来源", "away": "外出", "status": "状态", "capacity": "监护能力",
    "certificate": "残疾评定", "reunited": "随父母生活", "guardian.grade": "监护评估",
}  # fmt: skip


class Person(NamedTuple):
    """Whom it is about: birth month (its first day), the day asked about, the settings there."""

    birth_month: date
    on: date
    values: Mapping[str, int]


class Ground(NamedTuple):
    """One fact that a decision rests on, in Chinese, with its event."""

    text: str
    event_id: UUID


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules say of one category.

    needs   what would have to be known, codes of WORDS; only where the answer is `needs`
    since   the latest day on which a fact that it looks at came to hold; None where none is known
    """

    category: str
    answer: Answer
    needs: tuple[str, ...] = ()
    since: date | None = None
    grounds: tuple[Ground, ...] = ()

    @property
    def words(self) -> str:
        """The facts, or what is lacking, in Chinese."""
        if self.needs:
            return f"需补充:{'、'.join(WORDS[each] for each in self.needs)}"
        return ";".join(each.text for each in self.grounds)


COUNTY = 6
"""Digits of a county's code."""

Said = tuple[Answer, tuple[str, ...]]
YES: Said = ("yes", ())
NO: Said = ("no", ())


def _needs(*what: str) -> Said:
    return "needs", what


def _under(person: Person, years: int) -> bool:
    return person.on < over_on(person.birth_month, years)


# --- a parent, as the rules see it -------------------------------------------------------------


def _seen(known: Circumstances, parent: str) -> bool:
    return any(f"{parent}.{what}" in known for what in ("away", "status", "capacity"))


def care(known: Circumstances, parent: str) -> str:
    """A away for work, U unable, H at home and able, ? unknown."""
    status, away = value(known, f"{parent}.status"), value(known, f"{parent}.away")
    if status in GONE:
        return "U"
    if away == "work":
        return "A"
    if status in UNABLE or value(known, f"{parent}.capacity") == "none":
        return "U"
    if away == "other" or status == "divorced":
        return "?"
    return "H" if _seen(known, parent) else "?"


def life(known: Circumstances, parent: str, person: Person) -> str:
    """L lost, X can't support, T its term is open, D deported, N none of these, ? unknown."""
    status = value(known, f"{parent}.status")
    if status in LOST:
        return "L"
    if status in UNSUPPORTING:
        return "X"
    if status in TIMED:
        months = person.values["unsupported_months"]
        return "X" if add_months(known[f"{parent}.status"].since, months) <= person.on else "T"
    if status == "deported":
        return "D"
    return "N" if _seen(known, parent) else "?"


def _unknown(codes: tuple[str, ...], mark: str = "?", suffix: str = "") -> tuple[str, ...]:
    return tuple(p + suffix for p, code in zip(PARENTS, codes, strict=True) if code == mark)


# --- the categories ----------------------------------------------------------------------------


def left_behind(known: Circumstances, person: Person) -> Said:
    """<16, rural hukou, both parents away for work, or one away and the other unable."""
    hukou = value(known, "hukou")
    codes = tuple(care(known, parent) for parent in PARENTS)
    settled = "H" in codes or codes == ("U", "U")
    if not _under(person, 16) or hukou in {"urban", "other"} or settled:
        return NO
    lacking = (() if hukou == "rural" else ("hukou",)) + _unknown(codes)
    return _needs(*lacking) if lacking else YES


def orphan(known: Circumstances, person: Person) -> Said:
    """<18, both parents dead or declared missing. Birth parents not to be found: a human's."""
    codes = tuple(life(known, parent, person) for parent in PARENTS)
    if not _under(person, 18) or not set(codes) <= {"L", "?"}:
        return NO
    return _needs(*_unknown(codes)) if "?" in codes else YES


def de_facto(known: Circumstances, person: Person) -> Said:
    """<18, both parents can't support; or one is lost and the other can't or was deported."""
    codes = tuple(life(known, parent, person) for parent in PARENTS)
    if not _under(person, 18) or "N" in codes or set(codes) == {"L"}:
        return NO
    lacking = _unknown(codes) + _unknown(codes, "T", ".term")
    if lacking:
        return _needs(*lacking)
    if "D" not in codes or "L" in codes or person.values["deported_both"]:
        return YES
    return NO


def poverty(known: Circumstances, person: Person) -> Said:
    """家庭贫困: 低保, 特困. On the margin the difficulty itself must be told."""
    status = value(known, "income")
    if not _under(person, 18) or status == IncomeStatus.NONE.value:
        return NO
    if status in {"subsistence", "destitute"}:
        return YES
    return _needs("difficulty" if status else "income")


def disabled(known: Circumstances, person: Person) -> Said:
    """自身残疾: certified, or disabled by the health service's word."""
    if not _under(person, 18):
        return NO
    if "certificate" in known or value(known, "health").startswith("disabled/"):
        return YES
    return NO if "health" in known else _needs("disability")


def seriously_ill(known: Circumstances, person: Person) -> Said:
    """重病."""
    if not _under(person, 18):
        return NO
    if "health" not in known:
        return _needs("health")
    return YES if known["health"].value.startswith("serious/") else NO


def unguarded(known: Circumstances, person: Person) -> Said:
    """监护缺失或不当: recorded as present; an assessment that finds no fault speaks against it."""
    if not _under(person, 18):
        return NO
    if any(value(known, f"factor.{each}") == "present" for each in GUARDING_FACTORS):
        return YES
    return NO if value(known, "guardian.grade") in {"good", "fair"} else _needs("assessment")


def migrant(known: Circumstances, person: Person) -> Said:
    """<16, moved with a parent out of the registered county, for six months."""
    home, here = value(known, "hukou_county"), value(known, "residence")
    if not _under(person, 16) or (home == here and len(home) == COUNTY):
        return NO
    if len(home) < COUNTY:
        return _needs("hukou_county")
    long = add_months(known["residence"].since, 6) <= person.on
    return YES if long and "reunited" in known else _needs("company")


def destitute(known: Circumstances, person: Person) -> Said:
    """特困: found so; or nobody able to support, and then whether there is an income is open."""
    if not _under(person, person.values["destitute_age"]):
        return NO
    if value(known, "income") == "destitute":
        return YES
    codes = tuple(life(known, parent, person) for parent in PARENTS)
    if "N" in codes:
        return NO
    return _needs(*_unknown(codes), "support")


def census(known: Circumstances, person: Person) -> Said:
    """The statistics' concept: <18, one parent away for six months or more is enough."""
    if not _under(person, 18):
        return NO
    for parent in PARENTS:
        away = known.get(f"{parent}.away")
        if away and away.value != "home" and add_months(away.since, 6) <= person.on:
            return YES
    lacking = tuple(parent for parent in PARENTS if not _seen(known, parent))
    return _needs(*lacking) if lacking else NO


RULES: dict[str, Callable[[Circumstances, Person], Said]] = {
    "left_behind_child": left_behind,
    "orphan": orphan,
    "de_facto_unsupported": de_facto,
    "family_poverty": poverty,
    "own_disability": disabled,
    "serious_illness": seriously_ill,
    "guardianship_failure": unguarded,
    "migrant_child": migrant,
    "destitute": destitute,
    "census_parent_away": census,
}

DIFFICULTY = frozenset(e.value for e in Category) - {"left_behind_child", "migrant_child"}
"""困境儿童: the categories that make a child one in difficulty (国发〔2016〕36号)."""


def decide(known: Circumstances, person: Person) -> list[Decision]:
    """Every category, for one child on one day."""
    return [_decision(name, known, person) for name in RULES]


def _decision(name: str, known: Circumstances, person: Person) -> Decision:
    answer, needs = RULES[name](known, person)
    there = [(topic, known[topic]) for topic in LOOKED_AT[name] if topic in known]
    grounds = tuple(
        Ground(f"{_topic(topic)}:{_word(topic, s.value)}({s.since})", s.event_id)
        for topic, s in there
    )
    since = max((s.since for _, s in there), default=None)
    return Decision(category=name, answer=answer, needs=needs, since=since, grounds=grounds)


def _topic(topic: str) -> str:
    if topic in WORDS:
        return WORDS[topic]
    head, _, tail = topic.partition(".")
    if head == "factor":
        return next(each.label for each in RiskFactor if each.value == tail)
    return f"{ {'father': '父亲', 'mother': '母亲'}[head] }{WORDS[tail]}"


TERMS: dict[str, type[Term]] = {
    "hukou": Hukou,
    "status": ParentStatus,
    "capacity": Capacity,
    "income": IncomeStatus,
    "grade": GuardianGrade,
    "health": Health,
    "certificate": DisabilityType,
}
PLAIN = {"work": "外出务工", "other": "其他原因外出", "home": "在家", "present": "有", "gone": "无"}


def _word(topic: str, said: str) -> str:
    head, _, grade = said.partition("/")
    terms = TERMS.get(topic.rpartition(".")[2], ())
    label = next((each.label for each in terms if each.value == head), PLAIN.get(head, head))
    return f"{label}{grade}级" if grade not in {"", "0"} else label
