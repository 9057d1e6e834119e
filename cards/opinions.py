"""Quick opinions as people keep them: the words typed, the list shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cards.approval import QUICK
from cards.model import Card, Field

_LIST: Final = frozenset({"常用意见", "我的常用意见", "意见"})
_ADD: Final = re.compile(r"常用意见\s*(?:加|添加|增加|新增|加上)[\s:：,，]*(.+)", re.DOTALL)
_REMOVE: Final = re.compile(r"常用意见\s*(?:删|删除|删掉|去掉|减)[\s:：,，]*第?\s*(.+?)\s*条?", re.DOTALL)
_FORGET: Final = frozenset({"常用意见 清除记忆", "常用意见清除记忆", "清除常用意见记忆"})
_OF_ITEM: Final = re.compile(r"常用意见\s*(\d{1,9})\s*号?")


def lists(text: str) -> bool:
    return text.strip().rstrip("。.？?") in _LIST


def of_item(text: str) -> int | None:
    """`常用意见 3`: those for item 3."""
    match = _OF_ITEM.fullmatch(text.strip())
    return int(match[1]) if match else None


def adds(text: str) -> str:
    """`常用意见 加 已阅，请办公室阅办` -> the words; "" for anything else."""
    match = _ADD.fullmatch(text.strip())
    return match[1].strip() if match else ""


def removes(text: str) -> str:
    """`常用意见 删 2` -> `2`; the words themselves may stand for the number."""
    match = _REMOVE.fullmatch(text.strip())
    return match[1].strip() if match else ""


def forgets(text: str) -> bool:
    return text.strip().rstrip("。.") in _FORGET


def listed(own: Sequence[str]) -> Card:
    """The person's own list, for nobody else."""
    fields = tuple(Field(f"第{number}条", text) for number, text in enumerate(own, start=1))
    return Card(
        kind="approval.opinions",
        source="常用意见",
        title=f"您的常用意见（{len(own)}条）" if own else "您还没有自己的常用意见",
        fields=fields,
        note="加：“常用意见 加 已阅，请办公室阅办”；删：“常用意见 删 1”；清掉记住的：“常用意见 清除记忆”。"
        "只有您自己看得到。",
    )


def for_item(number: int, offered: Sequence[str]) -> str:
    lines = [f"{place}. {text}" for place, text in enumerate(offered, start=1)]
    return "\n".join([f"{number}号可以用的常用意见：", *lines, f"例如回复“同意 {number} 意见1”。"])


def added(text: str) -> str:
    return f"已加入常用意见：{text}"


def removed(text: str) -> str:
    return f"已删除：{text}"


def forgotten(count: int) -> str:
    return f"已清除按您平时写的记住的{count}条意见。"


def consents(text: str) -> bool:
    """Whether words only agree: a number or a list that was meant for a consent is no reason against it."""
    plain = text.strip().rstrip("。.!！")
    return plain in ("同意", "已阅") or (plain in QUICK and plain.startswith("同意"))


def numbered(offered: Sequence[str]) -> str:
    """Below the question for a reason against it: the numbers of the quick opinions that answer it as well."""
    fitting = [(place, text) for place, text in enumerate(offered, start=1) if not text.startswith(("同意", "已阅"))]
    if not fitting:
        return ""
    return "也可以回复编号：" + "；".join(f"{place}. {text}" for place, text in fitting) + "。"
