"""What was seen at home, and how often anyone looked. Rules T8.6, T8.7.

Counts of what was found grow with visits made. Visits are features themselves (exposure), and what
was found is also told by the visit: `concern_rate_730`, drawn to the usual where visits are few.
"""

from __future__ import annotations

from risk.feature import (
    Feature,
    change,
    counted,
    counted_over,
    days_since,
    latest,
    made_of,
    part,
    shrunk,
    sum_of,
    summed_over,
)
from risk.sources import ATTEMPTS, REGISTERED, VISITS

_MARKS = "[living, guardianship, schooling, health, psychology, safety, internet]"
_FOUND = "length(concerns)"
_UNSAFE = f"countEqual({_MARKS}, 'unsafe')"
_AGE_DAYS = "(toUnixTimestamp(t) - toUnixTimestamp(occurred_at)) / 86400"
HALF_LIFE = 180
"""Days in which a sign counts for half: strain at home comes and goes in half years. K."""
USUAL_CONCERNS = 0.15
"""Concerns a visit. K; a rate from few visits is drawn to it."""

VISITS_MADE = part(VISITS, "visits_730", counted(730))
CONCERNS_SEEN = sum_of(VISITS, "concerns_730", _FOUND, 730)
SEEN_WITH = part(VISITS, "with_concern_730", counted(730, "notEmpty(concerns)"))
UNSEEN = part(VISITS, "unseen_730", counted(730, "NOT child_seen"))
ALONE = part(VISITS, "alone_730", counted(730, "spoken_alone"))
FAILED = part(ATTEMPTS, "failed_730", counted(730))
FADING = part(
    VISITS,
    "fading",
    f"sumIf({_FOUND} * exp2(-{_AGE_DAYS} / {HALF_LIFE}), notEmpty(concerns))",
    "notEmpty(concerns)",
)
FADING_VISITS = part(VISITS, "fading_visits", f"sum(exp2(-{_AGE_DAYS} / {HALF_LIFE}))")


def _heading(name: str, label: str, topic: str, column: str) -> tuple[Feature, ...]:
    return counted_over(
        VISITS, name, f"{{s}}{label}关注次数", topic, (365,),
        f"{column} IN ('concern', 'unsafe')", f"{{s}}走访{{v}}次发现{label}需关注", direction=1,
    )  # fmt: skip


_EXPOSURE = (
    *counted_over(VISITS, "visits", "{s}走访次数", "visits", (30, 90, 180, 365, 730), "1",
                  "{s}走访{v}次"),
    days_since(VISITS, "days_since_visit", "距上次走访天数", "visits", "1",
               "已{v}天未入户走访", REGISTERED),
    *counted_over(VISITS, "random_visits", "{s}随机走访次数", "visits", (730,),
                  "selection = 'random'", "{s}随机走访{v}次"),
    *counted_over(VISITS, "risk_visits", "{s}因风险走访次数", "visits", (365,),
                  "selection = 'risk'", "{s}因风险走访{v}次"),
    *counted_over(VISITS, "asked_visits", "{s}应请求走访次数", "asked", (365, 730),
                  "selection = 'request'", "{s}{v}次应请求走访", direction=1),
    Feature("alone_rate_730", "单独交谈比例", "number", "visits", (VISITS_MADE, ALONE),
            f"100 * {shrunk('p_alone_730', 'p_visits_730', 0.4, 2)}",
            "走访中单独交谈的约占{v}%"),
)  # fmt: skip

_SIGNS = (
    *summed_over(VISITS, "concerns", "{s}走访关注点数", "signs", (90, 180, 365, 730), _FOUND,
                 "{s}走访发现{v}处需关注", direction=1),
    made_of(VISITS, "concerns_last", "上次走访关注点数", "count", "signs",
            latest(_FOUND, "1"), "上次走访发现{v}处需关注", direction=1),
    change(VISITS, "concerns_rise_180", "半年关注点增加数", "signs", 180, _FOUND,
           "近半年走访关注点比之前半年多{v}处"),
    Feature("concern_rate_730", "每十次走访关注点数", "number", "signs",
            (VISITS_MADE, CONCERNS_SEEN),
            f"10 * {shrunk('p_concerns_730', 'p_visits_730', USUAL_CONCERNS, 4)}",
            "近两年每十次走访约发现{v}处需关注", direction=1),
    Feature("concerned_share_730", "有关注点的走访比例", "number", "signs",
            (VISITS_MADE, SEEN_WITH),
            f"100 * {shrunk('p_with_concern_730', 'p_visits_730', 0.12, 4)}",
            "近两年约{v}%的走访发现需关注", direction=1),
    Feature("fading_concerns", "关注点(近者重)", "number", "signs", (FADING,), "p_fading",
            "近来走访屡有需关注之处", direction=1),
    Feature("fading_rate", "每次走访关注点(近者重)", "number", "signs", (FADING, FADING_VISITS),
            f"10 * {shrunk('p_fading', 'p_fading_visits', USUAL_CONCERNS, 1.5)}",
            "近来每十次走访约发现{v}处需关注", direction=1),
    days_since(VISITS, "days_since_concern", "距上次关注点天数", "signs", "notEmpty(concerns)",
               "{v}天前走访发现需关注", REGISTERED, direction=-1),
    *summed_over(VISITS, "unsafe", "{s}有危险项数", "unsafe", (365, 730), _UNSAFE,
                 "{s}走访发现{v}处有危险", direction=1),
    *_heading("living_concerns", "生活", "living", "living"),
    *_heading("care_concerns", "监护", "guardianship", "guardianship"),
    *_heading("school_concerns", "就学", "school", "schooling"),
    *_heading("health_concerns", "健康", "health", "health"),
    *_heading("mind_concerns", "心理", "psychology", "psychology"),
    *_heading("safety_concerns", "安全", "unsafe", "safety"),
    *_heading("internet_concerns", "上网", "internet", "internet"),
)  # fmt: skip

_UNSEEN = (
    *counted_over(VISITS, "unseen", "{s}走访未见到儿童次数", "unseen", (180, 365), "NOT child_seen",
                  "{s}{v}次走访未见到儿童"),
    Feature("unseen_rate_730", "走访未见到儿童比例", "number", "unseen", (VISITS_MADE, UNSEEN),
            f"100 * {shrunk('p_unseen_730', 'p_visits_730', 0.1, 3)}",
            "近两年约{v}%的走访未见到儿童"),
    *counted_over(VISITS, "carer_absent", "{s}照料人不在场次数", "unseen", (365,),
                  "NOT carer_present", "{s}{v}次走访照料人不在场"),
    *counted_over(ATTEMPTS, "failed", "{s}走访未成次数", "unseen", (180, 365), "1",
                  "{s}{v}次走访未成"),
    *counted_over(ATTEMPTS, "refused", "{s}拒绝走访次数", "unseen", (365, 730),
                  "reason = 'refused'", "{s}{v}次拒绝走访"),
    Feature("failed_rate_730", "走访未成比例", "number", "unseen", (VISITS_MADE, FAILED),
            f"100 * {shrunk('p_failed_730', '(p_visits_730 + p_failed_730)', 0.08, 3)}",
            "近两年约{v}%的走访未成"),
)  # fmt: skip

VISIT_FEATURES = (*_EXPOSURE, *_SIGNS, *_UNSEEN)
