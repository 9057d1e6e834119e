"""To personnel: sick or personal leave of the year has reached what costs annual leave; they decide, nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cards import words
from cards.model import Button, Card, Field, Style, Tone

NOTE: Final = "职工带薪年休假条例第四条"
_KINDS = {"sick_leave": "病假", "personal_leave": "事假"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LossView:
    """`why` is sick_leave or personal_leave; `days` of it, `taken` days of annual leave, `now` minutes taken back."""

    name: str
    department: str
    year: int
    why: str
    days: Fraction
    taken: Fraction
    now: int
    next_year: bool
    asks_pay: bool


def ask(view: LossView, *, confirm: str, decline: str) -> Card:
    pay = "先核对事假是否扣发了工资，扣发的不算，点“不处理”。" if view.asks_pay else ""
    return Card(
        kind="leave.loss",
        source="休假 · 需要人事确认",
        title=f"{view.name}的年休假可能要取消",
        subtitle=f"{view.department}，{view.year}年",
        fields=(
            Field("原因", f"{_KINDS.get(view.why, view.why)}累计{float(view.days):g}天，达到规定的天数"),
            Field("年假已休", f"{float(view.taken):g}天"),
            Field("处理", consequence(view)),
        ),
        note=f"依据{NOTE}和实施办法。{pay}不点确认，账上不会有任何变化。",
        buttons=(Button("确认取消", confirm, Style.DANGER), Button("不处理", decline)),
        tone=Tone.WAITING,
    )


def closed(view_name: str, *, done: bool, by: str) -> Card:
    what = "已确认取消" if done else "不处理"
    return Card(
        kind="leave.loss_closed",
        source="休假",
        title=f"{view_name}的年休假：{what}",
        state=f"{by}{what}",
        tone=Tone.NEUTRAL,
    )


def consequence(view: LossView) -> str:
    parts = [f"取消今年剩余{words.days(view.now)}"] if view.now else []
    parts += [f"不享受{view.year + 1}年年休假"] if view.next_year else []
    return "，".join(parts) or "今年没有剩余，不用取消"


def told(view: LossView) -> str:
    """To the person, once it is confirmed."""
    days = f"{_KINDS.get(view.why, view.why)}累计{float(view.days):g}天"
    return f"您今年{days}，按{NOTE}，人事已确认：{consequence(view)}。有疑问请联系人事，发“解释”可以看每一笔。"
