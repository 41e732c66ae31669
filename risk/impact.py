# ruff: noqa: E501, ISC004 - the report's own text, a sentence a line
"""个人信息保护影响评估: what PIPL 55 asks for before a model scores, filled by the run.

What the run knows is filled in; what people must judge is left open, and is named as open. Its
three parts are PIPL 56's: purpose and means, effect on rights, safeguards. Kept three years at the
least.
"""

from __future__ import annotations

from datetime import date

from risk.card import Card
from risk.features import FEATURES

KEEP_YEARS = 3
OPEN = "□ 由评估人填写:"

SAFEGUARDS = (
    "姓名、证件号、电话、住址用每名儿童各自的密钥加密,评分和分析环境中没有这些信息。",
    "评分随理由一起保存,理由写明所依据的事件;可更正、可说明、可删除(注销密钥)。",
    "性别、民族不作为特征;各群体召回率在模型卡中列出,批准前须看。",
    "只有经批准、未到期、文件未被改动的模型可以评分;一条命令即可停用,清单立即退回法定顺序。",
    "清单先排法定职责;评分不减少任何法定走访、救助或补贴。",
    "每次查看儿童信息都有记录;分析人员只见假名、出生月份和村代码。",
    "特征、评分、校准持续监测,越限即预警;保留一部分随机走访作为不偏的对照。",
)


def impact_assessment(card: Card, place: str, children: int) -> str:
    """The report as Markdown. place: code of the area; children: on the ledger as of the card."""
    topics = sorted({each.label for each in FEATURES if each.reason or each.low})
    lines = [
        f"# 个人信息保护影响评估:{card.title}",
        "",
        "依据《个人信息保护法》第五十五条(处理敏感个人信息、自动化决策)和第五十六条;"
        f"报告和处理情况记录至少保存{KEEP_YEARS}年。",
        "",
        f"- 模型:`{card.model_id}`,文件 SHA-256 `{card.file_sha256}`",
        f"- 地区代码:{place or '未限定'};截至 {card.as_of} 在册儿童 {children} 名",
        f"- 生成:{card.created:%Y-%m-%d};程序 `{card.code}`",
        "",
        "## 一、处理目的、处理方式是否合法、正当、必要",
        "",
        "- 目的:" + "".join(card.intended),
        "- 法律依据:《未成年人保护法》规定的国家机关法定职责(《个人信息保护法》第十三条第一款第三项、"
        "第三十四条);不满十四周岁未成年人的个人信息属敏感个人信息(第二十八条)。",
        f"- 处理方式:以 {len(card.features)} 个特征估计“{card.title}”的可能性,每周一次;不作出任何决定。",
        f"- 数据来源:日志第 {card.data_position} 条以前已记录的事件;训练 {card.rows} 行(儿童×日期)。",
        f"- 使用的信息:{'、'.join(topics)}。",
        "- 不使用的信息:性别、民族、姓名、住址、证件号、电话、病历、成绩、谈话内容。",
        f"- {OPEN}是否有不用评分也能达到同样目的的办法?为什么仍需要?",
        "",
        "## 二、对个人权益的影响及安全风险",
        "",
        "- 漏看:评分低的孩子可能被忽视。对策:法定走访不受评分影响;随机走访;信息不足的孩子单列。",
        "- 标签偏差:“发现”不等于“发生”,走访多的地方发现也多。",
        "- 标签效应:家庭可能因被列入而不安。对策:理由只给负责的儿童主任看,不公开,不作结论。",
        "- 群体差异(留出日期上,名额内的召回):",
        *(
            f"  - {each.group}:儿童 {each.children} 人次,需要帮助 {each.positives},"
            f" 召回 {'–' if each.recall is None else f'{each.recall:.1%}'}"
            for each in card.figures.parity
        ),
        f"- {OPEN}上述差异是否可以接受?对少数群体、残疾儿童、寄宿儿童有无额外影响?",
        "",
        "## 三、保护措施是否合法、有效并与风险程度相适应",
        "",
        *(f"- {each}" for each in SAFEGUARDS),
        *(f"- {each}" for each in card.never),
        f"- {OPEN}措施是否落实?谁负责?",
        "",
        "## 四、结论",
        "",
        f"- {OPEN}同意使用 / 修改后使用 / 不同意使用",
        f"- {OPEN}评估人、个人信息保护负责人签名和日期",
    ]
    return "\n".join(lines) + "\n"


def keep_until(assessed: date) -> date:
    """The first day on which the report may be discarded: three years on (PIPL 56)."""
    try:
        return assessed.replace(year=assessed.year + KEEP_YEARS)
    except ValueError:  # 29 February
        return date(assessed.year + KEEP_YEARS, 3, 1)
