"""What a staff list means for everybody's annual leave, before it is brought in and when it is: one reckoning for both.

`leave preview` and `people import` say the same of the same list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from bot import roster
from config.staff import StaffRow
from handlers import errors
from handlers.leave import standing
from handlers.leave.casebook import cases
from handlers.leave.law import counting
from handlers.leave.law.policy import fraction
from handlers.leave.law.rules import LeaveRules
from handlers.leave.reports.doubts import Doubt, doubts
from handlers.people.directory import Person

WORDS = {
    Doubt.NO_FIRST_WORK: "没有参加工作时间，算不出年休假",
    Doubt.FUTURE: "日期在今天之后",
    Doubt.LONG_AGO: "参加工作时间太早，核对年份",
    Doubt.FEB29: "2月29日参加工作，平年按2月28日还是3月1日满年限由办法规定",
    Doubt.FIRST_OF_MONTH: "1日参加工作，今年满年限：按对应日还是前一天，会差一个月",
    Doubt.CHANGES_THIS_YEAR: "今年满年限，额度年中有变",
    Doubt.NO_CATEGORY: "没有写类别，按默认办法计算",
    Doubt.NO_JOINED: "没有入职时间，入职当年没有折算",
    Doubt.NO_CONTINUOUS: "没有连续工作起始，没有核对连续工作满12个月",
    Doubt.JOINED_BEFORE_WORK: "入职早于参加工作",
    Doubt.CONTINUOUS_BEFORE_WORK: "连续工作起始早于参加工作",
    Doubt.CONTINUOUS_AFTER_JOINED: "连续工作起始晚于入职，核对是否有中断",
    Doubt.GAPS: "有不计工龄的中断，满年限的日子顺延",
    Doubt.GAP_OUTSIDE: "中断不在参加工作到今天之间，核对日期",
    Doubt.GAPS_OVERLAP: "几段中断互相重叠，重叠的只算一次",
    Doubt.LEFT: "离职时间已过，核对是否还在职",
    Doubt.LEAVING: "写了离职时间，按办法折算或不折算",
    Doubt.LEFT_BEFORE_WORK: "离职早于参加工作或入职",
    Doubt.NO_SEX: "没有性别，妇女节半天和分性别的假无法判断",
}


def person_of(row: StaffRow, platforms: Mapping[str, str]) -> Person:
    """The row as if it had been brought in."""
    wanted = roster.as_wanted(row, platforms)
    return Person(
        id=f"row-{row.line}",
        name=wanted.name,
        staff_no=wanted.staff_no,
        first_work_date=wanted.first_work_date,
        sex=wanted.sex,
        category=wanted.category,
        joined_unit=wanted.joined_unit,
        continuous_since=wanted.continuous_since,
        leaving_date=wanted.leaving_date,
        service_gaps=wanted.service_gaps,
        holiday_groups=wanted.holiday_groups,
    )


def preview(
    rows: Iterable[StaffRow], platforms: Mapping[str, str], rules: LeaveRules, *, today: date
) -> list[dict[str, Any]]:
    """Everybody on the list: days today and at the year's end, what was left at the start, and what to look at."""
    return [_row(row, person_of(row, platforms), rules, today=today) for row in rows]


def line(one: Mapping[str, Any]) -> str:
    """One person in one line."""
    if one["days"] is None:
        days = "算不出"
    elif one["days"] == one["days_at_year_end"]:
        days = f"{one['days']}天"
    else:
        days = f"{one['days']}天，年底前变为{one['days_at_year_end']}天"
    who = f"{one['name']}（{one['staff_no'] or '无工号'}）　{one['policy_title']}"
    since = f"　{one['first_work_date']}参加工作" if one["first_work_date"] else ""
    opening = f"　期初余额{one['opening']['days']}天" if one["opening"] else ""
    doubtful = "　核实：" + "；".join(doubt["text"] for doubt in one["doubts"]) if one["doubts"] else ""
    return f"{who}{since}　{one['year']}年{days}{opening}{doubtful}"


def opening_minutes(row: StaffRow) -> int | None:
    return None if row.opening is None else counting.in_minutes(fraction(row.opening.days))


def summary(people: Sequence[Mapping[str, Any]]) -> str:
    doubtful = sum(1 for one in people if one["doubts"])
    openings = sum(1 for one in people if one["opening"])
    return f"共 {len(people)} 人，{doubtful} 人有要核实的地方" + (f"，{openings} 人有期初余额" if openings else "")


def _row(row: StaffRow, person: Person, rules: LeaveRules, *, today: date) -> dict[str, Any]:
    policy = rules.of(person.category, on=today)
    end = date(today.year, 12, 31)
    days, later = _days(person, rules, today), _days(person, rules, end)
    found = [{"code": str(doubt), "text": WORDS[doubt]} for doubt in doubts(person, policy, today=today)]
    return {
        "name": person.name,
        "staff_no": person.staff_no,
        "category": person.category,
        "policy": policy.name,
        "policy_title": policy.title,
        "policy_version": policy.version,
        "first_work_date": person.first_work_date,
        "leaving_date": person.leaving_date,
        "service_gaps": person.service_gaps,
        "year": today.year,
        "days": days,
        "days_at_year_end": later,
        "opening": _opening(row),
        "doubts": found + _opening_doubts(row, days, later),
    }


def _days(person: Person, rules: LeaveRules, day: date) -> Any:
    """By the rules of that day; None where nothing can be reckoned."""
    try:
        policy = rules.of(person.category, on=day)
        return cases.plain(standing.entitled(person, policy, day.year, today=day).days)
    except errors.BadRequest:
        return None


def _opening(row: StaffRow) -> dict[str, Any] | None:
    if row.opening is None:
        return None
    days = cases.plain(fraction(row.opening.days))
    return {"days": days, "reason": row.opening.reason, "approver": row.opening.approver}


def _opening_doubts(row: StaffRow, days: Any, later: Any) -> list[dict[str, str]]:
    if row.opening is None:
        return []
    if days is None:
        return [{"code": "opening_unknown", "text": "算不出年休假，期初余额不能入账"}]
    if float(row.opening.days) > max(days, later):
        return [{"code": "opening_over", "text": f"期初余额比今年的{max(days, later)}天还多，核对是否含上年结转"}]
    return []
