"""Who may do what, where: one table, asked at one place by pages, intake, queries and exports.

reader.py     a person in a role, for a place
table.py      role × page × place × field, and role × event type
authority.py  what a sender (a person or a service) may record
accounts.py   local accounts: password, lock-out, second factor
sessions.py   who is signed in
page.py       docs/access.md, generated from the table
"""

from infra.access.authority import EVERYTHING, Authority
from infra.access.reader import (
    HOURS,
    SIGN_IN,
    Reader,
    ReaderPlace,
    Role,
    operator_address,
    reader_of,
    sign_in_address,
    sign_in_token,
)
from infra.access.table import BY_KEY, RIGHTS, Right

__all__ = [
    "BY_KEY",
    "EVERYTHING",
    "HOURS",
    "RIGHTS",
    "SIGN_IN",
    "Authority",
    "Reader",
    "ReaderPlace",
    "Right",
    "Role",
    "operator_address",
    "reader_of",
    "sign_in_address",
    "sign_in_token",
]
