"""Why something was not recorded, in the reader's language: what happened, and what to do now.

Intake says it in English for those who write programs (`Outcome`); a page says it for whoever
filled in the form. What a request as a whole is refused for stands at the end.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from litestar.exceptions import HTTPException

from infra.intake import Outcome
from infra.web.forms import HEADINGS
from infra.web.language import here, t

CODES = {
    "in_future": "时间在将来。请改成实际发生的时间。",
    "child_unknown": "这个孩子不在您负责的地方,或台账里没有。请告诉督导员。",
    "child_forgotten": "这个孩子的信息已按规定删除,不能再登记。",
    "not_authorised": "您的账号不能登记这一类记录。请由有权限的人登记。",
    "id_reused": "这张表交过了,内容和这次不同。要改,请登记更正;是另一件事,请重新打开表。",
    "missing_field": "“{field}”还没有填。",
    "unknown_value": "“{field}”没有选对。请从列表里选。",
    "bad_date": "“{field}”不是日历上的日子。请重新选。",
    "wrong_*": "“{field}”填得不对。请核对数字、格式和长短。",
    "end_*": "结束早于开始,或不晚于原来的结束日。请核对两个日期。",
    "*before_*": "时间早于前面的一步。请核对什么时候发生。",
    "agreement_ended": "这份协议已经结束。请核对时间,或登记签订新的协议。",
    "category_not_held": "孩子没有这个类别了,可能刚由别人确认过。请看最新的情况。",
    "category_held": "孩子已经有这个类别,可能刚由别人确认过。请看最新的情况。",
    "already_*": "这件事已经登记过。请到孩子的档案里核对;登错了,请登记更正。",
    "*_repeated": "这一步已经登记过。请看最新的情况。",
    "*_twice": "已经登记过一次。请核对,不要重复。",
    "*_taken": "这个编号已用在别的孩子身上。请核对编号。",
    "wrong_desk": "报告现在在别的部门。请先登记移送,或核对部门。",
    "same_desk": "报告已经在这个部门。请选别的部门。",
    "report_disposed": "这份报告已经处置完毕。请核对时间,或另报一份。",
    "*_unknown": "前面的一步还没有登记。请先登记它,再登记这一步。",
    "not_*": "前面的一步还没有登记。请先登记它,再登记这一步。",
    "no_*": "前面的一步还没有登记。请先登记它,再登记这一步。",
    "plan_too_loose": "走访间隔只能比规定更短。请改小。",
    "personal_data": "“{field}”里像是写了身份证号或电话,不能写在这里。请去掉。",
    "*": "有一处没有填对({code})。请核对后再交;还不行,请告诉管理员。",
}
"""Code of a refusal, the first that fits → what a person is told. A test walks all codes."""

PAGES = {
    400: "地址或参数写错了。周写作 2026-W12,村代码是 12 位数字。",
    401: "请先登录。管理员也可以用 shouhe serve 给出的登录地址,12 小时内有效。",
    403: "这一页不归您的角色,或者要先改密码、设置验证器。",
    404: "没有这个页面,或者它不在您负责的地方。",
    405: "这个地址只收表单。请回到首页,从页面上打开。",
    413: "内容太大。请选小一些的文件。",
    429: "打开得太频繁。请过一分钟再试。",
}
"""Status of a page that was only looked at → what is said."""

FORMS = {
    400: "没有登记:交上来的内容不完整,或写错了。请按“后退”回到表单,核对后再交。",
    401: "没有登记:登录已过期。请登录,再按“后退”回到表单,刷新后再交。",
    403: "没有登记:您的角色不能做这件事,请由有权限的人来办。",
    404: "没有登记:这个孩子或这件事不在您负责的地方,或者刚刚已经办过。请回到清单看最新的情况。",
    409: "没有登记:这件事刚刚由别人办过。请回到清单看最新的情况。",
    413: "没有登记:内容太大。请按“后退”,换一张小一些的照片(最大 8 MB),再交一次。",
    429: "没有登记:交得太频繁。请过一分钟,按“后退”再交一次。",
}
"""Status of a form that was sent → what is said."""

WORDS = {
    "csrf": "没有登记:这一页打开得太久,或中间重新登录过。请按“后退”,抄下写好的,刷新后再交。",
    "another site asks": "没有登记:这次提交不是从守禾的页面来的。请从守禾的页面打开表单,再交一次。",
    "another desk holds the report": "报告在别的部门办理,报告人只有那里能看到。",
    "password": "没有登记:要先修改初始密码。请到“本人账号”改好,再按“后退”回来交。",
    "factor": "没有登记:要先设置验证器。请到“本人账号”设好,再按“后退”回来交。",
}
"""Word of the guard (guard.py) → what is said where its status would say too little."""

OVER = "登录已过期,还没有登记。您填写的都还在:登录后再交一次就行。"
FAULT = "出错了,没有显示任何个人信息。请稍后再试,或联系管理员。"
FAULT_OF_A_FORM = (
    "出错了,不知道是否登记成。请先看看有没有,没有再按“后退”重交;同一张表重交只算一次。"
)


def refusal(outcome: Outcome) -> str:
    """Why an event was not recorded."""
    name = outcome.field.rpartition(".")[2]
    if here().english:
        return f"{outcome.field}: {outcome.message}" if outcome.field else outcome.message
    found = next(said for code, said in CODES.items() if fnmatchcase(outcome.code, code))
    return found.format(field=HEADINGS.get(name, name), code=outcome.code)


def answer(error: Exception, status: int, *, form: bool) -> str:
    """What a refused request is told. form: something was to be recorded."""
    if not form:
        return t(PAGES.get(status, FAULT))
    detail = error.detail if isinstance(error, HTTPException) else ""
    return t(WORDS.get(detail) or FORMS.get(status, FAULT_OF_A_FORM))
