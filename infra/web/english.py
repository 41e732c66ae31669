"""The pages' own words in English: Chinese → English. A test holds it complete."""

# ruff: noqa: E501 - a text and what it is in English, a line

from __future__ import annotations

# fmt: off
ENGLISH: dict[str, str] = {
    # on every page
    "守禾": "Shouhe", "跳到正文": "Skip to content", "主要页面": "Main pages", "首页": "Home",
    "本人账号": "My account", "查看个人信息会留下记录": "looking at personal data is recorded",
    "评分只决定先帮谁,不决定不帮谁。": "A score decides whom to help first, never whom not to help.",
    "发现孩子受侵害:": "A child is being harmed: ", "民政热线": "civil affairs", "妇女维权": "women's rights",
    "青少年": "youth line", "公安": "police", "求助电话": "Hotlines", "普通字号": "Normal print",
    "大字": "Large print", "没有": "None", "登记": "Record", "没有登记成:": "Not recorded: ",
    "已登记:": "Recorded: ", "其他页": "Other pages", "上一页": "Previous", "下一页": "Next",
    "截至 {day}": "As of {day}", "截至 {day} · 走访清单 {week}": "As of {day} · visit list {week}",
    "{days} 天": "{days} days", "{count} 件": "{count} in all", "{count} 名": "{count}",
    "地区": "Place", "各地": "Places", "全部地方": "Everywhere", "村(社区)": "Village", "儿童": "Children",
    "儿童主任": "Child director", "原因": "Why", "退出": "Out", "纳入": "In", "发放": "paid",
    # refused as a whole
    "地址或参数写错了。周写作 2026-W12,村代码是 12 位数字。":
        "The address or a parameter is wrong. A week is written 2026-W12, a village code has 12 digits.",
    "请先登录。管理员也可以用 shouhe serve 给出的登录地址,12 小时内有效。":
        "Please sign in. An administrator may use the address that shouhe serve prints, for 12 hours.",
    "这一页不归您的角色,或者要先改密码、设置验证器。":
        "This page is not for your role, or you first have to change the password or set up a second factor.",
    "没有这个页面,或者它不在您负责的地方。": "There is no such page, or it is not in your place.",
    "这个地址只收表单。请回到首页,从页面上打开。": "This address takes forms only. Go to the home page and open it from there.",
    "内容太大。请选小一些的文件。": "Too large. Choose a smaller file.",
    "打开得太频繁。请过一分钟再试。": "Too often. Try again in a minute.",
    "没有登记:交上来的内容不完整,或写错了。请按“后退”回到表单,核对后再交。":
        "Not recorded: what was sent is incomplete or wrong. Go back to the form, check it and send it again.",
    "没有登记:登录已过期。请登录,再按“后退”回到表单,刷新后再交。":
        "Not recorded: you are signed out by now. Sign in, go back to the form, reload it and send it again.",
    "没有登记:您的角色不能做这件事,请由有权限的人来办。": "Not recorded: your role may not do this; ask someone whose role may.",
    "没有登记:这个孩子或这件事不在您负责的地方,或者刚刚已经办过。请回到清单看最新的情况。":
        "Not recorded: this child or case is not in your place, or was settled a moment ago. Go to the list and see how it stands.",
    "没有登记:这件事刚刚由别人办过。请回到清单看最新的情况。":
        "Not recorded: someone else has just done this. Go to the list and see how it stands.",
    "没有登记:内容太大。请按“后退”,换一张小一些的照片(最大 8 MB),再交一次。":
        "Not recorded: too large. Go back, choose a smaller photo (8 MB at most) and send it again.",
    "没有登记:交得太频繁。请过一分钟,按“后退”再交一次。": "Not recorded: too often. Wait a minute, go back and send it again.",
    "没有登记:这一页打开得太久,或中间重新登录过。请按“后退”,抄下写好的,刷新后再交。":
        "Not recorded: this page was open too long, or you signed in anew meanwhile. Go back, copy what you wrote, reload that page and send it again.",
    "没有登记:这次提交不是从守禾的页面来的。请从守禾的页面打开表单,再交一次。":
        "Not recorded: this did not come from a page of Shouhe. Open the form here and send it again.",
    "报告在别的部门办理,报告人只有那里能看到。": "Another desk works on this report; who reported is seen there alone.",
    "没有登记:要先修改初始密码。请到“本人账号”改好,再按“后退”回来交。":
        "Not recorded: first change the first password under My account, then go back and send it again.",
    "没有登记:要先设置验证器。请到“本人账号”设好,再按“后退”回来交。":
        "Not recorded: first set up a second factor under My account, then go back and send it again.",
    "登录已过期,还没有登记。您填写的都还在:登录后再交一次就行。":
        "You are signed out by now, and nothing was recorded. What you typed is kept: sign in, and send it once more.",
    "再交一次": "Send it once more", "不交了,回到首页": "Leave it; back to the home page",
    "还没有登记。您刚才填写的都在这里,按一下就交;照片请交好以后到附件里添加。":
        "Not recorded yet. What you typed is here, one tap sends it; add a photo under Attachments afterwards.",
    "出错了,没有显示任何个人信息。请稍后再试,或联系管理员。":
        "Something failed; no personal data was shown. Try again later, or ask the administrator.",
    "出错了,不知道是否登记成。请先看看有没有,没有再按“后退”重交;同一张表重交只算一次。":
        "Something failed, and it may or may not be recorded. Look first; if it is not there, go back and send it again: one form counts once.",
    "这条建议已经有人办过,或情况变了。下面是最新的。": "Someone has settled this proposal, or the facts changed. Below is how it stands now.",
    # ways in
    "进度": "Progress", "谁落后、哪里逾期、工作量": "Who is behind, what is overdue, workload",
    "待核查": "To review", "新登记、类别建议、更正、未结问题":
        "New children, category proposals, corrections, open problems",
    "报告台": "Reports", "强制报告:时限、移送、受理、反馈":
        "Mandatory reports: limits, transfer, acceptance, feedback",
    "救助台": "Subsidies", "应保未保、本月待发、发放问题": "Not covered, to pay, what went wrong",
    "指标": "Indicators", "十八项任务,逐级看到逾期清单": "18 tasks, down to who is overdue",
    "各地在册儿童和逾期": "Children on the ledger and what is overdue",
    "模型": "Models", "模型卡片和笔记本": "Model cards and notebooks",
    "手机离线": "On the phone", "没有网络也能看清单、登记走访": "The list and recording without network",
    "查阅记录": "Looks", "谁看过这个孩子": "Who looked at this child",
    "紧急查阅": "Break-glass", "写明理由,限时查阅,通知县里": "With a reason, for a time, the county is told",
    "账号": "Account", "已停用": "disabled", "新建、解锁、停用,都留记录": "New, unlock, disable: each is recorded",
    "密码、第二因素、退出": "Password, second factor, sign out",
    # signing in and the own account
    "登录": "Sign in", "密码": "Password", "验证码": "Code", "没有设置验证器的不填": "empty without a second factor",
    "忘记密码或换了手机:请找县里的系统管理员重置。":
        "Forgot the password, or a new phone: ask the county's administrator for a reset.",
    "回到首页": "Back to the home page", "角色": "Role", "全部": "Everywhere", "验证器": "Second factor",
    "已设置": "set up", "未设置": "not set up", "修改密码": "Change the password",
    "这是管理员给的初始密码。请先改成自己的,再登录。":
        "This is a first password. Change it to your own, then sign in.",
    "原密码": "Old password", "新密码": "New password", "至少 10 个字符": "at least 10 characters",
    "再输一次": "Once more", "修改": "Change", "设置验证器": "Set up a second factor", "设置": "Set up",
    "您的角色必须设置验证器,才能打开其他页面。": "Your role needs a second factor before anything else.",
    "用验证器应用扫描,或手工输入这串字符,再填上它显示的六位数字:":
        "Scan it with an authenticator or type this in, then enter the six digits it shows: ",
    "您是用本机给出的登录地址进来的,没有账号。": "You came by an address of this machine; there is no account.",
    "用统一身份登录": "Sign in with the single sign-on", "退出登录": "Sign out", "尝试太多,请稍后再试。": "Too many tries; try later.",
    "账号、密码或验证码不对,或尝试太多。请稍后再试。":
        "Name, password or code is wrong, or there were too many tries. Try later.",
    "两次输入的新密码不一样。": "The new passwords differ.", "原密码不对。": "The old password is wrong.",
    "新密码至少 10 个字符,且与原密码不同。": "A new password has at least 10 characters and is not the old one.",
    "请先修改密码;已设置的验证器由管理员重置。":
        "Change the password first; an administrator resets a second factor.",
    "验证码不对,请按验证器上的六位数字再输一次。": "The code is wrong; enter the six digits again.",
    # accounts
    "账号管理": "Accounts", "已变更并记录:": "Changed and recorded: ",
    "初始密码(只显示这一次,本人首次登录须修改):": "First password (shown this once, to be changed by its owner): ",
    "停用": "Disable", "锁定": "locked", "待改密码": "password to change", "正常": "in use",
    "验证器已设置": "second factor set up", "验证器未设置": "no second factor", "解锁": "Unlock",
    "恢复": "Restore", "重置密码": "Reset password", "还没有账号。": "No accounts yet.",
    "新建账号": "New account", "字母、数字和 ._-": "letters, digits and ._-", "人员编号": "Worker's number",
    "不填则与账号相同": "the account's name if empty", "地区代码": "Place code", "新建": "Make",
    "村 12 位,乡镇 9 位,县 6 位,市(州) 4 位,省 2 位":
        "village 12 digits, township 9, county 6, prefecture 4, province 2",
    "角色或地区不对:只能在本地区内建账号。": "Role or place is wrong: accounts are made within your own place.",
    # a place, a list
    "在册儿童": "on the ledger", "走访逾期": "visits overdue", "联系逾期": "contacts overdue",
    "在清单上": "on lists", "在册": "Ledger", "清单": "List",
    "台账上还没有儿童。导入登记事件后,这里就会有。": "No child is on the ledger yet.",
    "走访清单": "Visit list", "{first} 至 {last}": "{first} to {last}", "其他周": "Other weeks",
    "已迁出本辖区": "moved out of this place", "上次走访": "Last visit",
    "{days} 天前": "{days} days ago", "从未": "never", "没访成:": "not visited: ", "没访成": "Not visited",
    "登记走访": "Record visit", "登记联系": "Record contact", "本周已访": "Visited", "{age}岁": "{age}",
    "{week} 还没有排出清单。": "No list is made for {week} yet. ", "排清单:": "Make it: ",
    "本村另有 {count} 名在册儿童本周没有到期职责,也未排入。清单先排法定职责,再在工时内按记录排先后。"
    "先后只供安排走访,不是结论;以上门看到的为准。":
        "{count} more children of the village have no duty due this week and are not listed. Duty comes"
        " first, then, within the hours, what the records say. The order plans visits and concludes"
        " nothing; what is seen at the door counts.",
    "{month}月{day}日": "{day}/{month}", "{day}起": "from {day}", "本周": "this week", "回到清单": "Back to the list",
    "可以先从“全村儿童”打开档案登记。": "Until then open a file under All children of the village.", "全村儿童": "All children of the village", "最久没走访的在前": "seen longest ago first",
    # a child
    "一人一档": "Child's file", "已退出台账": "Off the ledger", "类别": "Categories", "风险因素": "Risk factors",
    "无": "none", "就学": "School", ",寄宿": ", boarding", "未在读": "not at school", "电话": "Phone",
    "住址": "Address", "建档": "Opened", "现在该做的": "Due now",
    "登记走访、联系、问题…": "Record a visit, contact, problem…", "报告侵害": "Report harm",
    "打印一人一档(五部分)": "Print the file", "附件": "Attachments", "本人副本": "Copy for the family",
    "删除个人信息": "Erase personal data", "为什么要先去看看": "Why to look in first",
    "依据:": "By: ", "可以做的:": "What can be done: ", "没有单独突出的原因。": "Nothing stands out by itself.",
    "按 {day} 以前的记录估计,只用来安排先去看谁,不是结论,也不减少任何法定走访和救助;以上门看到的为准。":
        "Estimated from records before {day}, to plan whom to see first. It concludes nothing and takes"
        " nothing away from duties and benefits; what is seen at the door counts.",
    "经过": "What happened", "{year} 年": "{year}", "{days} 天后登记": "recorded {days} days later",
    "更正的是:": "Corrects: ", "未注明": "not stated", "还没有可显示的事件。": "Nothing to show yet.",
    "个人信息被查看 {count} 次": "Personal data was looked at {count} times",
    ",此前最近一次 {moment}": ", last before this at {moment}",
    # recording
    "哪一件": "Which case", "请选择": "Choose", "登记什么?": "What to record?", "什么时候": "When",
    "孩子有危险,先打": "A child in danger: first call",
    "报告人信息只有接报部门能看到。": "Who reported is seen by the receiving desk alone.",
    # reporting harm
    "孩子有危险,先打 110。是哪一种情形?怀疑就要报告,不必查实。":
        "A child in danger: first call 110. Which situation? A suspicion is enough.",
    "换一种情形": "Another situation", "现在报告": "Report now", "报告给": "Report to", "程度": "Severity",
    "看到什么": "What was seen", "可以不填": "may be left out", "报告以后": "After the report",
    "24 小时内": "in 24 hours", "{days} 天内": "in {days} days", "法定": "law", "服务时限": "service level",
    "谁报告的不记在档案里,只有接报部门能看到报告人。":
        "Who reported is not in the file; the receiving desk alone sees it.",
    # the report desk
    "强制报告台": "Mandatory reports", "办理中": "open", "超过时限": "past their limit", "已反馈": "closed",
    "{moment} 报告": "reported {moment}", "已 {hours} 小时": "for {hours} h", "下一步:": "Next: ",
    "{day} 前": "by {day}", "已超 {days} 天": "{days} days over", "已超 24 小时": "over 24 hours", "办理": "Work on it", "查看": "Open",
    "没有办理中的报告。": "No open report.", "最近 {count} 件": "the latest {count}", "情形": "Situation",
    "部门": "Desk", "现状": "State", "下一步": "Next", "儿童档案": "Child", "报告人": "Reporter",
    "没有留下报告人。": "No reporter was named.",
    "这次查看已记录。报告人的信息不得泄露。": "This look is recorded. A reporter's data must not be disclosed.",
    "查看报告人(单独留记录)": "Show the reporter (recorded by itself)", "登记下一步": "Record the next step",
    "报告在{desk},由其办理并登记。": "The report is with {desk}, who works on it and records it.",
    # review
    "先显示 {shown} 条,共 {count} 条": "{shown} of {count}", "类别建议": "Category proposals",
    "按记录推算,由县级民政核实后确认;不采纳的,情况变化前不再提出。":
        "Computed from records; the county confirms. What is refused comes back when facts change.",
    "自 {day}": "since {day}", "确认": "Confirm", "不采纳": "Refuse", "未结问题": "Open problems",
    "{day} 发现,已 {days} 天": "found {day}, {days} days", "登记办结": "Record as settled",
    "新登记儿童": "New children", "更正和撤销": "Corrections", "{moment} 登记": "recorded {moment}",
    "{days} 天以内,请看一看是否属实、是否重复。": "Of the last {days} days: is it true, is it there twice?",
    # subsidies
    "应保未保": "Not covered", "待补充情况": "Facts lacking", "本月待发": "To pay", "发放问题": "Went wrong",
    "合计 {yuan} 元": "{yuan} yuan in all", "自 {day} 符合": "Entitled since {day}",
    "应于 {day} 前批准": "to be granted by {day}", "要先弄清:": "To find out: ", "{yuan} 元": "{yuan} yuan",
    "应 {right} 元,实 {found} 元": "due {right} yuan, found {found}", "登记批准": "Record the grant", "请核对金额和月份": "check the amount and the month",
    "每月金额(元)": "Yuan a month", "起始月": "From month",
    "已发放": "Paid", "重复发放": "Paid twice", "不可同时享受": "Exclude each other",
    "发放金额不符": "Wrong amount paid", "批准金额不符": "Wrong amount granted", "迟发": "Paid late", "未发": "Not paid",
    # progress
    "本周清单已访": "of this week's list", "本月走访": "Visits this month", "最久 {days} 天": "oldest {days} days",
    "本月联系": "Contacts this month", "督导员联系逾期": "Supervisor overdue", "走访未成": "Failed visits",
    "{count} 个村": "{count} villages", "次数": "Times", "已推迟": "Put off", "该督导员去": "Supervisor's turn",
    "工作量": "Workload", "{count} 个村可增配儿童主任": "{count} villages may have one more director",
    "农村留守儿童和困境儿童超过 30 名的村(社区),可以增配儿童主任;这是建议,不算逾期。":
        "A village with more than 30 such children may have one more director: advice, never overdue.",
    "增配": "One more", "{day} 已建议": "recommended {day}", "建议增配": "Recommend", "可增配": "advised",
    "建议增配儿童主任": "one more director recommended", "另有 {count} 个村": "{count} more villages",
    # indicators
    "十八项任务指标": "18 tasks", "{count} 项任务有逾期,共 {overdue} 件": "{count} tasks with {overdue} overdue",
    "逾期 {count}": "{count} overdue", "没有逾期": "nothing overdue", "没有可统计的对象": "nothing to count",
    "规则": "Rule", "对象": "Subjects", "按时": "In time", "迟办": "Late", "未到期": "Open", "逾期": "Overdue",
    "未逾期率": "Not overdue", "(可选)": " (optional)", "逾期清单": "Overdue", "没有逾期。": "Nothing overdue.",
    "只列编号,不列姓名": "numbers, no names", "编号": "Number", "责任方": "Who", "内容": "What", "应办日": "Due",
    "逾期天数": "Days over",
    # models
    "模型和笔记本": "Models and notebooks", "状态": "State", "影子运行": "in shadow", "使用中": "in use",
    "这里没有任何姓名。评分只决定先帮谁,不决定不帮谁。":
        "No name is here. A score decides whom to help first, never whom not to help.",
    "批准已过期": "approval expired", "批准": "Approved", "有效至": "Until", "数据": "Data",
    "日志位置 {position}": "log position {position}", "特征": "Features", "样本": "Rows / yes", "评估": "Figures",
    "排序": "Order", "每百次走访发现": "Found per 100 visits", "召回": "Recall", "精确": "Precision", "局限": "Limits",
    "模型文件不在这台机器上。": "The model's file is not on this machine.", "还没有批准的模型。": "No approved model yet.",
    "笔记本": "Notebooks", "在分析人员的机器上打开:": "Opened on the analyst's machine: ",
    ",数据只有编号。": "; the data are pseudonymous.", "一个县的台账": "A county's ledger",
    "训练、评估和批准模型": "Train, judge and approve a model", "各群体是否同样得到帮助": "Are groups served alike",
    "需求与措施": "Needs and measures", "政策实验": "Policy lab", "使用中的模型": "Models in use",
    "公开数据上的同一做法": "The same road on published data", "快速上手": "Quick start",
    "某一天知道些什么": "What was known on a day",
    # an event in words
    "是": "yes", "否": "no", "、": ", ", ":": ": ", ";": "; ", "已撤销": "taken back", "已更正": "corrected",
    "(已删除)": "(erased)", "{count}项正常": "{count} fine", "属于:": "Of: ", "{year}年{month}月": "{year}-{month}",
    # a file on paper
    "农村留守儿童和困境儿童档案": "File of a left-behind child or child in difficulty", "基本信息": "Basics",
    "走访记录": "Visits", "工作日志": "Work log", "关爱帮扶记录": "Care and help", "发现问题和解决方案": "Problems and what was done",
    "日期": "Day", "事项": "What", "经办": "By", "无记录": "Nothing recorded", "返回": "Back", "姓名": "Name", "性别": "Sex",
    "出生年月": "Born", "台账状态": "Ledger", "所在村(社区)": "Village", "联系电话": "Phone", "风险等级": "Risk tier",
    "档案编号": "File number", "打印:{who} {day},数据位置 {position}。含个人信息,注意保密。":
        "Printed by {who}, {day}, log position {position}. Personal data: keep it confidential.",
    # attachments
    "没有附件": "No attachments", "查看附件": "Open attachment", "添加": "Add", "照片或扫描件": "Photo or scanned page",
    "JPEG、PNG、WebP、PDF,最大 {most} MB;照片里的拍摄地点等信息会去掉":
        "JPEG, PNG, WebP or PDF, {most} MB at most; where a photo was taken is removed",
    "加密保存": "Keep it, encrypted", "照片": "Photo", "照片已加密保存": "the photo is kept, encrypted",
    "照片没有存下:": "The photo was not kept: ", "请重新选一次": "choose it once more",
    "可以不拍;最大 {most} MB,加密保存,拍摄地点会去掉":
        "may be left out; {most} MB at most, kept encrypted, without where it was taken",
    "照片或扫描件太大,最大 8 MB。用“手机离线”登记会自动缩小。":
        "The photo or page is too large, 8 MB at most. The app on the phone shrinks photos.",
    "只收照片(JPEG、PNG、WebP)或 PDF,而且文件要完好。请另选一张。":
        "Photos (JPEG, PNG, WebP) and PDF only, and undamaged. Choose another one.",
    "这个孩子的信息已按规定删除,不能再存;手机上的这张照片也删除了。": "This child was erased: nothing more can be kept; the photo on the phone is gone too.",
    "这个孩子不在册,或信息已按规定删除,不能再存。": "This child is on no ledger, or was erased: nothing more can be kept.",
    "附件所属的记录写错了。": "What it is attached to is written wrongly.",
    # break-glass
    "孩子不在您负责的地方,或您平时只看数字,而事情等不及责任人时,可以限时查阅一份档案。":
        "Where a child is not in your place, or you see numbers only, and it can't wait for whoever is responsible, one file can be opened for a time.",
    "原因、时间和每一次查看都会留下记录,并立即告知孩子所在县的民政部门和审计人员。":
        "Reason, time and every look are recorded, and the child's county and the auditors are told at once.",
    "孩子的编号或身份证号": "The child's number, or ID number", "时长": "For how long", "{count} 分钟": "{count} min",
    "{count} 小时": "{count} h", "留下记录并查阅": "Record it and open the file", "提前结束": "Close it now",
    "紧急查阅,到 {moment} 为止。这一次查看已留下记录。": "Break-glass, until {moment}. This look is recorded.",
    "请选择情形和时长,并写明原因。": "Choose the situation and for how long, and write why.",
    "原因太长,请写在 2000 字以内。": "The reason is too long: 2000 characters at most.",
    "开启太频繁,请稍后再试,或联系县民政。": "Opened too often; try later, or ask the county's civil affairs.",
    "没有找到这个孩子。请核对编号或身份证号。": "No such child was found. Check the number.",
    "最近七天的紧急查阅": "Break-glass of the last seven days",
    ":本县孩子的档案被限时打开过。不明白的,请问查阅的人,也请告诉审计人员。":
        ": files of this county's children were opened for a time. Where it is not clear why, ask who did, and tell the auditors.",
    "查阅了": "opened", "到 {moment}": "until {moment}",
    # who looked
    "孩子的编号": "The child's number", "或查看的人": "Or who looked", "从": "From", "到": "To", "查": "Look up",
    "查看记录": "Looks", "时间": "When", "谁": "Who", "孩子": "Child", "为什么": "Why", "哪里": "Where", "多少": "How many",
    "没有查看记录。": "Nobody looked.", "只列出最近 {most} 次,请缩短期间。": "The latest {most} only; shorten the period.",
    "值得一问": "Worth a question", "按固定界限找出,是问题,不是结论。": "Found by fixed limits: questions, not verdicts.",
    "这段时间没有异常查看。": "No unusual reading in this time.", "最近四周": "last four weeks",
    "{count} 名,本人平时 {own:g},同角色 {role:g}": "{count} children; usually {own:g}, others of the role {role:g}",
    "一小时 {count} 份": "{count} files in an hour", "22 时至 6 时 {count} 名": "{count} children between 22:00 and 6:00",
    "同一名孩子 {count} 次": "one child {count} times",
    # copy and erasure
    "个人信息副本": "Copy of personal data", "存为文件": "Save as a file", "{moment} 制作,供本人或监护人": "Made {moment}, for the child or its guardian",
    "谁看过": "Who looked", "依据": "Basis", "删除": "Erase", "我知道不能恢复": "I know that it can't be undone",
    "依法不向申请人提供的内容(如强制报告及报告人)不在副本中,是否有此类内容亦不说明。":
        "What the law keeps from the applicant (such as mandatory reports and who reported) is not in the copy, nor whether there is any.",
    "请选择依据,并确认不可恢复。": "Choose a basis, and confirm that it can't be undone.",
    "(保存期止于 {day})": "(kept until {day})",
    "删除后,姓名、证件号、电话、住址、备注和附件在这里谁也读不到,不能恢复。发生过的事以编号保留,不再指向任何人。已打印、导出的文件和备份不在其内。":
        "Afterwards nobody can read name, ID number, phone, address, notes and attachments here, for good. What happened stays by number and points to nobody. Printed and exported files and backups are not reached.",
}
# fmt: on
