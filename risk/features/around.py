"""Around the child: siblings, village, director, dangers of the place, list position, season.

Siblings and villages are told of others only; the child's own facts are taken out.
"""

from __future__ import annotations

from risk.feature import Feature, count_of, days_from, part, shrunk, since, within
from risk.features.problems import FOUND, SERIOUS
from risk.features.visits import CONCERNS_SEEN, FADING, FADING_VISITS, USUAL_CONCERNS, VISITS_MADE
from risk.sources import (
    CARER,
    CONTACTS,
    DAY,
    DIRECTORS,
    HOUSE,
    LISTS,
    PLACES,
    PROBLEMS,
    VISITS,
)

_HOME = (CARER, HOUSE)
_SERIOUS_365 = count_of(PROBLEMS, "serious_365", 365, SERIOUS)
_SERIOUS_730 = count_of(PROBLEMS, "serious_730", 730, SERIOUS)
_FOUND_365 = count_of(PROBLEMS, "problems_365", 365, FOUND)
_VISITS_90 = count_of(VISITS, "visits_90", 90)
_CONTACTS_90 = count_of(CONTACTS, "contacts_90", 90)


def others(part_name: str, window: str) -> str:
    """The sum of a part over the others of a window."""
    return f"(sum({part_name}) OVER {window} - {part_name})"


_OTHERS_IN_VILLAGE = "greatest(count() OVER village - 1, 1)"
_VILLAGE_SEEN = "sum(p_concerns_730) OVER village"
_VILLAGE_VISITS = "sum(p_visits_730) OVER village"
_USUAL_HERE = shrunk(_VILLAGE_SEEN, _VILLAGE_VISITS, USUAL_CONCERNS, 20)
_HOME_FADING = ("sum(p_fading) OVER household", "sum(p_fading_visits) OVER household")

_SIBLINGS = (
    Feature("siblings", "在册兄弟姐妹数", "count", "siblings", _HOME,
            "count() OVER household - 1", "同户还有{v}名在册儿童"),
    Feature("siblings_serious_730", "近两年兄弟姐妹严重问题数", "count", "siblings",
            (*_HOME, _SERIOUS_730), others("p_serious_730", "household"),
            "近两年同户儿童发现{v}个严重问题", direction=1),
    Feature("siblings_problems_365", "近一年兄弟姐妹问题数", "count", "siblings",
            (*_HOME, _FOUND_365), others("p_problems_365", "household"),
            "近一年同户儿童发现{v}个问题", direction=1),
    Feature("siblings_concerns_730", "近两年兄弟姐妹关注点数", "count", "siblings",
            (*_HOME, CONCERNS_SEEN), others("p_concerns_730", "household"),
            "近两年走访同户儿童发现{v}处需关注", direction=1),
    Feature("household_rate_730", "全户每十次走访关注点数", "number", "siblings",
            (*_HOME, CONCERNS_SEEN, VISITS_MADE),
            "10 * " + shrunk("sum(p_concerns_730) OVER household",
                             "sum(p_visits_730) OVER household", USUAL_CONCERNS, 4),
            "近两年全户每十次走访约发现{v}处需关注", direction=1),
    Feature("household_fading_rate", "全户关注点(近者重)", "number", "siblings",
            (*_HOME, FADING, FADING_VISITS),
            "10 * " + shrunk(*_HOME_FADING, USUAL_CONCERNS, 1.5),
            "近来全户每十次走访约发现{v}处需关注", direction=1),
)  # fmt: skip

_VILLAGE = (
    Feature("village_rate", "同村其他儿童严重问题率", "number", "village", (_SERIOUS_365,),
            f"100 * {others('p_serious_365', 'village')} / {_OTHERS_IN_VILLAGE}",
            "同村其他儿童近一年每百人{v}个严重问题"),
    Feature("village_problems", "同村其他儿童问题率", "number", "village", (_FOUND_365,),
            f"100 * {others('p_problems_365', 'village')} / {_OTHERS_IN_VILLAGE}",
            "同村其他儿童近一年每百人{v}个问题"),
    Feature("village_children", "同村在册儿童数", "count", "village", (),
            "count() OVER village", "同村在册儿童{v}人"),
    Feature("concern_excess_730", "超出本村常情的关注点数", "number", "signs",
            (CONCERNS_SEEN, VISITS_MADE),
            f"p_concerns_730 - p_visits_730 * {_USUAL_HERE}",
            "近两年走访关注点比同村常情多{v}处"),
)  # fmt: skip

_APPOINTED = part(DIRECTORS, "appointed_at", "max(occurred_at)")
_APPOINTMENTS = count_of(DIRECTORS, "appointments_730", 730)
_HOURS = part(DIRECTORS, "director_hours", "argMax(weekly_hours, sequence)")

_DIRECTOR = (
    Feature("village_concern_rate_730", "本村每十次走访关注点数", "number", "director",
            (CONCERNS_SEEN, VISITS_MADE), f"10 * {_USUAL_HERE}",
            "本村每十次走访约发现{v}处需关注"),
    Feature("village_visits_90", "本村近90天人均走访", "number", "director", (_VISITS_90,),
            "10 * sum(p_visits_90) OVER village / count() OVER village",
            "本村近90天每十名儿童走访{v}次"),
    Feature("village_contacts_90", "本村近90天人均联系", "number", "director", (_CONTACTS_90,),
            "10 * sum(p_contacts_90) OVER village / count() OVER village",
            "本村近90天每十名儿童联系{v}次"),
    Feature("director_days", "儿童主任任职天数", "days", "director", (_APPOINTED,),
            days_from("p_appointed_at"), "儿童主任任职{v}天"),
    Feature("director_changes_730", "近两年任用儿童主任次数", "count", "director",
            (_APPOINTMENTS,), "p_appointments_730", "近两年任用儿童主任{v}次"),
    Feature("director_hours_a_child", "每名儿童每周工时", "number", "director", (_HOURS,),
            "60 * p_director_hours / count() OVER village", "每名儿童每周约{v}分钟工时"),
)  # fmt: skip

_HAZARD = "type = 'hazard.found.v1'"
_SOLVED = "type = 'hazard.resolved.v1'"
_ACCIDENT = "type = 'accident.recorded.v1'"
_EQUIPPED = "type = 'water_site.equipped.v1'"
_HAZARDS = count_of(PLACES, "hazards_365", 365, _HAZARD)
_HAZARDS_OPEN = part(
    PLACES, "hazards_open",
    f"greatest(toInt32(uniqExactIf(reference, {_HAZARD}))"
    f" - toInt32(uniqExactIf(reference, {_SOLVED})), 0)",
    f"{_HAZARD} OR {_SOLVED}",
)  # fmt: skip
_ACCIDENTS = count_of(PLACES, "accidents_730", 730, _ACCIDENT)
_BARE = part(PLACES, "bare_water", f"countIf({_EQUIPPED} AND NOT equipped)", _EQUIPPED)

_PLACE = (
    Feature("hazards_365", "近一年乡镇隐患数", "count", "place", (_HAZARDS,), "p_hazards_365",
            "近一年本乡镇排查出{v}处隐患", direction=1),
    Feature("hazards_open", "乡镇未化解隐患数", "count", "place", (_HAZARDS_OPEN,),
            "p_hazards_open", "本乡镇还有{v}处隐患未化解", direction=1),
    Feature("accidents_730", "近两年乡镇安全事故数", "count", "place", (_ACCIDENTS,),
            "p_accidents_730", "近两年本乡镇发生{v}起儿童安全事故", direction=1),
    Feature("bare_water", "乡镇水域配备不全次数", "count", "place", (_BARE,), "p_bare_water",
            "本乡镇水域{v}次检查配备不全", direction=1),
)  # fmt: skip

_OLDER = "occurred_at < t - INTERVAL 7 DAY"
"""A list made in the week of scoring is no reason for the next score."""
_WEEKS_LISTED = part(
    LISTS, "weeks_listed", f"uniqExactIf(week, {_OLDER} AND {since(187)})",
    f"{_OLDER} AND {since(187)}",
)  # fmt: skip
_FIRST_PLACES = part(
    LISTS, "first_places", f"uniqExactIf(week, {_OLDER} AND {within(187, 'rank <= 3')})",
    f"{_OLDER} AND rank <= 3",
)  # fmt: skip

_LISTED = (
    Feature("weeks_listed_180", "近半年列入清单周数", "count", "listed", (_WEEKS_LISTED,),
            "p_weeks_listed", "近半年有{v}周列入走访清单"),
    Feature("weeks_near_top_180", "近半年列前三位周数", "count", "listed", (_FIRST_PLACES,),
            "p_first_places", "近半年有{v}周列在清单前三位"),
)  # fmt: skip

_MONTH = f"2 * pi() * (toDayOfYear({DAY}) / 365.25)"

_SEASON = (
    Feature("season_sin", "季节(正弦)", "number", "season", (), f"sin({_MONTH})"),
    Feature("season_cos", "季节(余弦)", "number", "season", (), f"cos({_MONTH})"),
    Feature("summer_ahead", "正值或将值暑假", "flag", "season", (),
            f"toMonth({DAY}) IN (6, 7, 8)"),
    Feature("after_festival", "春节后外出季", "flag", "season", (), f"toMonth({DAY}) IN (2, 3)"),
)  # fmt: skip

AROUND_FEATURES = (*_SIBLINGS, *_VILLAGE, *_DIRECTOR, *_PLACE, *_LISTED, *_SEASON)
