"""应保尽保: which benefit a child has a claim to on a day, and whether it is covered (T9.1, T9.2).

    benefit                        claim                                                   from
    subsistence_allowance          the household is 低保                                     L49
    destitute_support              the household is 特困, the child under destitute_age      L49, K
    orphan_allowance               held as an orphan                                       L49
    de_facto_unsupported_allowance held as de facto unsupported, not as an orphan          L49
    special_hardship_allowance     农村低保 ∧ compulsory schooling ∧ (LBC ∨ CID)           T9.2
    disability_allowance           certified, grade 1 to disability_grade                  K

A category counts once a human confirmed it: where the rules say yes and the file does not, the
claim `needs` the confirmation. NOT_EVALUATED says which benefits no rule of the field gives.

Covered is who has a granted benefit of the type that runs in the day's month. Due is `since` + the
setting's days; since is the day on which the last of its conditions came to hold. Money is fen. The
SQL twin is projections/entitlements.sql.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta

import msgspec

from domain.categories import DIFFICULTY, Answer, Decision, Person
from domain.circumstances import Circumstances, value
from domain.rules.judging import State
from domain.subsidy import Benefit

NOT_EVALUATED = {
    Benefit.TEMPORARY: "急难情形由人工认定;T11.5 看生活困难是否及时纳入救助",
    Benefit.MEDICAL: "没有事件记载医疗费用",
    Benefit.EDUCATION: "各学段资助标准不在计划之内",
    Benefit.NUTRITION: "按学校实施范围,不按儿童认定",
}
"""Benefits that domain.md gives no rule for, and why."""

COMPULSORY = frozenset({"primary", "junior"})
SCHOOL_AGE = (6, 16)
"""Years: outside, nobody is in compulsory schooling (义务教育法 11)."""


class Award(msgspec.Struct, frozen=True, kw_only=True):
    """One granted benefit of a child. Months are `YYYY-MM`; `last_month` empty: it runs on.

    amounts   (from month, fen) in the order in which they were said
    paid      (period, fen, day of payment)
    """

    benefit_id: str
    benefit: str
    granted_on: date
    first_month: str
    last_month: str = ""
    amounts: tuple[tuple[str, int], ...] = ()
    paid: tuple[tuple[str, int, date], ...] = ()

    def runs_in(self, month: str) -> bool:
        """Whether it is due for a month."""
        return self.first_month <= month and (not self.last_month or month <= self.last_month)

    def amount(self, month: str) -> int:
        """Fen due for a month: of the latest start not after it, the last said; 0 before all."""
        valid = [each for each in self.amounts if each[0] <= month]
        start = max((each[0] for each in valid), default="")
        return [fen for begin, fen in valid if begin == start][-1] if valid else 0


class Entitlement(msgspec.Struct, frozen=True, kw_only=True):
    """One child's claim to one benefit on a day.

    due_on, state, overdue_days   only where the answer is yes
    done_on                       the day of the grant that covers it
    """

    benefit: str
    rule: str
    answer: Answer
    needs: tuple[str, ...] = ()
    since: date | None = None
    due_on: date | None = None
    done_on: date | None = None
    benefit_id: str = ""
    state: State | None = None
    overdue_days: int = 0


Claim = tuple[Answer, tuple[str, ...], tuple[str, ...]]
"""Answer, what is lacking, and the topics whose `since` counts."""


def _no() -> Claim:
    return "no", (), ()


def _by_income(known: Circumstances, status: str) -> Claim:
    told = value(known, "income")
    if told == status:
        return "yes", (), ("income",)
    return _no() if told else ("needs", ("income",), ())


def _by_category(category: str, held: Collection[str], decisions: Iterable[Decision]) -> Claim:
    if category in held:
        return "yes", (), (f"category.{category}",)
    found = next(each for each in decisions if each.category == category)
    if found.answer == "no":
        return _no()
    return "needs", found.needs or ("confirmation",), ()


def _hardship(known: Circumstances, person: Person, held: Collection[str]) -> Claim:
    income, hukou, school = (value(known, each) for each in ("income", "hukou", "school"))
    of_school_age = _months(person, SCHOOL_AGE[0]) <= person.on < _months(person, SCHOOL_AGE[1], 1)
    ours = sorted(each for each in held if each in DIFFICULTY or each == "left_behind_child")
    if (
        (income not in {"", "subsistence"})
        or hukou in {"urban", "other"}
        or not ours
        or not (school in COMPULSORY or (school in {"", "left"} and of_school_age))
    ):
        return _no()
    lacking = tuple(
        name
        for name, there in (("income", income), ("hukou", hukou == "rural"),
                            ("school", school in COMPULSORY))
        if not there
    )  # fmt: skip
    if lacking:
        return "needs", lacking, ()
    return "yes", (), ("income", "school", "hukou", "+category")


def _months(person: Person, years: int, more: int = 0) -> date:
    index = person.birth_month.year * 12 + person.birth_month.month - 1 + 12 * years + more
    return date(index // 12, index % 12 + 1, 1)


def _by_disability(known: Circumstances, person: Person) -> Claim:
    topic = "certificate" if "certificate" in known else "health"
    kind, _, grade = value(known, topic).partition("/")
    if not kind:
        return "needs", ("disability",), ()
    if topic == "health" and kind != "disabled":
        return _no()
    if grade == "0":
        return "needs", ("grade",), ()
    return ("yes", (), (topic,)) if int(grade) <= person.values["disability_grade"] else _no()


def _claims(
    known: Circumstances, person: Person, held: Collection[str], decisions: Sequence[Decision]
) -> dict[Benefit, Claim]:
    destitute = _by_income(known, "destitute")
    if person.on >= _months(person, person.values["destitute_age"], 1):
        destitute = _no()
    de_facto = _by_category("de_facto_unsupported", held, decisions)
    return {
        Benefit.SUBSISTENCE: _by_income(known, "subsistence"),
        Benefit.DESTITUTE: destitute,
        Benefit.ORPHAN: _by_category("orphan", held, decisions),
        Benefit.DE_FACTO: _no() if "orphan" in held else de_facto,
        Benefit.SPECIAL_HARDSHIP: _hardship(known, person, held),
        Benefit.DISABILITY: _by_disability(known, person),
    }


def _since(known: Circumstances, topics: Iterable[str], held: Collection[str]) -> date:
    """The day on which the last condition came to hold; of several categories the first."""
    days = []
    for topic in topics:
        if topic == "+category":
            ours = [e for e in held if e in DIFFICULTY or e == "left_behind_child"]
            days.append(min(known[f"category.{each}"].since for each in ours))
        else:
            days.append(known[topic].since)
    return max(days)


def entitlements(
    known: Circumstances,
    person: Person,
    held: Collection[str],
    decisions: Sequence[Decision],
    awards: Sequence[Award],
) -> list[Entitlement]:
    """Every benefit that a rule gives, for one child on the ledger on one day.

    held   categories on file and not outgrown (domain/ageing.py)
    """
    made = []
    for benefit, claim in _claims(known, person, held, decisions).items():
        rule = "T9.2" if benefit is Benefit.SPECIAL_HARDSHIP else "T9.1"
        base = Entitlement(benefit=benefit.value, rule=rule, answer=claim[0], needs=claim[1])
        if claim[0] == "yes":
            since = _since(known, claim[2], held)
            base = _judged(base, since, person, awards)
        made.append(base)
    return made


def cover(awards: Sequence[Award], benefit: str, month: str) -> Award | None:
    """Of the benefits of a type that run in a month, the first granted."""
    running = [e for e in awards if e.benefit == benefit and e.runs_in(month)]
    return min(running, key=lambda each: (each.granted_on, each.benefit_id), default=None)


def _judged(base: Entitlement, since: date, person: Person, awards: Sequence[Award]) -> Entitlement:
    days = person.values["hardship_days" if base.rule == "T9.2" else "entitlement_days"]
    due, found = since + timedelta(days=days), cover(awards, base.benefit, f"{person.on:%Y-%m}")
    late = (person.on - due).days
    if found is None:
        state: State = "overdue" if late > 0 else "open"
    else:
        state, late = "late" if found.granted_on > due else "met", 0
    return msgspec.structs.replace(
        base,
        since=since,
        due_on=due,
        done_on=found.granted_on if found else None,
        benefit_id=found.benefit_id if found else "",
        state=state,
        overdue_days=late,
    )


# --- what is wrong with the money --------------------------------------------------------------

EXCLUDING: tuple[tuple[str, str], ...] = (
    ("orphan_allowance", "de_facto_unsupported_allowance"),
    ("destitute_support", "subsistence_allowance"),
)
"""Benefits that exclude one another in one month (K: practice; no source at hand)."""

ONCE = Benefit.TEMPORARY.value


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with a payment, a grant or a month.

    kind          double_paid, excluded, wrong_paid, wrong_granted, late_paid or unpaid
    benefit_ids   the benefits it concerns, in name order
    period        the month paid or due
    expected_fen  what would be right; 0 where nothing is due
    found_fen     what was paid, or granted
    day           the day on which it came about
    """

    kind: str
    benefit: str
    benefit_ids: tuple[str, ...]
    period: str
    expected_fen: int
    found_fen: int
    day: date


FOUND = {
    "double_paid": "重复发放", "excluded": "不可同时享受", "wrong_paid": "发放金额不符",
    "wrong_granted": "批准金额不符", "late_paid": "迟发", "unpaid": "未发",
}  # fmt: skip
"""Kind of a finding → in words."""

Expected = Callable[[str, str], Sequence[int]]
"""(benefit, month) → the amounts that would be right; none: not judged."""


def _month_end(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)


def next_month(month: str) -> str:
    """`2026-12` → `2027-01`."""
    return f"{_month_end(month) + timedelta(days=1):%Y-%m}"


def findings(awards: Sequence[Award], on: date, pay_days: int, expected: Expected) -> list[Finding]:
    """What is wrong with one child's benefits, as known on a day."""
    found = [*_paid_twice(awards), *_excluded(awards)]
    for award in awards:
        found += _amounts(award, on, expected)
        found += _timing(award, on, pay_days)
    return found


def _paid_twice(awards: Sequence[Award]) -> list[Finding]:
    paid: dict[tuple[str, str], list[tuple[date, str, int]]] = {}
    for award in awards:
        for period, fen, when in award.paid:
            paid.setdefault((award.benefit, period), []).append((when, award.benefit_id, fen))
    return [
        Finding(
            kind="double_paid", benefit=benefit, benefit_ids=tuple(sorted({e[1] for e in each})),
            period=period, expected_fen=min(each)[2], found_fen=sum(e[2] for e in each),
            day=sorted(each)[1][0],
        )
        for (benefit, period), each in paid.items()
        if len(each) > 1 and benefit != ONCE
    ]  # fmt: skip


def _excluded(awards: Sequence[Award]) -> list[Finding]:
    made = []
    for pair in EXCLUDING:
        by_month: dict[str, list[tuple[date, str, str, int]]] = {}
        for award in awards:
            if award.benefit in pair:
                for period, fen, when in award.paid:
                    told = (when, award.benefit_id, award.benefit, fen)
                    by_month.setdefault(period, []).append(told)
        for period, each in by_month.items():
            if len({e[2] for e in each}) > 1:
                firsts = [min(e[0] for e in each if e[2] == name) for name in pair]
                made.append(Finding(
                    kind="excluded", benefit=pair[1],
                    benefit_ids=tuple(sorted({e[1] for e in each})), period=period,
                    expected_fen=0, found_fen=sum(e[3] for e in each if e[2] == pair[1]),
                    day=max(firsts),
                ))  # fmt: skip
    return made


def _amounts(award: Award, on: date, expected: Expected) -> list[Finding]:
    made = []

    def wrong(kind: str, period: str, fen: int, when: date) -> None:
        right = expected(award.benefit, period)
        if right and fen not in right:
            made.append(_one(award, kind, period, (right[0], fen), when))

    for period, fen, when in award.paid:
        wrong("wrong_paid", period, fen, when)
    month = f"{on:%Y-%m}"
    if award.runs_in(month) and award.amounts:
        wrong("wrong_granted", month, award.amount(month), award.granted_on)
    return made


def _timing(award: Award, on: date, pay_days: int) -> list[Finding]:
    if award.benefit == ONCE:
        return []
    made = []
    for period, fen, when in award.paid:
        if when > _month_end(period) + timedelta(days=pay_days):
            made.append(_one(award, "late_paid", period, (fen, fen), when))
    paid, month = {each[0] for each in award.paid}, award.first_month
    while _month_end(month) + timedelta(days=pay_days) < on and award.runs_in(month):
        if month not in paid:
            due = _month_end(month) + timedelta(days=pay_days)
            made.append(_one(award, "unpaid", month, (award.amount(month), 0), due))
        month = next_month(month)
    return made


def _one(award: Award, kind: str, period: str, money: tuple[int, int], when: date) -> Finding:
    right, fen = money
    return Finding(
        kind=kind, benefit=award.benefit, benefit_ids=(award.benefit_id,), period=period,
        expected_fen=right, found_fen=fen, day=when,
    )  # fmt: skip


def to_pay(awards: Sequence[Award], on: date) -> list[tuple[Award, int]]:
    """What is due for the day's month and not yet paid: the award, and fen."""
    month = f"{on:%Y-%m}"
    return [
        (each, each.amount(month))
        for each in awards
        if each.benefit != ONCE and each.runs_in(month) and month not in {p[0] for p in each.paid}
    ]
