"""Back from leave (销假) in words: which leave, how it ended, what came back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from cards import words

_BACK: Final = re.compile(r"(?:提前)?(?:回来|返岗|到岗|复工|上班|回单位|回岗)")
_RETURN: Final = re.compile(r"销假|(?:提前)?(?:回来|返岗|到岗|回单位)(?:上班)?了|提前(?:回来|返岗|到岗|上班|回单位)")
_OTHER: Final = re.compile(r"怎么|如何|规定|流程|什么|[吗么?？]\s*$|没有?销假|不销假|\d\s*号\s*(?:同意|驳回)")
_LONGEST: Final = 40


def asks(text: str) -> bool:
    """Whether somebody says that they are back, or wants to report back."""
    plain = text.strip()
    return len(plain) <= _LONGEST and _RETURN.search(plain) is not None and _OTHER.search(plain) is None


def names_the_day_back(text: str) -> bool:
    """`5月8日回来上班了` names the day back; `销假 5月7日` the last day of leave."""
    return _BACK.search(text) is not None


def dates(text: str) -> str:
    """What is left of such a message to be read as dates."""
    return _BACK.sub(" ", _RETURN.sub(" ", text)).replace("了", " ")


def name(kind: str, minutes: int, span: tuple[date, str, date, str], *, number: int, base: date) -> str:
    """`年假3天，5月6日（周三） 至 5月8日（周五）（1号）`."""
    return f"{kind}{words.days(minutes)}，{words.span(*span, base=base)}（{number}号）"


def back(parts: Sequence[tuple[str, int, bool]], *, kept: int) -> str:
    """`退回1.5天（2026年），实休1.5天`; parts are (lot, minutes, whether the lot has ended)."""
    if not parts:
        return "没有要退回的天数"
    good = [f"{words.days(minutes)}（{lot}额度）" for lot, minutes, ended in parts if not ended]
    gone = [f"{words.days(minutes)}（{lot}额度）" for lot, minutes, ended in parts if ended]
    said = [f"退回{'、'.join(good)}"] if good else []
    said += [f"{'、'.join(gone)}已过有效期，不能恢复，需要的话请找人事调整"] if gone else []
    return "；".join([*said, f"实休{words.days(kept)}" if kept else "一天未休"])


def balance(before: int, after: int) -> str:
    return f"{words.days(before)} → {words.days(after)}"


def late(on: date, end: date) -> str:
    """A return that is reported after the leave was over."""
    return f"{words.day(on)}补报，假期到{words.short(end, on)}为止"


def on_leave(outcome: str, *, minutes: int, was: int, on: date) -> str:
    """The line on the leave's own card."""
    if outcome == "early":
        return f"{words.day(on)}办理，退回{words.days(minutes)}（原批{words.days(was)}）"
    return f"{words.day(on)}办理，{'逾期返岗' if outcome == 'overdue' else '按期返岗'}"


def due(name: str) -> str:
    """To somebody whose leave is over, on the first working day."""
    return f"{name}已经休完，请在今天下班前销假：回复“销假”，看过卡片后提交；还没有回来的，请先向领导报告。"


def overdue(person: str, name: str) -> str:
    """To the leader and to personnel, a working day later."""
    return (
        f"{person}的{name}已经休完，还没有销假。"
        "请核实是否已经返岗：已返岗的，请本人回复“销假”；没有返岗的，请按规定处理。"
    )


def not_begun() -> str:
    return "这次休假还没有开始，不用销假：在下面的卡片上点“取消休假”，天数就全部退回；只改时间请说“改到5月9日”。"


def none() -> str:
    return "没有找到需要销假的休假。发“到哪了”可以看您最近的申请。"
