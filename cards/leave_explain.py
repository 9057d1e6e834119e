"""“解释”: every figure of a leave balance with the rule and the article behind it, in sentences.

Takes figures, gives text; the same lines go into the chat and onto a command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from cards import leave_days, words

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """A rule as it was applied: its name, the article, what went in and what came out."""

    rule: str
    basis: str
    figures: Figures
    result: Any


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence and the article it rests on ("" where there is none)."""

    text: str
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotView:
    """A lot: minutes in each account. `carried` is what came in less what went out; `expires` None: no end."""

    kind: str
    name: str
    granted: int
    carried: int
    available: int
    held: int
    used: int
    expired: int
    expires: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveView:
    """An entry: what happened when, over how many minutes; `asked` the range, `note` the reason given."""

    on: date
    cause: str
    kind: str
    lot: str
    minutes: int
    asked: tuple[date, str, date, str] | None = None
    skipped: tuple[leave_days.SkipView, ...] = ()
    makeup: tuple[date, ...] = ()
    note: str = ""
    written: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Warnings:
    """What personnel should look at: totals of the year that come near to a limit of the law, in days."""

    sick_days: Fraction = Fraction(0)
    sick_limit: Fraction | None = None
    personal_days: Fraction = Fraction(0)
    personal_limit: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """`missing` is why there are no rules to show: no_first_work_date. `days` is this year's figure."""

    name: str
    year: int
    on: date
    policy: str
    version: str
    kind: str
    days: Fraction | None
    missing: str = ""
    rules: tuple[RuleView, ...] = ()
    lots: tuple[LotView, ...] = ()
    moves: tuple[MoveView, ...] = ()
    warnings: Warnings = Warnings()


_MESSAGE = 600
"""Characters of a message: Chinese takes three bytes each, and the shortest limit of the platforms is 2048 bytes."""

_CAUSES: Mapping[str, str] = {
    "grant": "发放",
    "adjust": "调整",
    "carry_over": "结转",
    "hold": "申请，冻结",
    "reject": "驳回，退回",
    "withdraw": "撤回，退回",
    "consume": "批准，扣减",
    "cancel": "取消，返还",
    "return_early": "提前销假，返还",
    "recount": "按新日历重算",
    "change": "变更休假，改扣或返还",
    "expire": "到期失效",
}
_MISSING: Mapping[str, str] = {
    "no_first_work_date": "档案里没有参加工作时间，无法计算应休天数，请人事补录。",
}
_DISQUALIFIED: Mapping[str, str] = {
    "personal_leave": "事假累计达到规定天数且不扣工资，不享受当年年休假",
    "sick_leave": "病假累计达到规定时间，不享受当年年休假",
    "school_vacation": "依法享受的寒暑假多于年休假天数，不享受当年年休假",
    "forfeited_by_last_year": "上一年休过年休假后又出现不享受的情形，不享受当年年休假",
}


def cause_word(cause: str) -> str:
    return _CAUSES.get(cause, cause)


def text(explained: Explained) -> str:
    """The whole of it for a command line."""
    return "\n".join([*entitlement(explained), "", *ledger(explained)])


def messages(explained: Explained) -> list[str]:
    """For a chat, where a message is short: how the figure comes about; then what happened to it."""
    return [*_packed(entitlement(explained)), *_packed(ledger(explained, most=8))]


def _packed(lines: Iterable[str]) -> list[str]:
    """Whole lines, as many as a message holds."""
    found: list[str] = []
    for line in lines:
        if found and len(found[-1]) + len(line) < _MESSAGE:
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found


def entitlement(explained: Explained) -> list[str]:
    head = f"{explained.name} {explained.year}年{explained.kind}是怎么算的（截至{words.day(explained.on)}）"
    if explained.missing:
        return [head, _MISSING.get(explained.missing, explained.missing)]
    by = f"按“{explained.policy}”的规定" + (f"（{explained.version}版）" if explained.version else "")
    found = lines(explained.rules)
    return [head, by, *(f"{number}. {_with_basis(line)}" for number, line in enumerate(found, 1))]


def ledger(explained: Explained, *, most: int | None = None) -> list[str]:
    """Lots, the latest `most` entries, the next expiry, and what to look at."""
    said = ["余额："]
    said += [f"· {_lot(lot, explained.on)}" for lot in explained.lots] or ["· 还没有额度"]
    shown = explained.moves if most is None else explained.moves[-most:]
    said += [f"记录（最近{len(shown)}笔）：" if len(shown) < len(explained.moves) else "记录："] if shown else []
    said += [f"· {move(one, base=explained.on)}" for one in shown]
    said += next_expiry(explained.lots, on=explained.on)
    return said + warnings(explained.warnings)


def lines(rules: Iterable[RuleView]) -> list[Line]:
    """Sentences for the rules in the order in which they were applied; what changes nothing is left out."""
    rules = list(rules)
    found = _thresholds(rules)
    for rule in rules:
        if (say := _SENTENCES.get(rule.rule)) is not None and (sentence := say(rule.figures, rule.result)):
            found.append(Line(sentence, rule.basis))
    return found


def move(one: MoveView, *, base: date) -> str:
    """One entry in one line."""
    said = f"{words.short(one.on, base)} {one.lot} {_CAUSES.get(one.cause, one.cause)}{words.days(one.minutes)}"
    if one.asked is not None:
        said += "（" + words.span(*one.asked, base=base) + "）"
    if days := leave_days.skipped(one.skipped, one.makeup, base=base):
        said += f"，{days}"
    said += f"，理由：{one.note}" if one.note else ""
    return said if one.written else said + "（首次申请时入账）"


def next_expiry(lots: Iterable[LotView], *, on: date) -> list[str]:
    ending = sorted((lot.expires, lot.available) for lot in lots if lot.expires and lot.available > 0)
    ahead = [(day, minutes) for day, minutes in ending if day >= on]
    if not ahead:
        return []
    first = ahead[0][0]
    return [f"最近到期：{words.days(sum(left for day, left in ahead if day == first))}，{words.short(first, on)}后失效"]


def warnings(found: Warnings) -> list[str]:
    said = []
    if found.sick_limit is not None and found.sick_days:
        over = "，已达到，请人事核定" if found.sick_days >= found.sick_limit else ""
        said.append(f"当年病假累计{_days(found.sick_days)}（达到{_days(found.sick_limit)}的不享受年休假）{over}")
    if found.personal_limit is not None and found.personal_days:
        over = "，已达到，请人事核定是否扣发工资" if found.personal_days >= found.personal_limit else ""
        limit = _days(found.personal_limit)
        said.append(f"当年事假累计{_days(found.personal_days)}（达到{limit}且不扣工资的不享受年休假）{over}")
    return said


def _thresholds(rules: Sequence[RuleView]) -> list[Line]:
    """One sentence for all the years that are or will be complete, and from when each figure counts."""
    complete = [rule for rule in rules if rule.rule == "completion"]
    starts = [rule for rule in rules if rule.rule == "starts"]
    days = [days for rule in rules if rule.rule == "bracket" for _, days in rule.figures["changes"]]
    if not complete:
        return []
    said = "；".join(_threshold(*one) for one in zip(complete, starts, days, strict=True))
    bases = dict.fromkeys(rule.basis for rule in (*complete, *starts) if rule.basis)
    return [Line(f"{_full(complete[0].figures['first_work_date'])}参加工作：{said}", "；".join(bases))]


def _threshold(complete: RuleView, start: RuleView, days: int) -> str:
    gap = complete.figures["gap_days"]
    without = f"（扣除不计工龄的{gap}天）" if gap else ""
    years = complete.figures["years"]
    return f"{_full(complete.result)}满{years}年{without}，{_full(start.result)}起每年{days}天"


def _bracket(figures: Figures, result: Any) -> str:
    if not result:
        return f"{_full(figures['on'])}：累计工作未满一年，还没有年休假"
    return f"{_full(figures['on'])}适用的档次：每年{result}天"


def _eligible(figures: Figures, result: Any) -> str:
    return f"{_full(figures['continuous_since'])}起连续工作，{_full(result)}满12个月，从这一天起享受"


def _share(figures: Figures, result: Any) -> str:
    if not figures["eligible"]:
        return "连续工作未满12个月，还不能享受"
    if figures["stretches"] is None:
        return ""
    parts = " + ".join(f"{length}×{days}" for length, days in figures["stretches"])
    return f"按日历天数折算：（{parts}）÷365 = {float(result):.2f}天"


def _rounded(figures: Figures, result: Any) -> str:
    if figures["share"] == result:
        return ""
    step = "1天" if figures["step"] == 1 else "半天"
    return f"不足{step}的部分舍去：{_days(result)}"


def _due(figures: Figures, result: Any) -> str:
    vacation = figures["school_vacation_days"]
    return f"扣除寒暑假{_days(vacation)}后补足：{_days(result)}" if figures["top_up"] and vacation else ""


def _disqualified(_figures: Figures, result: Any) -> str:
    return _DISQUALIFIED.get(str(result), "")


def _next_year_lost(_figures: Figures, result: Any) -> str:
    return "已休过当年年休假，下一年不再享受" if result else ""


def _of_the_year(_figures: Figures, result: Any) -> str:
    return f"全年应休：{_days(result)}"


_SENTENCES: Mapping[str, Callable[[Figures, Any], str]] = {
    "bracket": _bracket,
    "eligible_from": _eligible,
    "share": _share,
    "rounded": _rounded,
    "due": _due,
    "disqualified": _disqualified,
    "next_year_lost": _next_year_lost,
    "days_of_the_year": _of_the_year,
}


def _lot(lot: LotView, on: date) -> str:
    parts = [f"{lot.name}：发放{words.days(lot.granted)}"]
    parts += [f"结转{words.days(lot.carried)}"] if lot.carried else []
    parts += [f"已休{words.days(lot.used)}", f"在批{words.days(lot.held)}", f"可用{words.days(lot.available)}"]
    parts += [f"失效{words.days(lot.expired)}"] if lot.expired else []
    parts += [f"{words.short(lot.expires, on)}到期"] if lot.expires else []
    return "，".join(parts)


def _with_basis(line: Line) -> str:
    return f"{line.text}（依据：{line.basis}）" if line.basis else line.text


def _full(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _days(value: Fraction | int) -> str:
    return f"{float(value):g}天"
