"""Fields that an approver changes (改): what is typed, what may be changed, what the others are told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cards.model import Button, Card, Field, Style, Tone

_WANTED: Final = re.compile(r"改\s*(\d{1,9})\s*号?(?:[\s,，:：、]+(\S.*))?", re.DOTALL)
_PAIR: Final = re.compile(r"\s*([^=＝\s]{1,40})\s*[=＝]\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field before and after, in words; "" for nothing. `hidden`: its values stay on our pages."""

    title: str
    before: str
    after: str
    hidden: bool = False


def wanted(text: str) -> tuple[int, str] | None:
    """`改 3 份数=5` as (3, "份数=5"); `改 3` alone asks what can be changed. A date after 改 is something else."""
    match = _WANTED.fullmatch(text.strip())
    if match is None or (match[2] and not pairs(match[2])):
        return None
    return int(match[1]), match[2] or ""


def pairs(text: str) -> list[tuple[str, str]]:
    """`份数=5；用途=归档` as (field, what it is to be); [] where a part is no such pair."""
    parts = [part for part in re.split(r"[;；\n]", text) if part.strip()]
    found = [_PAIR.fullmatch(part) for part in parts]
    return [(one[1], one[2]) for one in found if one] if all(found) else []


def offer(what: str, number: int, fields: Sequence[tuple[str, str]], *, url: str) -> Card:
    """What the reader may change, with how it is now; `what` is the item's name."""
    example = fields[0][0] if fields else ""
    page = (Button("打开页面修改", url=url, style=Style.PRIMARY),) if url else ()
    return Card(
        kind="approval.amend",
        source=f"修改 · {number}号",
        title=f"{what}：这一步可以改",
        fields=tuple(Field(title, value or "（空）") for title, value in fields),
        note=f"回复“改 {number} {example}=新的内容”即可；几项一起改用分号隔开。改了会告诉申请人和前面办过的人。",
        buttons=page,
        tone=Tone.NEUTRAL,
        url=url,
    )


def line(changes: Sequence[Change]) -> str:
    """`份数由2份改为5份，用途改为归档`."""
    return "，".join(_one(change) for change in changes)


def done(number: int, what: str, changes: Sequence[Change]) -> str:
    """To whoever changed it."""
    return f"{number}号（{what}）已修改：{line(changes)}。已告诉申请人和前面办过的人；您的办理意见请另外点按钮或回复。"


def told(who: str, number: int, what: str, changes: Sequence[Change], *, route: bool) -> str:
    """To the applicant and those who decided before: `李四办理3号（张三的用印）时修改：份数由2份改为5份`."""
    way = "，后面的流程也有变化" if route else ""
    return f"{who}办理{number}号（{what}）时修改：{line(changes)}{way}。"


def marked(fields: Sequence[Field], changes: Sequence[Change]) -> tuple[Field, ...]:
    """A card's lines with what they were before beside them; the first change has the applicant's own words."""
    before: dict[str, str] = {}
    for change in changes:
        if not change.hidden:
            before.setdefault(change.title, change.before)
    if not before:
        return tuple(fields)
    return tuple(
        Field(one.name, f"{one.value}（{_was(before[one.name])}）", one.url)
        if one.name in before and before[one.name] != one.value
        else one
        for one in fields
    )


def _was(before: str) -> str:
    return f"原为{before}" if before else "办理时补填"


def _one(change: Change) -> str:
    if change.hidden:
        return f"{change.title}（内容在页面上查看）"
    if not change.after:
        return f"{change.title}由{change.before}改为空"
    was = f"由{change.before}改为" if change.before else "填为"
    return f"{change.title}{was}{change.after}"
