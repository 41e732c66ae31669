"""The pages and the intake over HTTP.

app.py       the application: routes, headers, errors
events.py    POST /events (binding.py: the CloudEvents HTTP binding; services.py: who may send)
pages.py     a place, a village's list, a child's file
sheets.py    what the pages ask of ClickHouse
people.py    names: decrypted for one reader, and each reading recorded
telling.py   an event in Chinese
follower.py  what was taken in is brought to the read models, soon
"""

from infra.web.app import build

__all__ = ["build"]
