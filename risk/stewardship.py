"""What a model is for, what it must never be used for, and which code made it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

INTENDED = (
    "在法定职责之后,用剩余工时安排先走访谁:把可能需要帮助的孩子提前找出来。",
    "由儿童主任和县级民政部门的人参考;去不去、帮什么,由人决定。",
)
NEVER = (
    "不得据此拒绝、减少或推迟任何救助、补贴和法定走访。",
    "不得据此对孩子、家庭或工作人员追责、处罚、评比或公开排名。",
    "不得据此认定监护失职、侵害或任何事实;发现线索须由人上门核实。",
    "不得提供给学校、用人单位、金融机构等用于与帮助孩子无关的目的。",
    "不得因孩子或家庭求助、举报而降低其先后。",
)

LIBRARIES = ("scikit-learn", "numpy", "scipy", "skops", "pyarrow", "chdb")
"""What a score's last digit may hang on."""

HERE = Path(__file__).parent


@cache
def code_version() -> str:
    """The version of this program, and eight digits of what `risk/` says: `0.1.0-1a2b3c4d`."""
    text = hashlib.sha256()
    for path in sorted(HERE.rglob("*.py")):
        text.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return f"{version('shouhe')}-{text.hexdigest()[:8]}"


def libraries() -> dict[str, str]:
    """The installed versions of the libraries that a score rests on."""
    return {name: version(name) for name in LIBRARIES}
