"""第二行动 监护提质: tasks 4 to 7 (plan L37 to L43)."""
# ruff: noqa: E501 - a table: a line a check

from __future__ import annotations

from datetime import date

from domain.rules.shape import Rule, always, by, counted, every, of, own, rule, stands, then

YEAR = 12
GOALS_MET = date(2026, 5, 31)
"""M4 (L81)."""

FOUND = of("problem.found")
SUBMITTED = of("report.submitted")

# fmt: off
RULES: tuple[Rule, ...] = (
    rule("T4.1", "E", "督促指导监护人依法履职", "L37",
         every(YEAR, "child", of("guardian.guidance_given"), "村(居)委会", "督促指导监护人")),
    rule("T4.2", "C", "监护失职或侵害予以劝诫、制止", "L37",
         then(of("problem.found", kind="guardianship"), of("guardian.admonished_by_committee"), "村(居)委会", "对监护失职予以劝诫", days=15, name="guardianship"),
         then(of("problem.found", kind="unattended"), of("guardian.admonished_by_committee"), "村(居)委会", "对无人照看予以劝诫", days=15, name="unattended")),
    rule("T4.3", "C", "情节严重采取保护措施并报告公安", "L37",
         then(of("problem.found", kind="abuse"), of("protection.measure_taken"), "村(居)委会", "采取保护措施", days=1, name="measure", ledger=False),
         then(of("problem.found", kind="abuse"), of("report.submitted", to="police"), "村(居)委会", "向公安机关报告", days=1, name="police", ledger=False, source="UPL 11")),
    rule("T4.4", "C", "公安训诫、责令家庭教育指导", "L37",
         then(of("report.investigated", finding="substantiated"), of("guardian.police_reprimanded", "police.warning_letter_issued", "guardian.family_education_ordered", "case.filed"), "公安", "训诫或责令接受家庭教育指导", days=30, ledger=False)),
    rule("T4.5", "E", "法律明白人政策宣讲", "L37",
         every(YEAR, "county", of("legal_publicity.visit_made"), "司法", "法律明白人入户普法")),
    rule("T4.6", "E", "发布典型案例", "L37",
         every(YEAR, "county", of("legal_publicity.case_published"), "法院、检察院、公安", "网上发布典型案例")),
    rule("T5.1", "C", "外出务工前书面委托并报备", "L39",
         own("care_agreement", actor="父母", what="签订并报备委托照护协议", source="L39")),
    rule("T5.2", "C", "被委托人符合条件", "L39",
         then(of("care_agreement.signed"), of("care_agreement.delegate_assessed"), "村(居)委会", "评估被委托人是否符合条件", days=30, same="reference")),
    rule("T5.3", "C", "书面告知学校和村(居)委会", "L39",
         then(of("care_agreement.signed"), of("care_agreement.notice_sent"), "父母", "书面告知学校和实际居住地村(居)委会", days=30, same="reference")),
    rule("T5.4", "C", "照护不力及时告知父母或帮助督促", "L39",
         then(of("care.deficiency_found"), of("care.parent_notified", "care.delegate_supported", "care.delegate_replaced"), "儿童主任", "告知父母重新选择或帮助督促被委托人", days=7, same="reference")),
    rule("T5.5", "H", "父母每周与儿童、被委托人联系", "L39",
         own("parent_contact_child", "parent_contact_delegate", actor="父母", what="与儿童和被委托人联系", source="L39")),
    rule("T6.1", "E", "强制报告制度宣传", "L41",
         every(YEAR, "county", of("activity.held", theme="mandatory_report"), "各地", "宣传强制报告制度")),
    rule("T6.2", "C", "发现侵害立即报告", "L41",
         then(of("problem.found", kind="abuse"), SUBMITTED, "报告义务人", "提交强制报告", days=1, ledger=False, source="UPL 11")),
    rule("T6.3", "C", "住宿经营者五必须", "L41",
         always(of("lodging.minor_checkin_recorded"), "住宿经营者", "接待未成年人落实“五必须”",
                "checked_id=true", "guardian_contacted=true", "relation_asked=true", "patrolled=true", "suspicion_handled=true", source="L41")),
    rule("T6.4", "C", "及时受理、处置并告知结果", "L41",
         then(SUBMITTED, of("report.received"), "接报部门", "接收报告", days=1, name="received", same="reference", ledger=False),
         then(of("report.received"), of("report.accepted", "report.transferred"), "接报部门", "受理或移送", days=1, name="accepted", same="reference", ledger=False, source="行政案件程序规定 61"),
         then(of("report.accepted"), of("report.investigated"), "接报部门", "调查", days=15, name="investigated", same="reference", ledger=False),
         then(of("report.accepted"), of("report.disposed"), "接报部门", "处置", days=30, name="disposed", same="reference", ledger=False),
         then(of("report.disposed"), of("report.feedback_given"), "接报部门", "将处理结果告知报告人", days=7, name="feedback", same="reference", ledger=False)),
    rule("T6.5", "C", "符合临时监护条件的妥善安置", "L41",
         then(of("protection.temp_guardianship_assessed", met=True), of("temp_guardianship.started"), "民政", "临时监护安置", days=3, ledger=False)),
    rule("T6.6", "C", "人身安全保护令、撤销监护人资格", "L41",
         then(of("court.protection_order_applied"), of("court.protection_order_issued", "court.protection_order_denied"), "法院", "七十二小时内作出裁定", days=3, name="order", same="reference", ledger=False, source="ADV 28"),
         then(of("court.guardianship_revocation_applied"), of("court.guardianship_revocation_decided"), "法院", "三十日内审结", days=30, name="revocation", same="reference", ledger=False, source="民诉法 187")),
    rule("T6.7", "C", "检察院督促、支持起诉和公益诉讼", "L41",
         counted(of("procurator.suit_supported", "procurator.public_interest_filed", "procurator.supervision_order_issued"), "检察院", "督促、支持起诉或提起公益诉讼")),
    rule("T6.8", "C", "司法建议、检察建议一个月内回复", "L41",
         then(of("advice.issued"), of("advice.replied"), "有关单位", "书面回复建议", months=1, same="reference", source="UPL 114")),
    rule("T7.1", "E", "儿童福利机构优化提质", "L43",
         by(GOALS_MET, "prefecture", of("institution.upgrade_completed"), "民政", "完成区域性儿童福利机构优化提质", source="L81")),
    rule("T7.2", "E", "成年孤儿安置帮扶", "L43",
         every(YEAR, "county", of("orphan_transition.measure_recorded"), "民政", "落实成年孤儿安置帮扶措施")),
    rule("T7.3", "E", "县级机构转型为未保机构", "L43",
         stands("institution", of("institution.status_changed", status="transformed"), "民政", "转型为未成年人救助保护机构", days=730)),
    rule("T7.4", "E", "盘活资源优先用于未保机构", "L43",
         every(YEAR, "county", of("institution.resource_allocated"), "民政", "资源优先用于未保机构")),
    rule("T7.5", "E", "未保机构服务和设施达标", "L43",
         every(YEAR, "institution", of("institution.inspection_recorded"), "民政", "检查机构服务和设施")),
)
