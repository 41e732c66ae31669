"""五大行动、十八项任务: the plan's five actions and 18 tasks by their titles (plan L27 to L71)."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple


class Task(NamedTuple):
    """One task. `number`: as `Rule.task` says it, `8`; of milestones and safeguards `M`, `G`."""

    number: str
    title: str
    departments: str


class Action(NamedTuple):
    """One of the five actions, or what the plan asks besides them."""

    title: str
    tasks: tuple[Task, ...]


# fmt: off
ACTIONS: tuple[Action, ...] = (
    Action("精神素养提升行动", (
        Task("1", "加强思想道德建设", "教育、公安、法院、检察院、司法、民政、团委、妇联"),
        Task("2", "加强心理健康教育", "教育、民政、卫健、团委、妇联"),
        Task("3", "丰富精神文化生活", "教育、民政、团委、妇联、社会工作部"),
    )),
    Action("监护提质行动", (
        Task("4", "强化监护职责落实", "民政、社会工作部、公安、司法、妇联"),
        Task("5", "完善委托照护制度", "民政、社会工作部"),
        Task("6", "加强监护干预工作", "法院、检察院、教育、公安、民政、社会工作部"),
        Task("7", "强化政府兜底监护", "民政"),
    )),
    Action("精准帮扶行动", (
        Task("8", "开展摸底走访建档", "民政、社会工作部、教育"),
        Task("9", "强化救助保障服务", "民政、卫健、住建、人社、医保、团委、残联"),
        Task("10", "提升教育帮扶能力", "教育、公安、民政"),
        Task("11", "开展关爱服务工作", "民政、教育、团委、妇联、社会工作部"),
        Task("12", "开展源头帮扶服务", "教育、民政、住建、人社"),
    )),
    Action("安全防护行动", (
        Task("13", "加强安全教育引导", "教育、公安、民政、妇儿工委办、团委、妇联"),
        Task("14", "加强安全风险防范", "教育、公安、民政、应急"),
        Task("15", "加强网络保护工作", "网信、教育、公安"),
    )),
    Action("固本强基行动", (
        Task("16", "加强儿童主任队伍建设", "社会工作部、民政"),
        Task("17", "引导社会力量参与", "民政、团委、妇联"),
        Task("18", "加强信息化建设", "教育、公安、民政"),
    )),
)
# fmt: on

BESIDES = Action(
    "工作安排和保障措施", (Task("M", "工作安排", "各级民政"), Task("G", "保障措施", "各级民政"))
)
"""The milestones M1 to M5, and the safeguards G1 to G6."""

TASKS: tuple[Task, ...] = tuple(chain.from_iterable(action.tasks for action in ACTIONS))
