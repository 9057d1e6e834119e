"""The rules of a kind of leave in sentences, for somebody who asks about them; and which kinds there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cards import leave_allowance, words
from cards.leave_allowance import AllowanceView
from cards.leave_more import proof_name

_COUNTING: Final[Mapping[str, str]] = {
    "workdays": "按工作日算，周末和法定节假日不算在内，调休上班的周末算",
    "calendar_days": "按自然日算，周末和法定节假日也算在内",
    "calendar_days_minus_statutory": "按自然日算，周末算在内，遇到法定节假日顺延",
}
_DAY: Final = 480
TOGETHER: Final = "together"
_NEEDS: Final[Mapping[str, str]] = {"unit_reason": "因工作原因没有休成", "consent": "本人同意"}
_ONLY: Final[Mapping[str, str]] = {"female": "只有女职工可以请", "male": "只有男职工可以请"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesView:
    """What holds for one kind. `unit` and `hour_step` in minutes (0: not by the hour), `proof_from` minutes of leave.

    `brackets`: (years of work, days) of the annual leave; `lapses` months of time off in lieu, 0 for other kinds.
    `carried`: how many years over, and what that takes; None for kinds that end otherwise. `costs`: days in a year from
    which the annual leave may be lost, with `costs_paid` only where the pay goes on.
    """

    kind: str
    policy: str
    counting: str
    unit: int
    hour_step: int
    brackets: tuple[tuple[int, int], ...] = ()
    lapses: int = 0
    carried: tuple[int, tuple[str, ...]] | None = None
    proof: str = ""
    proof_from: int = 0
    proof_within: int = 0
    sex: str = ""
    late_within: int = 0
    costs: tuple[str, ...] = ()
    costs_paid: bool = False
    allowance: AllowanceView | None = None
    bases: tuple[str, ...] = ()


def text(view: RulesView, points: Iterable[str] = ()) -> str:
    """What the rules say of some points, of all where they say nothing of these.

    Nothing is said about what the rules do not know, such as pay: personnel are.
    """
    wanted = [point for point in points if point in POINTS and POINTS[point](view)]
    if not wanted:
        return _whole(view)
    said = [line for point in wanted for line in POINTS[point](view)]
    return "\n".join([f"{view.kind}：", *(f"· {one}" for one in said), f"发“{view.kind}规定”看全部。"])


def _whole(view: RulesView) -> str:
    known = [line for say in POINTS.values() for line in say(view)]
    basis = [f"依据：{'；'.join(view.bases)}"] if view.bases else []
    asks = f"要请就直接说，例如“{view.kind} 下周三”。"
    return "\n".join([f"{view.kind}的规定（{view.policy}）", *(f"· {one}" for one in known), *basis, asks])


def kinds(titles: Sequence[str]) -> str:
    """The answer to a question about leave that names no kind."""
    one = titles[0]
    return (
        f"您可以请的假：{'、'.join(titles)}。\n"
        f"要请就直接说，例如“{one} 下周三到周五”；提交前的卡片上写明算几天、由谁审批。\n"
        f"一种假怎么算、要什么证明、几时过期，发“{one}规定”。规定里没有写的，请问人事。"
    )


def together() -> str:
    """Two kinds one after the other."""
    return "不同的假连着休，分两条说，一条写一种假、一段时间；各自审批，时间不能重叠。"


def _days(view: RulesView) -> list[str]:
    if view.brackets:
        steps = "，".join(f"满{years}年{days}天" for years, days in view.brackets)
        return [f"天数：累计工作{steps}；您还有几天，发“我的假期”"]
    if view.lapses:
        return ["天数：加班批准后换来；还有多少、哪天到期，发“我的假期”"]
    if view.allowance is None:
        return []
    head, *rest = leave_allowance.lines(view.allowance)
    return [f"天数：{head}", *(one.removeprefix("· ") for one in rest)]


def _over(view: RulesView) -> list[str]:
    if view.lapses:
        return [f"有效期：从加班那天起{view.lapses}个月，过期作废"]
    if view.carried is None:
        return []
    years, needs = view.carried
    if not years:
        return ["跨年：当年没休完的，年底作废"]
    asked = "、".join(_NEEDS.get(need, need) for need in needs)
    only = f"只有{asked}、并经人事确认的，才" if asked else ""
    return [f"跨年：当年没休完的，{only}可以跨{years}个年度安排{'，否则年底作废' if only else ''}"]


def _counting(view: RulesView) -> list[str]:
    return [f"怎么算：{_COUNTING.get(view.counting, view.counting)}"]


def _least(view: RulesView) -> list[str]:
    parts = [f"最少请：{'半天' if view.unit == _DAY // 2 else words.days(view.unit)}"]
    if view.hour_step:
        step = "半小时" if view.hour_step == 30 else f"{view.hour_step / 60:g}小时"
        parts.append(f"也可以按小时请，不足{step}按{step}算")
    if view.brackets or view.lapses:
        parts.append("可以分几次休")
    return ["；".join(parts)]


def _proof(view: RulesView) -> list[str]:
    if not view.proof:
        return ["证明：休假办法没有要求"]
    some = f"请{words.days(view.proof_from)}及以上的，要" if view.proof_from > view.unit else "要"
    return [f"证明：{some}{proof_name(view.proof)}，休完{view.proof_within}天内把原件交人事核验，不要发在对话里"]


def _who(view: RulesView) -> list[str]:
    return [_ONLY[view.sex]] if view.sex in _ONLY else []


def _cost(view: RulesView) -> list[str]:
    if not view.costs:
        return []
    paid = "并且单位没有扣工资" if view.costs_paid else ""
    grade = "（按年假的档次）" if len(view.costs) > 1 else ""
    return [f"对年假的影响：全年累计到{'、'.join(view.costs)}天{grade}{paid}的，不享受年假，由人事确认"]


def _late(view: RulesView) -> list[str]:
    if not view.late_within:
        return ["补办：休假开始以后不能再补"]
    return [f"补办：没有来得及事先请的，休假开始后{view.late_within}天内可以补"]


def _approval(view: RulesView) -> list[str]:
    return [f"审批：说了“{view.kind} 下周三”这样的话，提交前的卡片上写明由谁审批"]


def _pay(_: RulesView) -> list[str]:
    return ["工资待遇：系统里没有，请问人事"]


POINTS: Final[Mapping[str, Callable[[RulesView], list[str]]]] = {
    "days": _days,
    "over": _over,
    "counting": _counting,
    "least": _least,
    "proof": _proof,
    "who": _who,
    "cost": _cost,
    "late": _late,
    "approval": _approval,
    "pay": _pay,
}
"""The points of a rule in the order in which they are told."""


def all_of(views: Sequence[RulesView], points: Iterable[str] = ()) -> list[str]:
    """A text per kind, so that none is cut; of two kinds one after the other there is one thing to say."""
    if TOGETHER in points and len(views) > 1:
        return [together()]
    return [text(view, points) for view in views]
