"""The child's file as it stood: age, categories, tier, health, school. Rules T8.1, T8.7, T8.8."""

from __future__ import annotations

from risk.feature import (
    Feature,
    counted_over,
    days_from,
    days_since,
    ever,
    latest,
    made_of,
)
from risk.sources import AGE, BORN, FILE, REGISTERED

_TIER_SET = "type = 'risk.tier_set.v1'"
_HIGH = f"{_TIER_SET} AND tier IN ('red', 'yellow')"
_HEALTH_SET = "type = 'child.health_status_set.v1'"
_SCHOOLED = "type IN ('school.enrolled.v1', 'school.left.v1')"
_ENROLLED = "type = 'school.enrolled.v1'"
_DROPPED = "type = 'school.left.v1' AND reason = 'dropped_out'"
_STAGES = "['primary', 'junior', 'senior', 'vocational'], [1, 2, 3, 3]"
_PLAN = "type = 'visit_plan.set.v1'"


def _category(category: str) -> str:
    return latest("present", f"category = '{category}'")


def _factor(factor: str) -> str:
    return latest("present", f"factor = '{factor}'")


_WHO = (
    Feature("age", "年龄", "number", "age", (BORN,), AGE, "年龄{v}岁"),
    Feature("small_child", "未满六岁", "flag", "age", (BORN,), f"{AGE} < 6", "年龄未满6岁"),
    Feature("teenager", "年满十二岁", "flag", "age", (BORN,), f"{AGE} >= 12", "已满12岁"),
    Feature(
        "days_on_ledger", "在册天数", "days", "ledger", (REGISTERED,), days_from("p_registered_at")
    ),
    Feature(
        "new_on_ledger",
        "建档未满三月",
        "flag",
        "ledger",
        (REGISTERED,),
        f"{days_from('p_registered_at')} < 91",
    ),
    ever(FILE, "came_back_to_ledger", "曾重新纳入台账", "return",
         "type = 'child.returned_to_ledger.v1'", "曾退出后又重新纳入台账"),
    *counted_over(FILE, "moves", "{s}迁居次数", "move", (365, 730), "type = 'child.moved.v1'",
                  "{s}迁居{v}次"),
)  # fmt: skip

_TIER = (
    made_of(FILE, "tier", "风险等级", "level", "tier",
            f"transform({latest('tier', _TIER_SET)}, ['blue', 'yellow', 'red'], [1, 2, 3], 0)",
            "风险等级为{w}", words=("蓝", "黄", "红"), direction=1, when=_TIER_SET),
    ever(FILE, "tier_ever_high", "曾评为红黄", "tier", _HIGH, "曾被评为红色或黄色等级",
         direction=1),
    *counted_over(FILE, "tier_settings", "{s}评级次数", "tier", (730,), _TIER_SET,
                  "{s}评定等级{v}次"),
    days_since(FILE, "days_since_tier_high", "距上次评为红黄天数", "tier", _HIGH,
               "{v}天前评为红色或黄色等级", REGISTERED),
    made_of(FILE, "own_visit_plan", "设有个别走访频次", "flag", "tier",
            f"countIf({_PLAN}) > 0", "设有更密的个别走访计划", when=_PLAN),
)  # fmt: skip

_CATEGORIES = (
    made_of(FILE, "left_behind", "农村留守儿童", "flag", "category",
            _category("left_behind_child"), "属农村留守儿童"),
    made_of(FILE, "poverty", "家庭贫困", "flag", "poverty", _category("family_poverty"),
            "家庭贫困", direction=1),
    made_of(FILE, "unguarded", "认定监护缺失或不当", "flag", "guardianship",
            _category("guardianship_failure"), "已认定监护缺失或不当", direction=1),
    made_of(FILE, "de_facto", "事实无人抚养或孤儿", "flag", "category",
            f"greatest({_category('de_facto_unsupported')}, {_category('orphan')})",
            "属事实无人抚养儿童或孤儿"),
    made_of(FILE, "seriously_ill", "重病", "flag", "health", _category("serious_illness"),
            "认定为重病儿童", direction=1),
    made_of(FILE, "categories_held", "认定类别数", "count", "category",
            "uniqIf(category, category != '' AND present)", "认定过{v}类困境"),
    made_of(FILE, "psychological", "心理或行为异常", "flag", "psychology",
            _factor("psychological_abnormality"), "有心理或行为异常记录", direction=1),
    made_of(FILE, "single_parent", "单亲家庭", "flag", "parents", _factor("single_parent"),
            "单亲家庭"),
    made_of(FILE, "family_violence", "家庭暴力", "flag", "violence", _factor("family_violence"),
            "有家庭暴力记录", direction=1),
    made_of(FILE, "guardianship_improper", "监护不当因素", "flag", "guardianship",
            _factor("guardianship_improper"), "有监护缺失或不当记录", direction=1),
    made_of(FILE, "truancy", "厌学逃学", "flag", "school", _factor("truancy"), "有厌学逃学记录",
            direction=1),
    made_of(FILE, "parent_disabled", "父母严重残疾因素", "flag", "unable",
            _factor("parent_severe_disability"), "父母严重残疾", direction=1),
    made_of(FILE, "hit_by_disaster", "受灾因素", "flag", "disaster", _factor("disaster"),
            "家庭受灾严重", direction=1),
    made_of(FILE, "factors_seen", "记录过的风险因素数", "count", "factors",
            "uniqIf(factor, factor != '' AND present)", "记录过{v}类风险因素", direction=1),
)  # fmt: skip

_HEALTH_AND_SCHOOL = (
    made_of(FILE, "ill", "患病或体弱", "flag", "health",
            latest("health IN ('chronic', 'serious', 'weak')", _HEALTH_SET), "患病或体弱",
            when=_HEALTH_SET),
    made_of(FILE, "disability", "残疾程度", "level", "health",
            latest("if(disability_grade = 0, 0, 5 - disability_grade)", _HEALTH_SET),
            "身有{w}残疾", words=("四级", "三级", "二级", "一级"), when=_HEALTH_SET),
    made_of(FILE, "dropped_out", "辍学", "flag", "school", latest(_DROPPED, _SCHOOLED),
            "已辍学", direction=1, when=_SCHOOLED),
    ever(FILE, "dropped_out_ever", "曾辍学", "school", _DROPPED, "曾经辍学", direction=1),
    made_of(FILE, "boarding", "寄宿", "flag", "school", latest("boarding", _SCHOOLED), "在校寄宿",
            when=_SCHOOLED),
    made_of(FILE, "school_stage", "学段", "level", "stage",
            f"transform({latest('school_stage', _ENROLLED)}, {_STAGES}, 0)",
            "就读{w}", words=("小学", "初中", "高中或中职"), when=_ENROLLED),
    *counted_over(FILE, "school_changes", "{s}入学转学次数", "stage", (730,), _ENROLLED,
                  "{s}入学或转学{v}次"),
)  # fmt: skip

FILE_FEATURES = (*_WHO, *_TIER, *_CATEGORIES, *_HEALTH_AND_SCHOOL)
