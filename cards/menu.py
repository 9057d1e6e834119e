"""What can be done here, for somebody who asks: the forms by subject, and those that a sentence may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final

from cards import words
from cards.model import Link, Markdown

_ASKS: Final = frozenset(
    {
        "办事", "我要办事", "申请", "我要申请", "表单", "有哪些表单", "有哪些申请", "能办什么", "能办哪些事",
        "可以办什么", "办事指南", "申请表", "流程", "有哪些流程", "业务",
    }
)  # fmt: skip
_MAY_ANSWER: Final = frozenset({"申请", "表单", "申请表", "流程", "业务"})
"""What somebody may also answer when asked what something is about."""
_DECIDED: Final = frozenset(
    {"已办", "我的已办", "我批过的", "已审批", "批过的", "最近批了哪些", "我批了哪些", "最近批的"}
)
_RECORDS: Final = frozenset({"留痕", "查留痕", "留痕记录", "日志", "查日志"})
_CHECK: Final = re.compile(r"核对\s*(\d{1,12})\s*号?")
_LONGEST: Final = 1800
"""Bytes: WeCom refuses more than 2,048 of markdown (wecom.md 6), and the last line needs room."""
_ALIKE: Final = 0.6
_OFFERED: Final = 3


def asks(word: str) -> str | None:
    """`办事`: everything, as ""; `办事 人事`: that subject; None for other words. `word` is a `vocabulary.plain`."""
    if word.rstrip("?？") in _ASKS:
        return ""
    opening, _, subject = word.partition(" ")
    return subject.strip() if opening in ("办事", "表单", "申请表") and subject.strip() else None


def unmistakable(word: str) -> bool:
    """Whether these words ask for the menu or a list whatever question is open."""
    if word.rstrip("?？") in _MAY_ANSWER:
        return False
    return asks(word) is not None or asks_decided(word) or asks_records(word) is not None


def asks_records(word: str) -> str | None:
    """`查留痕`: the log, as ""; `核对 12`, `核对12号`: the number of the item; None for other words."""
    if word in _RECORDS:
        return ""
    found = _CHECK.fullmatch(word)
    return found[1] if found else None


def records(url: str, *, number: str) -> Link:
    """The way to the log, or to the records of one item."""
    if number:
        said = "逐条核对这件事项的记录有没有被改动。"
        return Link(title=f"核对{number}号的记录", description=said, url=url, button="打开")
    said = "按时间、人员、类型、事项查谁做了什么；您的查询也会留痕。"
    return Link(title="查留痕", description=said, url=url, button="打开")


def records_refused() -> str:
    return "查留痕只提供给监督员和管理员。您自己办过的发“已办”，提交过的发“我的流程”。"


def asks_decided(word: str) -> bool:
    return word in _DECIDED


def forms(subjects: Mapping[str, Sequence[str]], *, only: str = "") -> Markdown:
    """The titles of the forms by subject. `only` shows one subject; an unknown one shows all of them."""
    wanted = {only: subjects[only]} if only in subjects else subjects
    lines = [f"**{subject}**：{'、'.join(titles)}" for subject, titles in wanted.items()]
    shown = _fitting(lines)
    missing = len(lines) - len(shown)
    if missing:
        rest = "、".join(list(wanted)[len(shown) :])
        shown.append(f"还有{missing}类没有列出：{rest}。发“办事 {list(wanted)[len(shown)]}”查看")
    hint = "> 说名称就能开始，例如“用印”“报修”；请假可以直接说“年假 下周三到周五 回家”。"
    return Markdown(title="可以办的事", content="\n".join(["**可以办的事**", *shown, hint]))


def nothing() -> str:
    return "还没有启用任何表单，请联系管理员。"


def likely(text: str, names: Mapping[str, Iterable[str]]) -> list[str]:
    """The forms that a sentence may have meant, likeliest first. `names`: title -> title and aliases.

    A name inside the sentence counts most, the longer the surer; then a sentence that looks like a name (用应: 用印).
    """
    said = text.strip().lower()
    found = {title: max((_near(said, name.lower()) for name in each), default=0.0) for title, each in names.items()}
    sure = sorted((title for title, near in found.items() if near), key=lambda title: -found[title])
    return sure[:_OFFERED]


def either(going: Sequence[str], named: Sequence[str]) -> list[str]:
    """What is offered to somebody who goes somewhere: the form for it that they named, else those before what they do
    there (`去省厅开会` books no room)."""
    return list(named) if set(going) & set(named) else [*going, *named][:_OFFERED]


def named(text: str, names: Mapping[str, Iterable[str]]) -> str:
    """The form whose name stands in a sentence, "" for none; `names` as in `likely`."""
    said = text.strip().lower()
    found = (title for title, each in names.items() if any(_near(said, name.lower()) > 1 for name in each))
    return next(found, "")


def opens(text: str, names: Mapping[str, Iterable[str]]) -> str:
    """The form with whose name a sentence begins, "" for none; `names` as in `likely`."""
    said = text.strip().lower()
    return next((title for title, each in names.items() if any(said.startswith(name.lower()) for name in each)), "")


def not_here(title: str) -> str:
    """The office has not put this form to use."""
    return f"“{title}”在本单位还没有开通，请按原来的办法办；要在这里办的，请管理员启用这张表单。发“办事”看能办的事项。"


def offer(text: str, titles: Sequence[str]) -> str:
    """The question after words that nobody understood and that look like one of our forms."""
    names = "、".join(f"“{title}”" for title in titles)
    if len(titles) == 1:
        return f"没有听懂{words.quoted(text)}。您要办的是{names}吗？回复“是”就开始，已经说的会填好。"
    return f"没有听懂{words.quoted(text)}。您要办的是{names}吗？回复名称就能开始，例如“{titles[0]}”，已经说的会填好。"


def _near(said: str, name: str) -> float:
    if len(name) > 1 and name in said:
        return 1 + len(name)
    alike = SequenceMatcher(None, said, name).ratio()
    return alike if len(said) <= 8 and alike >= _ALIKE else 0.0


def _fitting(lines: Sequence[str]) -> list[str]:
    used, shown = 0, []
    for line in lines:
        used += len(line.encode()) + 1
        if used > _LONGEST:
            break
        shown.append(line)
    return shown
