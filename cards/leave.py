"""Leave as people see it: the draft to confirm, the questions back, the balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from cards import leave_days, leave_more, words
from cards.model import Button, Card, Choice, Field, Option, Style, Tone

SOURCE = "请休假"

_DOUBTS = {
    "year_unclear": "没有写年份，按最近的日期理解",
    "past": "日期已经过去",
    "end_before_start": "结束早于开始",
    "two_spans": "写了不止一段时间",
    "impossible_date": "没有这一天",
    "weekday_mismatch": "日期和星期几对不上",
    "week_unclear": "没有写哪一周，按最近的一天理解",
    "month_unclear": "没有写月份，按下个月理解",
    "day_unclear": "没有写哪一天，按今天理解",
    "half_unclear": "上午还是下午没有写清",
    "time_unclear": "几点没有写上午下午，按上班时间理解",
    "end_unclear": "没有写到几点结束",
    "duration_mismatch": "起止日期和天数对不上",
    "duration_unclear": "请几天没有写清楚",
    "start_unclear": "没有写从哪天开始",
    "last_unclear": "没有写到哪天",
    "date_vague": "日期太笼统",
    "calendar_unknown": "还没有该年的放假安排",
    "two_kinds": "写了不止一种假",
    "unknown_kind": "本单位没有这种假",
    "over_usual": "超过通常的天数，须有相应的证明或情形",
    "over_most": "超过国家和本省规定的最长天数，请人事核对",
    "hours_as_halves": "不足半天的按半天计",
    "too_long": "内容太长",
    "provisional": "还没有该年的放假安排，天数为暂算",
}
MOST_KINDS: Final = 10
"""As many as one platform's list holds."""
_MORE_KINDS: Final = "没有列出的直接写，例如“产检假 明天上午”“工伤假 5月6日到8日”"
_DAYS: Final = "天数"
_ONE_EACH: Final = "请分几条发，一条只写一种假、一段时间，例如“年假 5月6日到8日”。"
_MISSING = {
    "kind": "请什么假？",
    "dates": "从哪天到哪天？直接回复日期即可，例如“5月6日到8日”“下周三下午”。",
    "half": "是上午还是下午？",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveView:
    """What a leave card shows. `minutes` is what is charged; balances are None for kinds without one."""

    kind: str
    start: date
    start_half: str
    end: date
    end_half: str
    minutes: int
    reason: str = ""
    before: int | None = None
    after: int | None = None
    calendar_days: bool = False
    doubts: tuple[str, ...] = ()
    skipped: tuple[leave_days.SkipView, ...] = ()
    makeup: tuple[date, ...] = ()
    more: leave_more.MoreView = field(default_factory=leave_more.MoreView)


def lines(view: LeaveView, *, today: date) -> tuple[Field, ...]:
    """The fields every card about a leave has, in the order a leader reads them."""
    unit = "（自然日）" if view.calendar_days else "（工作日）"
    fields = [
        Field("类型", view.kind),
        Field("时间", _when(view, today)),
        Field(_DAYS, words.days(view.minutes) + unit),
    ]
    fields += [Field("事由", view.reason)] if view.reason else []
    if view.before is not None and view.after is not None:
        fields.append(Field("余额", f"{words.days(view.before)} → {words.days(view.after)}"))
    return (*fields, *leave_more.lines(view.more, today=today))


def title(view: LeaveView) -> str:
    """What an item is called in lists and headlines."""
    return f"{view.kind}{words.days(view.minutes) if view.minutes else ''}{leave_more.mark(view.more, view.minutes)}"


def _when(view: LeaveView, today: date) -> str:
    if view.more.clock is not None:
        return f"{words.day(view.start, base=today)} {view.more.clock[0]}至{view.more.clock[1]}"
    return words.span(view.start, view.start_half, view.end, view.end_half, base=today)


def confirm(view: LeaveView, *, approver: str, submit: str, discard: str, today: date) -> Card:
    """What was understood, before anything happens. `submit` and `discard` are packed actions."""
    return Card(
        kind="leave.confirm",
        source=SOURCE,
        title=f"请确认：{title(view)}",
        subtitle=f"提交后由{approver}审批",
        fields=lines(view, today=today),
        note="；".join(_notes(view, today)),
        buttons=(Button("提交", submit, Style.PRIMARY), Button("不请了", discard)),
        tone=Tone.WAITING if view.doubts else Tone.NEUTRAL,
    )


def _notes(view: LeaveView, today: date) -> list[str]:
    charged = leave_days.skipped(view.skipped, view.makeup, base=today)
    return ([charged] if charged else []) + [doubt(code) for code in view.doubts]


def in_turn(names: Sequence[str]) -> str:
    """Who decides, one after another: `李四，再由赵六`."""
    return "，再由".join(names)


def problem(view: LeaveView, *, why: str, today: date) -> Card:
    """Understood, and not possible; the reason and what to do next."""
    return Card(
        kind="leave.problem",
        source=SOURCE,
        title="这样还不能提交",
        subtitle=why,
        # Refused before it was counted: “0天” would be a claim.
        fields=tuple(one for one in lines(view, today=today) if view.minutes or one.name != _DAYS),
        tone=Tone.BAD,
        state="未提交，改好后重新发一句即可",
    )


def ask_kind(
    kinds: Sequence[tuple[str, str]], *, when: str, reason: str, confirm: str, discard: str
) -> Card:
    """Which kind of leave; `kinds` are (code, name), at most ten of them fit one platform's list. `when` and `reason`
    are what was understood so far, "" for nothing."""
    known = (Field("时间", when), Field("事由", reason))
    return Card(
        kind="leave.ask_kind",
        source=SOURCE,
        title=_MISSING["kind"],
        subtitle=_MORE_KINDS if len(kinds) > MOST_KINDS else "",
        fields=tuple(one for one in known if one.value),
        choices=(Choice("kind", "假别", tuple(Option(code, name) for code, name in kinds[:MOST_KINDS])),),
        buttons=(Button("下一步", confirm, Style.PRIMARY), Button("不请了", discard)),
    )


def ask_half(*, morning: str, afternoon: str, discard: str) -> Card:
    return Card(
        kind="leave.ask_half",
        source=SOURCE,
        title=_MISSING["half"],
        buttons=(Button("上午", morning, Style.PRIMARY), Button("下午", afternoon), Button("不请了", discard)),
    )


def ask_reason(view: LeaveView, *, discard: str, today: date) -> Card:
    """A late request without a reason; the answer is the next message."""
    return Card(
        kind="leave.ask_reason",
        source=SOURCE,
        title="补办要写明原因",
        subtitle="休假已经开始，按补办处理。直接回复原因即可；事先电话同意过的一起写，例如“发烧，李四5月6日电话同意”",
        fields=lines(view, today=today)[:3],
        buttons=(Button("不请了", discard),),
        tone=Tone.WAITING,
    )


def ask_dates(doubts: Sequence[str] = (), *, since: str = "", length: str = "") -> str:
    """The question as a plain sentence; the answer is the next message. `since`: only the last day is missing;
    `length`: as it was typed, only the first day is missing."""
    said = "".join(f"{doubt(code)}。" for code in dict.fromkeys(doubts))
    if {"two_kinds", "two_spans"} & set(doubts):
        return said + _ONE_EACH
    if since:
        return f"{said}从{since}起，到哪天？直接回复最后一天或天数，例如“到周五”“3天”。"
    if length:
        return f"{said}{length}，从哪天开始？直接回复日期即可，例如“5月6日”“下周三下午”。"
    return said + _MISSING["dates"]


def ask_time(day: str, *, begin: str = "") -> str:
    """For hours: from when to when, or only the end where the beginning was said."""
    if begin:
        return f"{day}{begin}起，到几点？直接回复，例如“到17:00”。"
    return f"{day}，从几点到几点？直接回复，例如“14:00到16:00”。"


def doubt(code: str) -> str:
    return _DOUBTS.get(code, code)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotView:
    """One lot of a balance: what was given for which year, what of it is left, held and used, when it ends."""

    name: str
    granted: int
    available: int
    held: int
    used: int
    expires: date


def balance(kind: str, lots: Sequence[LotView], *, on: date, basis: str = "") -> Card:
    """The balance with the lots that it is made of. `basis` is the entitlement's reason in one line."""
    available = sum(lot.available for lot in lots)
    held = sum(lot.held for lot in lots)
    fields = [Field("在批", words.days(held))] if held else []
    for lot in lots:
        said = f"共{words.days(lot.granted)}，已休{words.days(lot.used)}，{_until(lot.expires, on)}"
        fields += [Field(lot.name, said), *_chart(lot)]
    return Card(
        kind="leave.balance",
        source=SOURCE,
        title=f"{kind}余额",
        big=(words.days(available), f"截至{on.month}月{on.day}日可用"),
        fields=tuple(fields[:6]),
        note=f"{basis}。发“解释”看每个数字的由来" if basis else "",
    )


def _chart(lot: LotView) -> list[Field]:
    """The lot as a bar of text, for platforms whose cards cannot draw; nothing where nothing was given."""
    bar = words.bar(((lot.used, "■"), (lot.held, "▣"), (lot.available, "□")))
    return [Field("图示", f"{bar}（■已休 ▣在批 □可用）")] if bar else []


def with_toil(card: Card, lots: Sequence[tuple[int, date]], *, on: date) -> Card:
    """The balance with what is left of time off in lieu beside it: minutes and the last day of each, earliest first."""
    return replace(card, fields=(*card.fields[:5], Field("调休", _toil(lots, on)))) if lots else card


def _toil(lots: Sequence[tuple[int, date]], on: date) -> str:
    total = sum(minutes for minutes, _ in lots)
    end = _until(lots[0][1], on)
    first = f"最早的{words.days(lots[0][0])}" if len(lots) > 1 else ""
    return f"{words.days(total)}，{first}{end}"


def ending(kind: str, lots: Sequence[tuple[str, int, date]], *, on: date) -> str:
    """To whoever has leave that is about to lapse: lots as (name, minutes left, last day), the nearest end first."""
    total = words.days(sum(minutes for _, minutes, _ in lots))
    if len(lots) == 1:
        said = f"{total}{kind}没有休，{_until(lots[0][2], on)}。"
    else:
        each = "；".join(f"{name}{words.days(minutes)}，{_until(end, on)}" for name, minutes, end in lots)
        said = f"{total}{kind}没有休：{each}。"
    return f"您还有{said}想休直接说“{kind} 下周一到周三”就行；工作走不开的，请早些和领导、人事商量怎么安排。"


def ending_toil(lots: Sequence[tuple[int, date]], *, on: date) -> str:
    """The same of time off in lieu: (minutes, last day) of each, the nearest first."""
    return f"您还有调休{_toil(lots, on)}。要用直接说“调休 下周一上午”就行。"


def ending_told(people: int, minutes: int) -> str:
    """To personnel: how many were told so today, and of how much in all."""
    return (
        f"还有年假、调休快到期没休的，今天提醒了{people}人，共{words.days(minutes)}，每人只提醒一次。\n"
        "名单和余额发“谁的年假快到期了”；确因工作需要、本人也同意跨年度休的，年末结转时转到下一年。"
    )


def no_toil(name: str = "") -> str:
    """Of whom it was asked, where that is somebody else."""
    if name:
        return f"{name}现在没有可用的调休。"
    return "现在没有可用的调休。加班批准后自动记入，“加班 周六上午9点到12点 赶材料”就能申请。"


def had(kind: str, year: int, minutes: int, *, name: str = "") -> str:
    """How much of a kind without a balance was taken in a year; `name`: of whom, where that is somebody else."""
    return f"{name}{year}年{kind}：{f'已批准{words.days(minutes)}' if minutes else '没有'}。发“{name}对账单”看每一次。"


def no_balance(kind: str, why: str, toil: Sequence[tuple[int, date]] = (), *, on: date = date.min) -> str:
    """Why there is no balance; what is left of time off in lieu is there all the same."""
    return f"{kind}：{_NO_BALANCE.get(why, why)}" + (f"\n调休：{_toil(toil, on)}" if toil else "")


_NO_BALANCE: Mapping[str, str] = {
    "no_first_work_date": "档案里没有参加工作时间，无法计算，请联系人事补录。",
    "under_one_year": "累计工作未满一年，今年还没有年休假。",
}


def _until(end: date, on: date) -> str:
    year = f"{end.year}年" if end.year != on.year else ""
    return f"{year}{end.month}月{end.day}日到期"


def calendar_missing(year: int, *, begun: bool = False) -> str:
    """To administrators, while the notice for a coming year, or for one that has `begun`, is not loaded."""
    put = (
        f"运行 officebot calendar year，粘贴通知全文，就写出{year}.yaml（也可以自己写好放进配置的 calendars 文件夹）；"
        "保存后几秒内核对并生效，不用重启，写错了会告诉您哪里要改。"
    )
    if begun:
        return (
            f"已经是{year}年了，系统里还没有{year}年的放假安排：今年的请假都不能计算，时限和提醒先按周末和法定节假日算。"
            f"请尽快照国务院办公厅的通知，{put}"
        )
    return f"还没有{year}年的放假安排，{year}年的请假暂时不能计算。国务院办公厅的通知公布后，请{put}"


def lot_name(year: int, *, carried: bool = False) -> str:
    return f"{year}年（结转）" if carried else f"{year}年"


def basis(*, first_work: str, days: str) -> str:
    """Why this entitlement: Regulations on Paid Annual Leave, article 3. `first_work` as the file has it."""
    year, month, *_ = first_work.split("-")
    return f"{year}年{int(month)}月参加工作，每年{days}天（《职工带薪年休假条例》第三条）"


def offer_sick(text: str) -> str:
    """After words of somebody who is ill and has not asked for anything."""
    return f"{words.quoted(text)}，您是要请病假吗？回复“是”就开始，已经说的会填好。"
