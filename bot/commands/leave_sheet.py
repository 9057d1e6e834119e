"""`officebot leave sheet`: personnel's month or year sheet as a spreadsheet without a single formula."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import xlsxwriter

from bot.commands import database, leave_people, options
from cards import words
from config.loader import Configuration
from handlers.leave import counting, sheets
from handlers.leave.sheets import Row, Span
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction

_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")
_FIRST = ("姓名", "工号", "部门", "职务")
_LAST = ("年休假额度", "期末可用", "在批", "已失效", "明细")


@dataclass(frozen=True, slots=True)
class Line:
    person: Person
    row: Row
    titles: dict[str, str]


@click.command("sheet", help="人事的月表（2026-05）或年表（2026）：每人一行，导出为 Excel 文件。")
@click.argument("period", metavar="年份或月份")
@click.option(
    "-o", "--output", required=True, metavar="文件.xlsx", type=click.Path(path_type=Path, dir_okay=False), help="存到。"
)
@options.config_option
def command(period: str, output: Path, config_file: Path) -> int:
    found = _PERIOD.fullmatch(period)
    if found is None:
        raise click.UsageError(f"「{period}」不是年份或月份，写成 2026 或 2026-05。")
    span = sheets.month(int(found[1]), int(found[2])) if found[2] else sheets.whole_year(int(found[1]))
    title = f"{found[1]}年{int(found[2])}月休假情况" if found[2] else f"{found[1]}年休假情况"
    lines = database.run(_lines(options.configuration(config_file), span))
    try:
        write(output, title, lines)
    except OSError as error:
        raise click.ClickException(f"写不了 {output}：{error.strerror}。") from error
    click.echo(f"{output}：{title}，{len(lines)} 人。")
    return 0


def write(file: Path, title: str, lines: list[Line]) -> None:
    """Numbers are days; what people typed stays text, whatever it begins with. Raises OSError."""
    titles = {code: name for line in lines for code, name in line.titles.items()}
    kinds = sheets.kinds(line.row for line in lines)
    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(file, settings) as book:
            sheet = book.add_worksheet(title[:31])
            head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True})
            days = book.add_format({"num_format": "0.0##", "border": 1})
            plain = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
            sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
            header = (*_FIRST, *(f"{titles.get(kind, kind)}（天）" for kind in kinds), *_LAST)
            for column, text in enumerate(header):
                sheet.write_string(1, column, text, head)
            for number, line in enumerate(lines, 2):
                _write_row(sheet, number, line, kinds, plain, days)
            sheet.freeze_panes(2, 1)
            sheet.set_column(0, len(header) - 2, 11)
            sheet.set_column(len(header) - 1, len(header) - 1, 48)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error)) from error


def _write_row(sheet: Any, number: int, line: Line, kinds: list[str], plain: Any, days: Any) -> None:
    person, row = line.person, line.row
    cells: list[str | float] = [person.name, person.staff_no, person.department, person.post]
    cells += [_days(row.taken.get(kind, 0)) for kind in kinds]
    cells += [_days(minutes) for minutes in (row.granted, row.available, row.held, row.expired)]
    cells.append("；".join(_leave(line.titles.get(kind, kind), first, last) for kind, first, last in row.days))
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            sheet.write_string(number, column, cell, plain)
        else:
            sheet.write_number(number, column, cell, days)


def _leave(title: str, first: Any, last: Any) -> str:
    return f"{title} {words.short(first, first)}" + (f"至{words.short(last, first)}" if last != first else "")


def _days(minutes: int) -> float:
    return float(counting.in_days(minutes))


async def _lines(configuration: Configuration, span: Span) -> list[Line]:
    office = leave_people.office(configuration)
    now = options.now()

    async def unit(tx: Transaction) -> list[Line]:
        found = []
        for person in await directory.everybody(tx):
            book = await leave_people.of_person(tx, office, person, on=span.last)
            titles = {code: kind.title for code, kind in book.policy.kinds.items()}
            found.append(Line(person, sheets.row(book.looked_at(now=now, on=span.last), span), titles))
        return sorted(found, key=lambda line: (line.person.department, line.person.staff_no, line.person.name))

    async with database.opened(configuration) as opened:
        return await opened.read(unit)
