"""`officebot leave preview`: what everybody on the staff list would be entitled to, before anything is written."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from bot.commands import leave_people, leave_start, options
from bot.commands.leave_answers import Day
from bot.commands.people import staff_sheet
from handlers.leave.law.rules import LeaveRules


@click.command(
    "preview", help="启用前核对：按人员表（CSV 或 Excel）算出每个人今年的年休假，列出要核实的地方，什么也不写入。"
)
@click.argument("file", metavar="[文件]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--on", type=Day(), metavar="日期", help="按哪一天计算，默认今天。")
@options.config_option
@options.json_option
def command(file: Path | None, on: date | None, config_file: Path, as_json: bool) -> int:
    configuration = options.configuration(config_file)
    rules = leave_people.office(configuration).of(LeaveRules)
    sheet = staff_sheet(file or configuration.base / configuration.settings.people, configuration)
    platforms = {account.name: account.platform for account in configuration.settings.accounts}
    people = leave_start.preview(sheet.rows, platforms, rules, today=on or options.today())
    serious = [problem for problem in sheet.problems if problem.serious]
    if as_json:
        found = [asdict(problem) for problem in sheet.problems]
        options.print_json({"ok": not serious, "people": people, "problems": found})
        return 1 if serious else 0
    for one in people:
        click.echo(leave_start.line(one))
    for problem in sheet.problems:
        click.echo(str(problem))
    click.echo(f"{leave_start.summary(people)}，{len(serious)} 个问题。什么也没有写入。")
    return 1 if serious else 0
