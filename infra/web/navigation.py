"""Where a role's pages are: the bar on top of every page, and the tiles of the home page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from infra.access import BY_KEY, Reader, Role


class Page(NamedTuple):
    """One way in. `what`: in one line, for a tile; `but`: roles whose home shows it already."""

    right: str
    path: str
    label: str
    what: str
    but: tuple[Role, ...] = ()


PAGES = (
    Page("phone", "/phone", "手机离线", "没有网络也能看清单、登记走访"),
    Page("supervision", "/supervision", "进度", "谁落后、哪里逾期、工作量", (Role.SUPERVISOR,)),
    Page("review", "/review", "待核查", "新登记、类别建议、更正、未结问题"),
    Page("report_desk", "/desk/reports", "报告台", "强制报告:时限、移送、受理、反馈"),
    Page("subsidy_desk", "/desk/subsidies", "救助台", "应保未保、本月待发、发放问题"),
    Page("indicators", "/indicators", "指标", "十八项任务,逐级看到逾期清单"),
    Page("places", "/places", "地区", "各地在册儿童和逾期", (Role.DIRECTOR,)),
    Page("models", "/models", "模型", "模型卡片和笔记本"),
    Page("looks", "/looks", "查阅记录", "谁看过这个孩子"),
    Page("break_glass", "/break-glass", "紧急查阅", "写明理由,限时查阅,通知县里"),
    Page("accounts", "/accounts", "账号", "新建、解锁、停用,都留记录"),
)


class Navigation:
    """The pages that there are: of the table above those that the application answers."""

    def __init__(self, paths: Iterable[str]) -> None:
        known = set(paths)
        self._pages = [each for each in PAGES if each.path in known]

    def __call__(self, reader: Reader) -> list[Page]:
        """What a reader may open, but for the home page."""
        return [
            each
            for each in self._pages
            if reader.role in BY_KEY[each.right].roles and reader.role not in each.but
        ]
