"""`officebot leave preview`: what everybody on the staff list would be entitled to, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from bot import roster
from bot.commands import leave_people, options
from bot.commands.people import staff_sheet
from cards import leave_doubts
from config.staff import StaffRow
from handlers import errors
from handlers.leave import cases, standing
from handlers.leave.doubts import doubts
from handlers.leave.rules import LeaveRules
from handlers.people.directory import Person


@click.command("preview", help="启用前核对：按人员表算出每个人今年的年休假，列出要核实的地方，什么也不写入。")
@click.argument("file", metavar="[文件.csv]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@options.config_option
@options.json_option
def command(file: Path | None, config_file: Path, as_json: bool) -> int:
    configuration = options.configuration(config_file)
    rules = leave_people.office(configuration).of(LeaveRules)
    sheet = staff_sheet(file or configuration.base / configuration.settings.people, configuration)
    platforms = {account.name: account.platform for account in configuration.settings.accounts}
    people = [_row(_person(row, platforms), rules, today=options.today()) for row in sheet.rows]
    serious = [problem for problem in sheet.problems if problem.serious]
    if as_json:
        found = [asdict(problem) for problem in sheet.problems]
        options.print_json({"ok": not serious, "people": people, "problems": found})
        return 1 if serious else 0
    for one in people:
        click.echo(_line(one))
    for problem in sheet.problems:
        click.echo(str(problem))
    doubtful = sum(1 for one in people if one["doubts"])
    click.echo(f"共 {len(people)} 人，{doubtful} 人有要核实的地方，{len(serious)} 个问题。什么也没有写入。")
    return 1 if serious else 0


def _person(row: StaffRow, platforms: Mapping[str, str]) -> Person:
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
    )


def _row(person: Person, rules: LeaveRules, *, today: date) -> dict[str, Any]:
    policy = rules.of(person.category, on=today)
    try:
        days = cases.plain(standing.entitled(person, policy, today.year, today=today).days)
        end = cases.plain(standing.entitled(person, policy, today.year, today=date(today.year, 12, 31)).days)
    except errors.BadRequest:
        days = end = None
    return {
        "name": person.name,
        "staff_no": person.staff_no,
        "category": person.category,
        "policy": policy.name,
        "policy_title": policy.title,
        "first_work_date": person.first_work_date,
        "year": today.year,
        "days": days,
        "days_at_year_end": end,
        "doubts": [{"code": doubt, "text": leave_doubts.doubt(doubt)} for doubt in doubts(person, policy, today=today)],
    }


def _line(one: dict[str, Any]) -> str:
    if one["days"] is None:
        days = "算不出"
    elif one["days"] == one["days_at_year_end"]:
        days = f"{one['days']}天"
    else:
        days = f"{one['days']}天，年底前变为{one['days_at_year_end']}天"
    who = f"{one['name']}（{one['staff_no'] or '无工号'}）　{one['policy_title']}"
    since = f"　{one['first_work_date']}参加工作" if one["first_work_date"] else ""
    doubtful = "　核实：" + "；".join(doubt["text"] for doubt in one["doubts"]) if one["doubts"] else ""
    return f"{who}{since}　{one['year']}年{days}{doubtful}"
