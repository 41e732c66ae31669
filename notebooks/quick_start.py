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
# # 守禾 · 快速入门
#
# 从连接 ClickHouse 到一个小模型,十分钟。这里没有姓名:儿童只有编号、出生月份和村代码。
#
# 数据在 `SHOUHE_HOME`(默认 `./var`)。`shouhe serve` 运行时经它查询,没有运行时直接打开内嵌的
# ClickHouse——代码相同。

# %%
import altair as alt
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from notebooks import looks
from risk.matrix import fetch
from risk.questions import SERIOUS_PROBLEM
from risk.splits import forward
from risk.training import matured_days

client = looks.analyst()
as_of = looks.last_day(client)
as_of

# %% [markdown]
# ## 一、有哪些台账
#
# 每张台账一个 .sql 文件,第一行写明粒度;每一列都有说明和例子。

# %%
client.query_df(
    "SELECT table, name, type, comment FROM system.columns"
    " WHERE database = 'shouhe' AND table IN ('children', 'visits', 'duties') ORDER BY table, position"
)

# %%
client.query_df(
    "SELECT duty, rule, count() AS children, countIf(overdue_days > 0) AS overdue"
    " FROM duties GROUP BY duty, rule ORDER BY overdue DESC"
)

# %% [markdown]
# 参数写在花括号里,由服务器代入,不拼字符串:

# %%
client.query_df(
    "SELECT day, by, child_seen, safety, minutes FROM visits"
    " WHERE village_code LIKE {county:String} ORDER BY day DESC LIMIT 5",
    parameters={"county": "520526%"},
)

# %% [markdown]
# ## 二、那一天知道什么
#
# 每件事有两个时间:`occurred_at` 发生,`recorded_at` 我们得知。回到某一天,只能看那天**已经记录**的事,
# 并且要看那天尚未被更正的样子。`…_as_of(as_of = 日期)` 视图替您做到。

# %%
past = as_of - pd.Timedelta(days=90)
pd.DataFrame(
    {
        "当时所知": client.query(
            "SELECT count() FROM visits_as_of(as_of = {day:Date})", {"day": past}
        ).result_rows[0],
        "今天所知": client.query(
            "SELECT count() FROM visits WHERE day <= {day:Date}", {"day": past}
        ).result_rows[0],
    },
    index=[f"{past} 以前的走访"],
)

# %% [markdown]
# 差额就是后来才登记的走访。用“今天所知”训练,模型在训练时就看见了将来。

# %% [markdown]
# ## 三、特征矩阵
#
# 队列(在册儿童)、标签(此后 90 天内的严重问题)、特征,都由 ClickHouse 一次算好。

# %%
question = SERIOUS_PROBLEM
days = matured_days(client, question, as_of)
matrix = fetch(client, days, question, as_of)
frame = pd.DataFrame(matrix.values, columns=[each.label for each in matrix.features])
f"{len(matrix):,} 行 × {len(matrix.features)} 个特征,阳性 {matrix.label.mean():.2%}"

# %%
frame.describe().T[["mean", "50%", "max"]].round(2).head(12)

# %% [markdown]
# ## 四、一个小模型,按时间向前
#
# 学较早的日期,隔开一个标签窗口,再到没见过的日期上看。随机划分会把同一个孩子的昨天和明天混在一起,
# 看起来更好,用起来更差。

# %%
split = forward(tuple(days), question)
learned, held = matrix.on(split.learn), matrix.on(split.judge)
model = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=500))
model.fit(pd.DataFrame(learned.values).fillna(0).to_numpy(), learned.label)
score = model.predict_proba(pd.DataFrame(held.values).fillna(0).to_numpy())[:, 1]
auc = roc_auc_score(held.label, score)
f"留出日期上的 AUC {auc:.3f}"

# %%
tenths = pd.DataFrame({"评分": score, "发现": held.label}).sort_values("评分", ascending=False)
tenths["组"] = [f"{10 * row // len(tenths) + 1:02d}" for row in range(len(tenths))]
found = tenths.groupby("组", as_index=False)["发现"].mean()
alt.Chart(
    found, title=alt.Title("按评分从高到低十等分", subtitle="此后90天内发现严重问题的比例")
).mark_bar(color=looks.GREEN).encode(
    x=alt.X("组:N", title="01 为评分最高的十分之一"), y=alt.Y("发现:Q", axis=alt.Axis(format=".1%"))
).properties(width=480, height=220)

# %% [markdown]
# ## 接下来
#
# - `risk_model`(marimo):与法定顺序、积分规则、随机比较,按儿童主任的工时判断好坏,批准模型。
# - `county`(marimo):外出、逾期走访、报告的图。
# - 评分只用于安排帮助的先后,从不用于拒绝帮助。
