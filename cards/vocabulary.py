"""The words people type to the bot, beside the words it answers with."""

from __future__ import annotations

import re
from typing import Final

HELP: Final = frozenset({"帮助", "help", "菜单", "?", "？", "你好", "您好", "在吗", "怎么用"})
WAITING: Final = frozenset({"待办", "我的待办", "待我审批", "待审批", "有什么要批的"})
PROGRESS: Final = frozenset(
    {"到哪了", "到哪了？", "到哪了?", "进度", "我的申请", "批了吗", "批了没", "批了没有", "我的流程"}
)
_PROGRESS: Final = re.compile(
    r"(?:我的?)?(?:申请|单子|流程|假|领导|局长|主任|上面)?(?:都)?(?:批|审批|审核|批准)(?:好|完|下来|过)?了?(?:没有|没|吗|么|了吗)?"
    r"|(?:我的)?(?:申请|单子|流程|假)?(?:现在)?(?:到|走到|在)(?:哪|谁)(?:了|一步|里|那|儿|那里|那儿|手里)*"
)
BALANCE: Final = frozenset(
    {"余额", "我的假期", "年假余额", "假期余额", "我的年假", "还剩几天年假", "还有几天年假", "假期"}
)
EXPLAIN: Final = frozenset(
    {
        "解释", "解释一下", "怎么算的", "怎么算", "怎么算出来的", "余额怎么算的", "年假怎么算的", "我的年假怎么算的",
        "我的假期怎么算的", "为什么是这么多", "明细", "假期明细", "年假明细",
    }
)  # fmt: skip
NEVER_MIND: Final = frozenset({"算了", "不写了", "不请了", "取消"})
WITHDRAW: Final = re.compile(r"撤回\s*(\d{1,9})\s*号?")
DECIDE: Final = re.compile(r"(同意|驳回|不同意)\s*(\d{1,9})\s*号?[\s,，:：]*(.*)", re.DOTALL)
VERBS: Final = {"同意": "approve", "驳回": "reject", "不同意": "reject"}


LEAVE: Final = "请假"
DAYS: Final = "{days}天"
_LEFT: Final = re.compile(r"余额|还?剩|还有(?:几|多少)|有(?:几|多少)天|多少天假")


def asks_progress(text: str) -> bool:
    """`领导批了吗`, `我的假批下来没有`, `到谁那了`."""
    word = plain(text).rstrip("?？")
    return word in PROGRESS or (len(word) >= 3 and _PROGRESS.fullmatch(word) is not None)


def asks_balance(text: str) -> bool:
    """Whether somebody asks what is left of the leave: by a known word, or in a sentence about leave and its rest."""
    word = plain(text).rstrip("?？")
    return word in BALANCE or (len(word) <= 20 and "假" in word and _LEFT.search(word) is not None)


def asks_why(text: str) -> bool:
    """Whether somebody wants a balance explained."""
    return plain(text).rstrip("?？") in EXPLAIN


def plain(text: str) -> str:
    """A message as the tables above have it: trimmed, without a closing mark, lower case."""
    return text.strip().rstrip("。.!！~～").strip().lower()
