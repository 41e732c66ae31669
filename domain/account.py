"""账号: who may sign in changed, by whom. About no child; the accounts themselves are not here."""

from __future__ import annotations

from domain.event import Code, Event, event
from domain.terms import Term


class AccountChange(Term):
    ADDED = "added", "新建"
    RESET = "reset", "重置密码和验证器"
    DISABLED = "disabled", "停用"
    RESTORED = "restored", "恢复"
    UNLOCKED = "unlocked", "解锁"


@event(
    "account.changed.v1",
    label="账号变更",
    stream="fact",
    emitters=("系统管理员",),
    rules=("G6",),
    sensitivity="general",
    about_child=False,
)
class AccountChanged(Event, frozen=True, kw_only=True):
    """账号变更. Emitted by this system when an administrator changes an account (PIPL 51).

    `role`: which role the account has. Its place is the event's place; none: everywhere.
    """

    account: Code
    change: AccountChange
    role: Code
