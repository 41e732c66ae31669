"""第一行动 精神素养提升: tasks 1 to 3 (plan L29 to L33)."""
# ruff: noqa: E501 - a table: a line a check

from __future__ import annotations

from domain.rules.shape import Rule, counted, every, of, rule, stands, then

YEAR, QUARTER = 12, 3
SEPTEMBER = 9
"""School years."""

LAW = "法院、检察院、公安、司法"

# fmt: off
RULES: tuple[Rule, ...] = (
    rule("T1.1", "E", "学校主题教育", "L29",
         every(YEAR, "school", of("activity.held", theme="first_button"), "学校", "开展“扣好人生第一粒扣子”活动", name="button", anchor=SEPTEMBER),
         every(YEAR, "school", of("activity.held", theme="green_bookmark"), "学校", "开展“绿书签”活动", name="bookmark", anchor=SEPTEMBER),
         every(YEAR, "school", of("activity.held", theme="network_safety"), "学校", "开展“网络安全进课堂”活动", name="network", anchor=SEPTEMBER)),
    rule("T1.2", "E", "家庭教育指导", "L29",
         every(YEAR, "county", of("family_education.session_held"), "妇联", "开展家庭教育指导")),
    rule("T1.3", "E", "配齐配强法治副校长", "L29",
         stands("school", of("school.legal_vice_principal_assigned"), LAW, "配备法治副校长", days=180)),
    rule("T1.4", "E", "法治进校园、宪法宣传周、民法典宣传月", "L29",
         every(YEAR, "county", of("activity.held", theme="rule_of_law"), LAW, "开展法治进校园、进课堂", name="school"),
         every(YEAR, "county", of("activity.held", theme="constitution_week"), LAW, "开展宪法宣传周", name="constitution", source="L29"),
         every(YEAR, "county", of("activity.held", theme="civil_code_month"), LAW, "开展民法典宣传月", name="civil_code", source="L29")),
    rule("T1.5", "E", "少先队实践活动", "L29",
         every(YEAR, "county", of("activity.held", theme="young_pioneers"), "团委", "开展少先队实践活动")),
    rule("T1.6", "E", "依托关爱阵地思想道德教育", "L29",
         every(YEAR, "county", of("activity.held", theme="moral_education"), "民政", "开展思想道德教育活动")),
    rule("T2.1", "E", "生命教育、挫折教育", "L31",
         every(YEAR, "school", of("activity.held", theme="life_education"), "学校", "开展生命教育", name="life", anchor=SEPTEMBER),
         every(YEAR, "school", of("activity.held", theme="setback_education"), "学校", "开展挫折教育", name="setback", anchor=SEPTEMBER)),
    rule("T2.2", "D", "同伴教育", "L31",
         counted(of("activity.held", theme="peer_education"), "学校", "开展同伴教育")),
    rule("T2.3", "E", "心理健康教师培训", "L31",
         every(YEAR, "county", of("teacher.psych_training_completed"), "教育、卫健", "培训心理健康教师")),
    rule("T2.4", "E", "定期心理健康测评筛查", "L31",
         every(YEAR, "child", of("mental.screening_completed"), "学校", "心理健康测评筛查", scope="in_school", anchor=SEPTEMBER)),
    rule("T2.5", "E", "心理健康档案、教育疏导工作台账", "L31",
         stands("child", of("mental.file_opened"), "学校", "建立心理健康档案", days=365, scope="in_school"),
         then(of("mental.screening_completed", band="needs_counselling"), of("mental.ledger_entry_added"), "学校", "记入教育疏导工作台账", days=30, name="ledger")),
    rule("T2.6", "C", "对有需要的儿童开展心理辅导", "L31",
         then(of("mental.screening_completed", band="needs_counselling"), of("mental.counselling_delivered"), "学校", "开展心理辅导", days=30)),
    rule("T2.7", "C", "疑似精神疾病督促送医、跟踪服务", "L31",
         then(of("mental.screening_completed", band="suspected_illness"), of("mental.referral_urged"), "学校", "督促家长送医", days=7, name="urged"),
         then(of("mental.referral_urged"), of("mental.medical_visit_confirmed"), "学校", "确认已送医", days=30, name="visit", same="reference"),
         then(of("mental.medical_visit_confirmed"), of("mental.followup_recorded"), "学校", "就医后跟踪服务", days=90, name="followup", same="reference")),
    rule("T2.8", "D", "一对一帮扶、精神障碍社区康复", "L31",
         counted(of("pairing.created", kind="helper"), "民政、团委、妇联", "一对一帮扶", name="pairing"),
         counted(of("mental.community_rehab_enrolled"), "民政、卫健", "纳入精神障碍社区康复", name="rehab")),
    rule("T3.1", "E", "儿童之家明确主管和具体负责单位", "L33",
         stands("children_home", of("children_home.registered", supervised=True, run_by_committee=True), "乡镇民政机构", "明确主管部门和负责的村(居)委会", days=90)),
    rule("T3.2", "E", "儿童之家开展服务", "L33",
         every(QUARTER, "children_home", of("children_home.service_delivered"), "村(居)委会", "儿童之家开展服务")),
    rule("T3.3", "E", "儿童之家示范工程", "L33",
         every(YEAR, "province", of("children_home.demo_designated"), "省级", "支持示范儿童之家")),
    rule("T3.4", "E", "团委、妇联实践活动", "L33",
         every(YEAR, "county", of("activity.held", theme="practice"), "团委、妇联", "开展实践活动")),
    rule("T3.5", "D", "励志夏令营、集体游学", "L33",
         counted(of("activity.held", theme="summer_camp"), "有条件的地方", "举办励志夏令营")),
    rule("T3.6", "E", "动员参加社团、兴趣小组、课外实践", "L33",
         every(YEAR, "child", of("activity.attended"), "学校", "参加社团、兴趣小组或课外实践", scope="in_school", anchor=SEPTEMBER)),
)
