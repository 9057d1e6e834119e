"""A question about the rules of leave, as clerks ask it: `病假要什么证明`, `婚假包括周末吗`, `调休多久过期`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from handlers.days import phrases
from handlers.leave.asking import request

_DAYS_OFF: Final = r"(?:周末|双休日?|周六|周日|星期[六天日]|节假日|休息日|公休日|法定|过节|春节|国庆|五一|放假)"
_TOPIC: Final = re.compile(
    r"怎么(?:算|休|请|用|计|扣|办|补|写|走)|如何|规定|政策|制度|办法|待遇|标准|条件|手续|流程"
    r"|证明|材料|诊断|病历|假条|工资|扣钱|带薪|算工龄"
    rf"|(?:包括|包含|含|算|跨|遇|除|扣|刨)[^,，。]{{0,4}}{_DAYS_OFF}|{_DAYS_OFF}[^,，。]{{0,2}}(?:算|也算|包括|包含|顺延)"
    r"|[分拆](?:成|为)?(?:几|多少|两|三|开|段|次)|过期|作废|失效|清零|有效期?"
    r"|(?:留|转|结转|挪|攒|累积|积|跨)[到至]?(?:明年|下一?年|来年|年)"
    r"|[按请](?:半个?)?(?:小时|半天|钟头)|几个?(?:小时|钟头)|多少个?小时|最[少多低长短]|至少|起请|半天吗"
    r"|补[办请]|提前[几多说请申报打]|路[上程]|算不算|有[^,，。\s]{0,6}[假休]吗"
    r"|几(?:岁|周岁|个月|年)|多[久大长]|谁[来去给]?(?:批|审|签|同意|管)|[找报]谁|哪个?领导"
    r"|连(?:着|在一起|起来|休|续|用)|一起[休请用]|合并|(?:可以|能不能|可不可以|能|谁|也)[^,，。]{0,6}[请休用](?!假[了没])"
)
"""What rules say something about; with a kind of leave and a question it is a question about the rules."""
_ASKED: Final = re.compile(
    r"[吗么嘛呢?？]\s*$|怎么|如何|什么|哪些|哪[种个]|几|多[久少大长]|谁|能不能|可不可以|要不要|用不用|是不是|有没有|算不算"
    r"|会不会|扣不扣|^[^\s,，。]{0,10}[假休]的?(?:规定|政策|制度|办法|待遇|标准|条件|手续|流程)\s*$"
)
_ELSE: Final = re.compile(
    r"批了|审批到|到哪|进度|取消|撤|不请了|不休了|销假|改[成为到]|换[成为]|了[吗没么]|忘|[:：\n]|^\s*(?:同意|驳回|通知|提醒)|我的"
)
"""About a leave that there is, or no question to us."""
_NO_DATES: Final = re.compile(rf"{_DAYS_OFF}|明年|来年|下一?年|今年")
POINTS: Final[Mapping[str, re.Pattern[str]]] = {
    "days": re.compile(
        r"怎么算|最[多长]|几(?:岁|周岁|个月|年)|[可能]以?[请休]吗|谁[能可]|条件|路[上程]|有[^,，。]{0,6}[假休]吗"
    ),
    "over": re.compile(r"过期|作废|失效|清零|有效|[留转挪攒积跨]|明年|来年|下一?年"),
    "counting": re.compile(rf"怎么算|{_DAYS_OFF}|自然日|工作日"),
    "least": re.compile(r"小时|钟头|半天|最[少低短小]|至少|起请|次|[分拆](?:开|段)"),
    "proof": re.compile(r"证明|材料|诊断|病历|假条|手续"),
    "who": re.compile(r"男|女|父|母|谁[能可]|条件|[可能]以?[请休]吗"),
    "cost": re.compile(r"影响|超过|累计"),
    "late": re.compile(r"补[办请]|提前|事后|事先"),
    "approval": re.compile(r"谁[来去给]?(?:批|审|签|同意|管)|审批|[找报]谁|领导"),
    "pay": re.compile(r"工资|钱|薪|待遇"),
    "together": re.compile(r"连(?:着|在一起|起来|休|续|用)|一起|合并"),
}
"""The points of a rule that a question is about; a question about none of them is about all."""
_GENERAL: Final = re.compile(r"[请休]\S{0,4}假|假期")
_LONGEST: Final = 40
_MOST_KINDS: Final = 3
_WHOLE: Final = re.compile(r"规定|政策|制度|办法|标准|流程|怎么[请休办写走]")


@dataclass(frozen=True, slots=True)
class Asked:
    """`kinds`: codes, () for leave in general. `points`: what of their rules, as in `cards.leave_rules`; () is all."""

    kinds: tuple[str, ...]
    points: tuple[str, ...] = ()


def about(text: str, *, kinds: Mapping[str, Sequence[str]], today: date) -> Asked | None:
    """Which rules are asked for; None for other words.

    `kinds` maps codes to Chinese names. Words that name a day are a request, whatever else they ask.
    """
    if len(text) > _LONGEST or _ELSE.search(text) or not (_TOPIC.search(text) and _ASKED.search(text)):
        return None
    codes, rest = request.kinds_in(text, kinds=kinds), request.unnamed(text, kinds=kinds)
    if not codes and not _GENERAL.search(text):
        return None
    if phrases.read(_NO_DATES.sub(" ", rest), today=today).spans:
        return None
    return Asked(codes[:_MOST_KINDS], () if _WHOLE.search(text) else _points(text))


def _points(text: str) -> tuple[str, ...]:
    return tuple(name for name, words in POINTS.items() if words.search(text))
