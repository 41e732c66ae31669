"""工作安排与保障措施: milestones M1 to M5, safeguards G1 to G6 (plan L75 to L99)."""
# ruff: noqa: E501 - a table: a line a check

from __future__ import annotations

from datetime import date

from domain.rules.shape import Rule, by, every, of, rule

YEAR = 12
DECEMBER = 12
"""A year that ends on 30 November, the day on which the report is due."""

# fmt: off
RULES: tuple[Rule, ...] = (
    rule("M1", "H", "上报18项任务责任分工表", "L75–77",
         by(date(2024, 6, 15), "prefecture", of("plan.responsibility_table_submitted"), "市(州)民政", "上报责任分工表", source="L77")),
    rule("M2", "H", "完成摸底、建档和系统更新", "L81",
         by(date(2024, 12, 31), "village", of("census.village_completed"), "县级民政", "完成摸底建档", source="L81")),
    rule("M3", "H", "取得阶段性成果", "L81",
         by(date(2025, 5, 31), "prefecture", of("stage_report.submitted", stage="interim"), "市(州)民政", "报告阶段性成果", source="L81")),
    rule("M4", "H", "基本实现预期目标", "L81",
         by(date(2026, 5, 31), "prefecture", of("stage_report.submitted", stage="goals"), "市(州)民政", "报告目标实现情况", source="L81")),
    rule("M5", "H", "巩固提升", "L83–85",
         by(date(2026, 10, 31), "prefecture", of("stage_report.submitted", stage="consolidation"), "市(州)民政", "总结巩固成果", source="L85")),
    rule("G1", "H", "省级每年调研、座谈或第三方评估", "L95",
         every(YEAR, "province", of("inspection.done", level="province"), "省民政厅", "实地调研、座谈或第三方评估", source="L95")),
    rule("G2", "H", "市(州)每年至少检查一次", "L95",
         every(YEAR, "county", of("inspection.done", level="prefecture"), "市(州)民政", "检查所辖县", source="L95")),
    rule("G3", "H", "每年11月底前报告工作进展", "L95",
         every(YEAR, "prefecture", of("annual_report.submitted"), "市(州)民政", "报送年度进展报告", anchor=DECEMBER, source="L95")),
    rule("G4", "E", "督促落实、列入年度重点工作", "L91",
         every(YEAR, "county", of("priority_list.adopted"), "各部门", "列入年度重点工作", name="priority"),
         every(YEAR, "province", of("supervision.recorded"), "省妇儿工委办", "督促相关部门", name="supervised")),
    rule("G5", "E", "宣传引导", "L99",
         every(YEAR, "county", of("publicity.published"), "各地", "宣传政策和典型")),
    rule("G6", "H", "保护儿童个人隐私", "L99",
         every(YEAR, "county", of("audit.completed"), "民政", "个人信息保护合规审计", source="网保条例 37")),
)
