"""第五行动 固本强基: tasks 16 to 18 (plan L67 to L71)."""
# ruff: noqa: E501 - a table: a line a check

from __future__ import annotations

from domain.rules.shape import Rule, counted, every, of, rule, stands

YEAR, QUARTER = 12, 3

# fmt: off
RULES: tuple[Rule, ...] = (
    rule("T16.1", "E", "儿童主任由村(居)委会副主任担任", "L67",
         stands("director", of("worker.appointed", position="deputy_head"), "村(居)委会", "由副主任担任儿童主任", days=0)),
    rule("T16.2", "D", "超过30人建议增配儿童主任", "L67",
         counted(of("worker.addition_recommended"), "县民政", "建议增配儿童主任")),
    rule("T16.3", "E", "儿童主任任职条件", "L67",
         stands("director", of("worker.qualification_checked"), "县民政", "核查任职条件", days=90)),
    rule("T16.4", "E", "儿童主任信息录入更新", "L67",
         stands("director", of("worker.synced"), "县民政", "录入全国儿童福利信息系统", days=30)),
    rule("T16.5", "E", "职责清单、服务清单、工作评价", "L67",
         stands("county", of("worker.duty_list_issued"), "县民政", "制定职责清单和服务内容清单", days=365, name="list"),
         every(YEAR, "director", of("worker.evaluated"), "县民政", "评价儿童主任工作", name="evaluated")),
    rule("T16.6", "H", "全员培训档案", "L67",
         stands("director", of("worker.training_file_opened"), "县民政", "建立培训档案", days=30, source="L67")),
    rule("T16.7", "H", "市(州)每年至少一次线下示范培训", "L67",
         every(YEAR, "prefecture", of("training.held", level="prefecture", mode="offline"), "市(州)民政", "组织线下示范培训", source="L67")),
    rule("T16.8", "H", "县级每年全覆盖培训", "L67",
         every(YEAR, "director", of("training.attended"), "县民政", "培训儿童主任", source="L67")),
    rule("T16.9", "D", "儿童主任补助", "L67",
         counted(of("worker.subsidy_paid"), "有条件的地方", "发放儿童主任补助")),
    rule("T17.1", "E", "五社联动、培育社会组织", "L69",
         every(YEAR, "county", of("org.engaged"), "民政", "引导社会组织参与")),
    rule("T17.2", "E", "共青团+青年社会组织+志愿者", "L69",
         every(YEAR, "county", of("volunteer.project_started"), "团委", "实施志愿服务项目")),
    rule("T17.3", "E", "推荐表彰社会组织和志愿者", "L69",
         every(YEAR, "county", of("org.commended"), "民政、团委、妇联", "推荐表彰")),
    rule("T18.1", "E", "与教育、公安数据共享", "L71",
         every(QUARTER, "county", of("data_match.run"), "民政", "与教育、公安共享数据")),
    rule("T18.2", "D", "主动发现、精准匹配、量身定制", "L71",
         counted(of("alert.raised"), "民政", "主动发现", name="alert"),
         counted(of("need.matched"), "民政", "精准匹配需求", name="matched"),
         counted(of("care_plan.adopted"), "民政", "量身定制方案", name="plan")),
)
