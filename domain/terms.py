"""The field's words that several concepts share, each with its Chinese label (domain.md §2, §3)."""

from __future__ import annotations

from enum import Enum
from typing import Self


class Term(str, Enum):  # noqa: UP042 - the label needs __new__, which StrEnum forbids to shape so
    """An allowed value with its Chinese label: `Sex.GIRL.label == "女"`."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Sex(Term):
    BOY = "male", "男"
    GIRL = "female", "女"


class Parent(Term):
    FATHER = "father", "父亲"
    MOTHER = "mother", "母亲"


class Relation(Term):
    """Of a guardian, carer or delegate to the child."""

    FATHER = "father", "父亲"
    MOTHER = "mother", "母亲"
    PATERNAL_GRANDPARENT = "paternal_grandparent", "祖父母"
    MATERNAL_GRANDPARENT = "maternal_grandparent", "外祖父母"
    SIBLING = "sibling", "兄姐"
    RELATIVE = "relative", "亲戚"
    NEIGHBOUR = "neighbour", "邻居"
    FRIEND = "friend", "朋友"
    INSTITUTION = "institution", "机构"
    OTHER = "other", "其他"


class Channel(Term):
    PHONE = "phone", "电话"
    VIDEO = "video", "视频"
    AUDIO = "audio", "音频"
    IN_PERSON = "in_person", "面谈"


class Tier(Term):
    """风险等级: how often, at least, the child is to be seen (T8.7; days are a setting)."""

    RED = "red", "红"
    YELLOW = "yellow", "黄"
    BLUE = "blue", "蓝"
    GREEN = "green", "绿"


class Department(Term):
    CIVIL_AFFAIRS = "civil_affairs", "民政"
    POLICE = "police", "公安"
    EDUCATION = "education", "教育"
    HEALTH = "health", "卫健"
    COURT = "court", "法院"
    PROCURATOR = "procurator", "检察院"
    JUSTICE = "justice", "司法"
    WOMEN = "women_federation", "妇联"
    YOUTH = "youth_league", "团委"
    DISABLED = "disabled_federation", "残联"
    COMMITTEE = "village_committee", "村(居)委会"
    SOCIAL_WORK = "social_work", "社会工作部"
    CYBERSPACE = "cyberspace", "网信"
    HUMAN_RESOURCES = "human_resources", "人社"
    HOUSING = "housing", "住建"
    EMERGENCY = "emergency", "应急"
    MEDICAL_INSURANCE = "medical_insurance", "医保"
    WOMEN_CHILDREN = "women_children_committee", "妇儿工委办"


class WorkerRole(Term):
    DIRECTOR = "director", "儿童主任"
    SUPERVISOR = "supervisor", "儿童督导员"


class Severity(Term):
    MINOR = "minor", "一般"
    SERIOUS = "serious", "严重"
    URGENT = "urgent", "紧急"
