"""Who kept in touch: workers (exposure), and parents with the child. Rules T5.5, T8.5."""

from __future__ import annotations

from risk.feature import (
    Feature,
    change,
    count_of,
    counted_over,
    days_from,
    days_since,
    made_of,
    part,
    shrunk,
)
from risk.features.care import ANY_AWAY, LEFT_AT, PARENTS
from risk.sources import CALLS, CONTACTS, REGISTERED

_WITH_CHILD = "leg = 'child'"
_LAST_CALL = part(CALLS, "days_since_call", f"maxIf(occurred_at, {_WITH_CHILD})", _WITH_CHILD)
_NEAR = days_from("greatest(p_days_since_call, p_left_at)")
_HALF_YEAR = count_of(CALLS, "calls_180", 180, _WITH_CHILD)
_MONTHS_AWAY = f"least({days_from('p_left_at')}, 180) / 30"

CONTACT_FEATURES = (
    *counted_over(CONTACTS, "contacts", "{s}联系次数", "contacts", (30, 90, 180, 365), "1",
                  "{s}联系{v}次"),
    days_since(CONTACTS, "days_since_contact", "距上次联系天数", "contacts", "1",
               "已{v}天未联系", REGISTERED),
    *counted_over(CONTACTS, "talks_with_child", "{s}与儿童联系次数", "contacts", (180,),
                  "with_whom = 'child'", "{s}与儿童本人联系{v}次"),
    *counted_over(CONTACTS, "talks_with_parent", "{s}与父母联系次数", "contacts", (180,),
                  "with_whom = 'parent'", "{s}与父母联系{v}次"),
    *counted_over(CONTACTS, "contacts_in_person", "{s}当面联系次数", "contacts", (180,),
                  "channel = 'in_person'", "{s}当面联系{v}次"),
    change(CONTACTS, "contacts_fall_90", "联系减少次数", "contacts", 90, "1",
           "近90天联系比之前90天少{v}次", falls=True),
    *counted_over(CALLS, "calls", "{s}亲情联系次数", "calls", (30, 90, 180, 365), _WITH_CHILD,
                  "{s}父母与孩子联系{v}次"),
    change(CALLS, "calls_fall_90", "亲情联系减少次数", "calls", 90, f"({_WITH_CHILD})",
           "近90天父母与孩子的联系比之前90天少{v}次", falls=True),
    change(CALLS, "calls_fall_180", "半年亲情联系减少次数", "calls", 180, f"({_WITH_CHILD})",
           "近半年父母与孩子的联系比之前半年少{v}次", falls=True),
    made_of(CALLS, "months_called_365", "近一年有亲情联系的月数", "count", "calls",
            f"uniqExactIf(toStartOfMonth(occurred_at), {_WITH_CHILD})",
            "近一年有{v}个月父母与孩子有联系", when=_WITH_CHILD),
    Feature("calls_a_month", "外出期间每月亲情联系", "number", "calls",
            (*PARENTS, LEFT_AT, _HALF_YEAR),
            f"if({ANY_AWAY}, {shrunk('p_calls_180', f'({_MONTHS_AWAY})', 1, 1)}, 4)",
            "外出期间父母与孩子每月联系约{v}次"),
    Feature("days_since_call", "父母外出后未联系天数", "days", "calls",
            (*PARENTS, LEFT_AT, _LAST_CALL),
            f"if({ANY_AWAY}, {_NEAR}, 0)", "父母已{v}天未与孩子联系"),
    *counted_over(CALLS, "calls_with_delegate", "{s}父母与受托人联系次数", "calls", (180,),
                  "leg = 'delegate'", "{s}父母与受托人联系{v}次"),
    *counted_over(CALLS, "mother_calls", "{s}母亲联系次数", "calls", (180,),
                  f"{_WITH_CHILD} AND parent = 'mother'", "{s}母亲与孩子联系{v}次"),
)  # fmt: skip
