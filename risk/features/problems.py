"""What came to light before, and what help was granted. Rules T6, T8.9, T9."""

from __future__ import annotations

from risk.feature import (
    Feature,
    count_of,
    counted_over,
    days_since,
    ever,
    latest,
    made_of,
    shrunk,
)
from risk.features.visits import VISITS_MADE
from risk.sources import PROBLEMS, REGISTERED, REPORTS, SUBSIDIES

RESOLVED = "type = 'problem.resolved.v1'"
FOUND = "type = 'problem.found.v1'"
SERIOUS = f"{FOUND} AND severity IN ('serious', 'urgent')"
_SUBMITTED = "type = 'report.submitted.v1'"
_SUBSTANTIATED = "finding = 'substantiated'"
_GRANTED = "type = 'benefit.granted.v1'"
_STOPPED = "type = 'benefit.stopped.v1'"
_FOUND_730 = count_of(PROBLEMS, "problems_730", 730, FOUND)

_HISTORY = (
    *counted_over(PROBLEMS, "problems", "{s}发现问题数", "history", (90, 365, 730), FOUND,
                  "{s}发现{v}个问题", direction=1),
    *counted_over(PROBLEMS, "serious", "{s}严重问题数", "history", (180, 365, 730), SERIOUS,
                  "{s}发现{v}个严重问题", direction=1),
    made_of(PROBLEMS, "serious_ever", "历来严重问题数", "count", "history", f"countIf({SERIOUS})",
            "曾发现{v}个严重问题", direction=1, when=SERIOUS),
    made_of(PROBLEMS, "problem_kinds", "历来问题种类数", "count", "history",
            f"uniqIf(kind, {FOUND})", "曾发现{v}类问题", direction=1, when=FOUND),
    days_since(PROBLEMS, "days_since_problem", "距上次问题天数", "history", FOUND,
               "{v}天前发现问题", REGISTERED, direction=-1),
    days_since(PROBLEMS, "days_since_serious", "距上次严重问题天数", "history", SERIOUS,
               "{v}天前发现严重问题", REGISTERED, direction=-1),
    ever(PROBLEMS, "abused_ever", "曾发现虐待暴力", "violence", f"{FOUND} AND kind = 'abuse'",
         "曾发现虐待或暴力问题", direction=1),
    ever(PROBLEMS, "neglected_ever", "曾发现监护问题", "guardianship",
         f"{FOUND} AND kind IN ('guardianship', 'unattended')", "曾发现监护缺失或无人照料问题",
         direction=1),
    *counted_over(PROBLEMS, "mind_problems", "{s}心理问题数", "psychology", (730,),
                  f"{FOUND} AND kind = 'psychology'", "{s}发现{v}个心理问题", direction=1),
    *counted_over(PROBLEMS, "found_at_school", "{s}学校发现问题数", "history", (730,),
                  f"{FOUND} AND found_by = 'school'", "{s}学校发现{v}个问题", direction=1),
    Feature("problem_rate_730", "每十次走访问题数", "number", "history",
            (_FOUND_730, VISITS_MADE),
            f"10 * {shrunk('p_problems_730', 'p_visits_730', 0.03, 5)}",
            "近两年每十次走访约发现{v}个问题", direction=1),
    made_of(PROBLEMS, "open_problems", "未办结问题数", "count", "open",
            f"greatest(toInt32(countIf({FOUND})) - toInt32(countIf({RESOLVED})), 0)",
            "还有{v}个问题未办结", direction=1),
    *counted_over(PROBLEMS, "solved", "{s}办结问题数", "open", (365,), RESOLVED,
                  "{s}办结{v}个问题"),
)  # fmt: skip

# without reasons: what a list says must not tell a director of a report (ADV 14)
_REPORTS = (
    *counted_over(REPORTS, "reports", "{s}强制报告数", "reports", (365,), _SUBMITTED, direction=1),
    made_of(REPORTS, "reports_ever", "历来强制报告数", "count", "reports",
            f"countIf({_SUBMITTED})", direction=1, when=_SUBMITTED),
    ever(REPORTS, "substantiated_ever", "曾有报告查实", "reports", _SUBSTANTIATED, "", direction=1),
    ever(REPORTS, "measures_ever", "曾因报告采取措施", "reports", "measure != ''", "", direction=1),
)  # fmt: skip

_HELP = (
    *counted_over(SUBSIDIES, "benefits", "{s}获批救助数", "poverty", (365,), _GRANTED,
                  "{s}新获{v}项救助"),
    *counted_over(SUBSIDIES, "temporary_relief", "{s}临时救助次数", "poverty", (730,),
                  f"{_GRANTED} AND benefit_type = 'temporary_relief'", "{s}获{v}次临时救助",
                  direction=1),
    ever(SUBSIDIES, "on_subsistence", "获批低保或特困供养", "poverty",
         f"{_GRANTED} AND benefit_type IN ('subsistence_allowance', 'destitute_support')",
         "家庭享受低保或特困供养", direction=1),
    *counted_over(SUBSIDIES, "benefits_stopped", "{s}停发救助数", "poverty", (365,), _STOPPED,
                  "{s}{v}项救助停发"),
    made_of(SUBSIDIES, "found_ineligible", "救助资格未认定", "flag", "poverty",
            latest("eligibility = 'ineligible'", "eligibility != ''"), "申请救助未获认定",
            direction=1, when="eligibility != ''"),
)  # fmt: skip

PROBLEM_FEATURES = (*_HISTORY, *_REPORTS, *_HELP)
