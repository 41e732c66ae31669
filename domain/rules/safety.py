"""第四行动 安全防护: tasks 13 to 15 (plan L59 to L63)."""
# ruff: noqa: E501 - a table: a line a check

from __future__ import annotations

from datetime import date

from domain.rules.shape import Rule, by, counted, every, never, of, rule, stands, then

YEAR, HALF_YEAR, MONTH = 12, 6, 1
GOALS_MET = date(2026, 5, 31)
"""M4 (L81)."""
FEBRUARY = 2
"""The half-years before the two holidays: February to July, August to January."""

# fmt: off
RULES: tuple[Rule, ...] = (
    rule("T13.1", "E", "安全宣传", "L59",
         every(YEAR, "county", of("activity.held", theme="safety_publicity"), "各地", "宣传安全常识")),
    rule("T13.2", "H", "安全知识进村(居),每年至少一次", "L59",
         every(YEAR, "county", of("activity.held", theme="safety_into_village", host="education"), "县教育", "开展安全知识进村(居)活动", name="education", source="L59"),
         every(YEAR, "county", of("activity.held", theme="safety_into_village", host="police"), "县公安", "开展安全知识进村(居)活动", name="police", source="L59"),
         every(YEAR, "county", of("activity.held", theme="safety_into_village", host="civil_affairs"), "县民政", "开展安全知识进村(居)活动", name="civil_affairs", source="L59"),
         every(YEAR, "county", of("activity.held", theme="safety_into_village", host="youth_league"), "县团委", "开展安全知识进村(居)活动", name="youth_league", source="L59"),
         every(YEAR, "county", of("activity.held", theme="safety_into_village", host="women_federation"), "县妇联", "开展安全知识进村(居)活动", name="women_federation", source="L59")),
    rule("T13.3", "H", "寒暑假前安全知识大讲堂", "L59",
         every(HALF_YEAR, "school", of("activity.held", theme="safety_lecture"), "学校", "放假前开展安全知识大讲堂", anchor=FEBRUARY, source="L59")),
    rule("T14.1", "E", "机构场所风险隐患排查化解", "L61",
         every(YEAR, "county", of("hazard.inspected"), "教育、公安、民政、应急", "排查风险隐患", name="inspected"),
         then(of("hazard.found"), of("hazard.resolved"), "教育、公安、民政、应急", "化解隐患", days=30, name="resolved", same="reference")),
    rule("T14.2", "H", "不发生安全事故", "L61",
         never(of("accident.recorded"), "各地", "不发生安全事故", source="L61")),
    rule("T14.3", "H", "水域巡查和“四个一”", "L61",
         stands("water_site", of("water_site.equipped", warning_sign=True, life_ring=True, rope=True, pole=True), "河湖长", "设置警示牌、救生圈、救生绳、救生杆", days=60, name="four_items", source="L61"),
         every(MONTH, "water_site", of("water_site.patrolled"), "河湖长", "巡查水域", name="patrol")),
    rule("T14.4", "E", "打击侵害儿童违法犯罪", "L61",
         counted(of("case.filed"), "公安", "立案")),
    rule("T15.1", "E", "预防网络沉迷、指导监护人", "L63",
         every(YEAR, "county", of("network.guardian_guided"), "网信、教育", "指导监护人防止网络沉迷")),
    rule("T15.2", "E", "“黔净”网络空间清朗工程", "L63",
         every(YEAR, "county", of("network.violation_handled"), "网信", "处理违规问题")),
    rule("T15.3", "H", "四项网络保护机制", "L63",
         by(GOALS_MET, "county", of("network.mechanism_established", mechanism="patrol"), "网信", "建立网络巡查机制", name="patrol", source="L63, L81"),
         by(GOALS_MET, "county", of("network.mechanism_established", mechanism="keyword_review"), "网信", "建立关键词预审机制", name="keyword_review", source="L63, L81"),
         by(GOALS_MET, "county", of("network.mechanism_established", mechanism="report_handling"), "网信", "建立不良信息举报受理机制", name="report_handling", source="L63, L81"),
         by(GOALS_MET, "county", of("network.mechanism_established", mechanism="opinion_response"), "网信", "建立舆情应对处理机制", name="opinion_response", source="L63, L81")),
    rule("T15.4", "C", "网络有害信息监测、受理、处置", "L63",
         then(of("network.incident_reported"), of("network.disposed"), "网信、公安", "处置网络侵害", days=7, same="reference")),
    rule("T15.5", "H", "手机有限带入校园、禁止带入课堂", "L63",
         stands("school", of("school.phone_policy_set", brought_in="limited", in_class="forbidden"), "学校", "规定手机有限带入校园、禁止带入课堂", days=180, source="L63")),
)
