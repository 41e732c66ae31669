"""第三行动 精准帮扶: tasks 8 to 12 (plan L48 to L55)."""
# ruff: noqa: E501 - a table: a line a check

from __future__ import annotations

from datetime import date

from domain.rules.shape import Rule, by, counted, every, never, of, own, rule, then

YEAR, HALF_YEAR, QUARTER, MONTH = 12, 6, 3, 1
SEPTEMBER = 9
CENSUS_DONE = date(2024, 12, 31)
"""M2 (L81)."""

NOT_FOR_LIVING = tuple(
    f"type={each}"
    for each in (
        "orphan_allowance", "de_facto_unsupported_allowance", "special_hardship_allowance",
        "disability_allowance", "medical_aid", "education_aid", "nutrition_improvement",
    )
)  # fmt: skip
"""Benefits that are no answer to 生活困难: L53 names 低保, 特困供养 and 临时救助."""

# fmt: off
RULES: tuple[Rule, ...] = (
    rule("T8.1", "H", "全面摸底排查", "L48",
         by(CENSUS_DONE, "village", of("census.village_completed"), "县级民政", "完成摸底排查", source="L81")),
    rule("T8.2", "E", "与教育等部门信息比对", "L48",
         every(QUARTER, "county", of("data_match.run", partner="education"), "县级民政", "与教育部门比对信息")),
    rule("T8.3", "E", "及时录入、更新全国儿童福利信息系统", "L48",
         then(of("child.registered"), of("national_system.synced"), "县级民政", "录入全国儿童福利信息系统", days=30)),
    rule("T8.4", "H", "督导员每年至少联系一次", "L48",
         own("supervisor_contact", actor="儿童督导员", what="联系家庭", source="L48")),
    rule("T8.5", "H", "儿童主任每月至少联系一次", "L48",
         own("director_contact", actor="儿童主任", what="联系家庭", source="L48")),
    rule("T8.6", "H", "儿童主任每三个月至少入户走访一次", "L48",
         own("director_visit", actor="儿童主任", what="入户走访", source="L48")),
    rule("T8.7", "C", "安全风险较大的加大走访频次", "L48",
         own("director_visit", actor="儿童主任", what="按风险加密走访", source="K")),
    rule("T8.8", "E", "重点关注单亲、受灾、监护缺失或不当的儿童", "L48",
         then(of("risk.factor_recorded", factor="single_parent", without=("present=false",)), of("visit.completed", by="director"), "儿童主任", "走访单亲家庭儿童", days=90, name="single_parent"),
         then(of("risk.factor_recorded", factor="disaster", without=("present=false",)), of("visit.completed", by="director"), "儿童主任", "走访受灾家庭儿童", days=30, name="disaster"),
         then(of("risk.factor_recorded", factor="guardianship_improper", without=("present=false",)), of("visit.completed", by="director"), "儿童主任", "走访监护缺失或不当的儿童", days=30, name="guardianship")),
    rule("T8.9", "C", "发现问题报告和协调解决", "L48",
         then(of("problem.found"), of("problem.resolved"), "儿童主任", "解决发现的问题", days=60, same="reference")),
    rule("T8.10", "H", "一人一档", "L48",
         then(of("child.registered"), of("file.opened"), "村(居)委会", "建立儿童档案(五部分)", days=30)),
    rule("T9.1", "C", "应保尽保", "L49",
         own("entitlements", actor="民政", what="符合条件的纳入保障", source="L49", name="covered"),
         then(of("eligibility.assessed", result="eligible"), of("benefit.granted"), "民政", "资格认定后纳入保障", days=30, same="reference", name="assessed"),
         own("application_steps", actor="乡镇", what="受理申请", source="K", name="accepted"),
         own("application_steps", actor="乡镇", what="查验申请", source="K", name="checked"),
         own("application_steps", actor="县级民政", what="确认申请", source="K", name="decided"),
         own("application_steps", actor="县级民政", what="告知结果", source="K", name="notified"),
         own("payment_findings", actor="县级民政", what="按时足额、不重复发放", source="K", name="paid")),
    rule("T9.2", "H", "特殊困难补助金(低保标准的30%)", "L49",
         own("entitlements", actor="民政", what="农村低保家庭义务教育阶段留守、困境儿童增发特殊困难补助金", source="L49", name="covered"),
         own("payment_findings", actor="县级民政", what="按当地低保标准的30%足额发放", source="L49", name="paid")),
    rule("T9.3", "D", "政府救助与慈善帮扶衔接", "L49",
         counted(of("charity.aid_given"), "民政", "慈善帮扶")),
    rule("T9.4", "C", "致残性疾病筛查、诊断、治疗、康复衔接", "L49",
         then(of("disability.screened", suspected=True), of("disability.diagnosed"), "卫健", "筛查后诊断", days=30, name="diagnosed"),
         then(of("disability.diagnosed"), of("disability.treated"), "卫健", "诊断后治疗", days=60, name="treated"),
         then(of("disability.diagnosed"), of("disability.rehab_started"), "残联", "诊断后康复", days=90, name="rehab")),
    rule("T9.5", "C", "残疾儿童手术、辅具、康复训练", "L49",
         then(of("disability.certified"), of("rehab.service_delivered"), "残联", "提供手术、辅具或康复训练", days=180)),
    rule("T9.6", "E", "区域性儿童福利机构纳入康复定点", "L49",
         every(YEAR, "prefecture", of("institution.rehab_designated"), "民政、残联", "将符合条件的机构纳入康复定点")),
    rule("T10.1", "E", "教育、公安、民政信息共享", "L51",
         every(QUARTER, "county", of("data_match.run", partner="police"), "教育、公安、民政", "共享比对信息")),
    rule("T10.2", "C", "应返尽返", "L51",
         then(of("dropout.confirmed"), of("dropout.persuasion_made", "dropout.returned"), "学校", "劝返复学", days=15, name="persuaded", same="reference", source="UPL 28"),
         then(of("dropout.confirmed"), of("dropout.returned"), "教育", "返校复学", days=90, name="returned", same="reference")),
    rule("T10.3", "C", "复学学生教学计划和安置,防止反弹", "L51",
         then(of("dropout.returned"), of("dropout.plan_made"), "学校", "制定教学计划并安置", days=15, name="plan", same="reference"),
         never(of("dropout.relapsed"), "学校", "防止辍学反弹", name="relapse", source="L51")),
    rule("T10.4", "E", "学业困难一对一结对", "L51",
         every(YEAR, "county", of("pairing.created", kind="academic"), "教育", "一对一结对帮扶")),
    rule("T10.5", "H", "控辍保学“四个一”报告", "L51",
         every(MONTH, "school", of("dropout.report_submitted", level="school"), "学校", "每月报告", name="school", source="教育部办公厅 2024"),
         every(QUARTER, "county", of("dropout.report_submitted", level="county"), "县教育", "每季度复核", name="county", source="教育部办公厅 2024"),
         every(HALF_YEAR, "prefecture", of("dropout.report_submitted", level="prefecture"), "市(州)教育", "每学期摸底", name="prefecture", anchor=SEPTEMBER, source="教育部办公厅 2024"),
         every(YEAR, "province", of("dropout.report_submitted", level="province"), "省教育", "每年评估", name="province", source="教育部办公厅 2024")),
    rule("T11.1", "C", "台账重点人员分类落实帮扶措施", "L53",
         then(of("child.registered"), of("care_plan.adopted"), "儿童主任", "制定帮扶措施并明确责任人", days=60)),
    rule("T11.2", "C", "心理隐患一对一辅导、热线、送医", "L53",
         then(of("mental.screening_completed", band="needs_counselling"), of("mental.counselling_delivered", "hotline.advised"), "学校", "一对一辅导或告知热线", days=30)),
    rule("T11.3", "C", "严重家暴、异性监护人评估临时监护条件", "L53",
         then(of("risk.factor_recorded", factor="family_violence", without=("present=false",)), of("protection.temp_guardianship_assessed"), "民政", "评估是否符合临时监护条件", days=15)),
    rule("T11.4", "H", "亲情关爱、社区家长学校", "L53",
         own("parent_contact_child", actor="父母", what="每周与儿童联系", source="L53"),
         every(YEAR, "county", of("parent_school.session_held"), "民政", "举办社区家长学校活动", name="parent_school")),
    rule("T11.5", "C", "生活困难及时纳入救助", "L53",
         then(of("problem.found", kind="living"), of("benefit.granted", "charity.aid_given", "problem.resolved", without=NOT_FOR_LIVING), "民政", "纳入救助或链接慈善", days=60)),
    rule("T11.6", "C", "辍学厌学劝返、寄宿和公办就读", "L53",
         then(of("dropout.returned"), of("school.boarding_assigned", "school.public_enrolled", "dropout.plan_made"), "教育", "安排寄宿或公办学校就读", days=60)),
    rule("T12.1", "E", "父母或监护人创业就业帮扶", "L55",
         every(YEAR, "county", of("employment.training_completed"), "人社", "职业培训")),
    rule("T12.2", "E", "引导父母携带子女共同生活", "L55",
         every(YEAR, "county", of("migration.child_reunited"), "民政、住建、教育", "帮助随父母共同生活")),
    rule("T12.3", "E", "公共就业服务向乡村延伸", "L55",
         every(YEAR, "village", of("employment.service_delivered"), "人社", "就业服务到村")),
    rule("T12.4", "E", "农村留守妇女职业培训", "L55",
         every(YEAR, "county", of("employment.training_completed", left_behind_woman=True), "人社、妇联", "培训留守妇女")),
)
