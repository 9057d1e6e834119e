"""The words people type to the bot, beside the words it answers with."""

from __future__ import annotations

import re
from typing import Final

HELP: Final = frozenset({"帮助", "help", "菜单", "?", "？", "你好", "您好", "在吗", "怎么用"})
WAITING: Final = frozenset({"待办", "我的待办", "待我审批", "待审批", "有什么要批的"})
PROGRESS: Final = frozenset(
    {"到哪了", "到哪了？", "到哪了?", "进度", "我的申请", "批了吗", "批了没", "批了没有", "我的流程"}
)
BALANCE: Final = frozenset(
    {"余额", "我的假期", "年假余额", "假期余额", "我的年假", "还剩几天年假", "还有几天年假", "假期"}
)
NEVER_MIND: Final = frozenset({"算了", "不写了", "不请了", "取消"})
WITHDRAW: Final = re.compile(r"撤回\s*(\d{1,9})\s*号?")
DECIDE: Final = re.compile(r"(同意|驳回|不同意)\s*(\d{1,9})\s*号?[\s,，:：]*(.*)", re.DOTALL)
VERBS: Final = {"同意": "approve", "驳回": "reject", "不同意": "reject"}


def plain(text: str) -> str:
    """A message as the tables above have it: trimmed, without a closing mark, lower case."""
    return text.strip().rstrip("。.!！~～").strip().lower()
