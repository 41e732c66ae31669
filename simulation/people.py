"""Synthetic persons: names, ID numbers (area 5299xx, which no division uses), phones, addresses."""

from __future__ import annotations

from datetime import date
from random import Random

from domain.identity import make_id_number
from domain.terms import Sex

SURNAMES = (
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜"
    "戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文禄安陇阿"
)
BOYS = "明华强军伟磊洋勇杰涛超鹏浩宇轩博文俊峰龙飞辉刚健斌旭东阳林森海川江河山石金鑫成功志远"
GIRLS = "芳娜敏静丽艳娟霞玲燕红梅兰菊莲秀英雪月婷欣怡佳琪雨涵思梦瑶诗蕊香云凤珍翠彩银花"
ELDERS = "国建德光正明大永福贵祥荣昌发才生富安定邦兴旺秀珍桂芬素琼兰英"
ETHNICITIES = (("han", 0.56), ("yi", 0.16), ("miao", 0.12), ("hui", 0.10), ("bouyei", 0.06))
AREA = "5299"


class People:
    """Makes persons, each ID number once."""

    def __init__(self, rng: Random, county: str) -> None:
        self._rng = rng
        self._area = AREA + county[-2:]
        self._serials: dict[tuple[int, Sex], int] = {}
        self._phones = 0

    def surname(self) -> str:
        """A family's name."""
        return self._rng.choice(SURNAMES)

    def child_name(self, surname: str, sex: Sex) -> str:
        """Two or three characters."""
        pool = BOYS if sex is Sex.BOY else GIRLS
        given = self._rng.choice(pool)
        return surname + given + (self._rng.choice(pool) if self._rng.random() < 0.8 else "")

    def elder_name(self, surname: str) -> str:
        """A grandparent's or delegate's name."""
        return surname + self._rng.choice(ELDERS) + self._rng.choice(ELDERS)

    def id_number(self, birth: int, sex: Sex) -> str:
        """A valid number of a synthetic person. Raises ValueError past 4,900 births a day."""
        used = self._serials[birth, sex] = self._serials.get((birth, sex), -1) + 1
        block, order = divmod(used, 490)
        area = f"{AREA}{(int(self._area[4:]) + block) % 100:02d}"
        serial = 2 * order + (1 if sex is Sex.BOY else 2)
        return make_id_number(area, date.fromordinal(birth), serial)

    def phone(self) -> str:
        """Eleven digits in the form of a mobile number: 1990, then a running number."""
        self._phones += 1
        return f"1990{self._phones % 10_000_000:07d}"

    def ethnicity(self) -> str:
        """One of the county's peoples."""
        draw = self._rng.random()
        for name, share in ETHNICITIES:
            draw -= share
            if draw < 0:
                return name
        return ETHNICITIES[0][0]

    def address(self, village: str) -> str:
        """Village, group, house."""
        return f"{village}{self._rng.randint(1, 12)}组{self._rng.randint(1, 180)}号"
