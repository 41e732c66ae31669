# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 守禾 · 某一天对一个孩子知道什么,会不会泄漏?
#
# 特征只看那天**已经发生、并且已经登记**的事。这里拿一次晚登记的走访来问:登记之前,特征动不动?
# 全部特征的名称、说法和来源见 `docs/features.md`。

# %%
import altair as alt
import numpy as np
import pandas as pd

from notebooks import looks
from risk.features import FEATURES
from risk.matrix import fetch

client = looks.analyst()
as_of = looks.last_day(client)
f"{len(FEATURES)} 个特征,数据到 {as_of}"

# %% [markdown]
# ## 一、晚登记有多少
#
# 走访发生与登记相隔的天数。只按发生时间取数,就会在登记之前“看见”这些走访。

# %%
late = client.query_df(
    "SELECT least(dateDiff('day', occurred_at, recorded_at), 30) AS days, count() AS visits"
    " FROM visits_history GROUP BY days ORDER BY days"
)
alt.Chart(
    late, title=alt.Title("走访晚登记的天数", subtitle="30 含更久")
).mark_bar(color=looks.GREEN).encode(
    x=alt.X("days:O", title="相隔天数"), y=alt.Y("visits:Q", title="走访次数")
).properties(width=480, height=200)  # fmt: skip

# %% [markdown]
# ## 二、同一个孩子,三个日子
#
# 取最近一次晚登记一周以上的走访:发生前一天、发生后(尚未登记)、登记之后。

# %%
visit = client.query_df(
    "SELECT toString(child_id) AS child, toDate(occurred_at, 'Asia/Shanghai') AS happened,"
    " toDate(recorded_at, 'Asia/Shanghai') AS typed_in FROM visits_history"
    " WHERE type = 'visit.completed.v1' AND dateDiff('day', occurred_at, recorded_at) > 7"
    " AND replaced_at > now() AND child_id IN (SELECT child_id FROM children WHERE on_ledger)"
    " ORDER BY recorded_at DESC, event_id LIMIT 1"
).iloc[0]
happened, typed_in = (pd.Timestamp(visit[name]).date() for name in ("happened", "typed_in"))
days = [happened - pd.Timedelta(days=1), typed_in - pd.Timedelta(days=1), typed_in]
matrix = fetch(client, days)
own = matrix.where(matrix.text("child") == visit["child"])
known = pd.DataFrame(own.values.T, columns=days[: len(own)])
known.insert(0, "特征", [each.label for each in own.features])
known.index = [each.name for each in own.features]
f"{happened} 走访,{typed_in} 登记"

# %% [markdown]
# 走访类特征:中间一列里那次走访已经发生,却不在其中;登记当天才看得见。

# %%
visits = [
    each.name for each in FEATURES if any(p.source.table == "visits_history" for p in each.parts)
]
shown = known.loc[visits]
shown[shown[days[1]] != shown[days[2]]].head(12)

# %% [markdown]
# ## 三、算一遍给人看
#
# 用 SQL 数近 90 天的走访:按发生时间(泄漏),和按那天所知(正确)。两数之差就是偷看到的将来。

# %%
COUNT = """
SELECT count() FROM visits_history WHERE type = 'visit.completed.v1'
AND toString(child_id) = {child:String}
AND toDate(occurred_at, 'Asia/Shanghai') BETWEEN {day:Date} - 90 AND {day:Date}
"""
ask = {"child": visit["child"], "day": days[1]}
leaking = client.query(COUNT, ask).result_rows[0][0]
honest = client.query(
    COUNT + " AND toDate(recorded_at, 'Asia/Shanghai') <= {day:Date}", ask
).result_rows[0][0]
pd.DataFrame({"近90天走访": [leaking, honest]}, index=["只看发生时间(泄漏)", "那天所知"])

# %% [markdown]
# ## 四、再问一次,答案不变
#
# 今天再问那一天,和那天问的应当一样:单独问一天与几天一起问,逐格相同。

# %%
again = fetch(client, [days[1]])
row = again.where(again.text("child") == visit["child"])
if leaking <= honest:
    raise AssertionError("the late visit was known before it was typed in")
np.testing.assert_array_equal(row.values[0], known[days[1]].to_numpy(np.float32))
"逐格相同,没有泄漏"
