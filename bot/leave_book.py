"""Personnel's month and year sheet as a spreadsheet without a single formula: every sum is reckoned here."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from bot.outings import Outing, between
from cards import leave_sheet as words
from cards.slip import exact
from handlers.audit import log
from handlers.context import Context
from handlers.leave import charge, facts, known, standing, store
from handlers.leave.book.entries import Stamp
from handlers.leave.law import counting
from handlers.leave.reports import absences, sheets
from handlers.leave.reports.sheets import Row, Span, Taken
from handlers.people import directory
from handlers.people.directory import Person

_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")
_CONTROLS = dict.fromkeys((*range(32), 127), " ")
_AT_ONCE = 400
EARLIEST = 1990


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A year, or one month of it; `department` "" for everybody."""

    year: int
    month: int | None = None
    department: str = ""

    @property
    def span(self) -> Span:
        return sheets.month(self.year, self.month) if self.month else sheets.whole_year(self.year)

    @property
    def period(self) -> str:
        return f"{self.year}-{self.month:02d}" if self.month else str(self.year)

    @property
    def title(self) -> str:
        return words.title(self.year, self.month, self.department)


@dataclass(frozen=True, slots=True)
class Line:
    person: Person
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the file shows. `titles` are the kinds' names by their code."""

    wish: Wish
    office: str
    made: datetime
    lines: Sequence[Line]
    titles: dict[str, str]
    outings: Sequence[Outing] = ()

    @property
    def kinds(self) -> list[str]:
        return sheets.kinds(line.row for line in self.lines)

    @property
    def total(self) -> Row:
        return sheets.total(line.row for line in self.lines)


def wished(period: str, *, department: str = "") -> Wish | None:
    """From `2026` or `2026-05`; None for anything else."""
    found = _PERIOD.fullmatch(period.strip())
    if found is None or not EARLIEST <= int(found[1]) <= date.max.year - 1:
        return None
    return Wish(year=int(found[1]), month=int(found[2]) if found[2] else None, department=department)


async def read(ctx: Context, wish: Wish) -> Sheet:
    """A row for each active person, and for whoever left and had leave within the span; nothing is written.

    Ledgers are read some hundreds at a time, and only the lots that reach into the year: no other can bear its leave.
    """
    everybody = [*await directory.everybody(ctx.tx), *await _leavers(ctx, wish.span)]
    since = await known.all_since(ctx.tx, ctx.office)
    people = [one for one in everybody if wish.department in ("", one.department)]
    people.sort(key=lambda one: (one.department, one.staff_no, one.name, one.id))
    stamp = Stamp(recorded=ctx.now, effective=charge.today(ctx))
    titles: dict[str, str] = {}
    lines = []
    for start in range(0, len(people), _AT_ONCE):
        some = people[start : start + _AT_ONCE]
        ledgers = await store.of_people(ctx.tx, [one.id for one in some], since=date(wish.year, 1, 1))
        for one in some:
            policy = charge.policy_of(ctx, one, on=wish.span.last)
            titles |= {code: kind.title for code, kind in policy.kinds.items()}
            whole = ledgers[one.id]
            if one.active:
                whole = standing.looked_at(
                    whole, one, policy, on=wish.span.last, stamp=stamp, since=since.get(one.id)
                )
            lines.append(Line(one, sheets.row(whole, wish.span, today=charge.today(ctx))))
    outings = await between(ctx, wish.span, {one.id: one for one in people})
    return Sheet(wish=wish, office=ctx.office.name, made=ctx.now, lines=lines, titles=titles, outings=outings)


async def _leavers(ctx: Context, span: Span) -> list[Person]:
    """Without them the year would have less leave than was taken in it."""
    had = {one.person for one in await absences.between(ctx.tx, span.first, span.last) if not one.waits}
    return [one for one in await directory.leavers(ctx.tx) if one.id in had]


async def exported(ctx: Context, sheet: Sheet, data: bytes) -> None:
    """Writes down that the file left the system."""
    fact = facts.SheetExported(
        sheet=f"leave-{sheet.wish.period}",
        department=sheet.wish.department,
        people=len(sheet.lines),
        sha256=sha256(data).hexdigest(),
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)


def write(sheet: Sheet) -> bytes:
    """An .xlsx file. Numbers are days; what people typed stays text, whatever it begins with. Blocking."""
    out = io.BytesIO()
    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    import xlsxwriter  # with the first sheet, not with every start

    with xlsxwriter.Workbook(out, settings) as book:
        look = _Look(book)
        _summary(book.add_worksheet(words.SHEETS[0]), sheet, look)
        _leaves(book.add_worksheet(words.SHEETS[1]), sheet, look)
        if sheet.wish.month is None:
            _months(book.add_worksheet(words.SHEETS[2]), sheet, look)
        if sheet.outings:
            _outings(book.add_worksheet(words.SHEETS[3]), sheet, look)
    return out.getvalue()


class _Look:
    def __init__(self, book: Any) -> None:
        plain = {"border": 1, "valign": "top", "text_wrap": True}
        days = {"num_format": "0.0##", "border": 1, "valign": "top"}
        bold = {"bold": True, "bg_color": "#F3F6FA"}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"font_color": "#4B5A69"})
        self.head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True})
        self.plain, self.days = book.add_format(plain), book.add_format(days)
        self.sum_plain, self.sum_days = book.add_format(plain | bold), book.add_format(days | bold)


def _summary(page: Any, sheet: Sheet, look: _Look) -> None:
    kinds = sheet.kinds
    head = (*words.FIRST, *(f"{sheet.titles.get(kind, kind)}（天）" for kind in kinds), *words.LAST)
    _top(page, sheet, head, look, widths={len(head) - 1: 48})
    number, lines = 2, list(sheet.lines)
    for place, line in enumerate(lines):
        _row(page, number, _cells(line, kinds, sheet.titles), look)
        number += 1
        last = place + 1 == len(lines) or lines[place + 1].person.department != line.person.department
        if last and not sheet.wish.department and line.person.department:
            own = [one.row for one in lines if one.person.department == line.person.department]
            name = f"{line.person.department}{words.SUBTOTAL}"
            _row(page, number, _sums(name, sheets.total(own), kinds), look, bold=True)
            number += 1
    _row(page, number, _sums(f"{words.SUM}（{len(lines)}人）", sheet.total, kinds), look, bold=True)


def _leaves(page: Any, sheet: Sheet, look: _Look) -> None:
    _top(page, sheet, words.LEAVES, look, widths={4: 16, 5: 16})
    number = 2
    for line in sheet.lines:
        for one in line.row.leaves:
            _row(page, number, _leave(line.person, one, sheet.titles), look)
            number += 1
    total = sum(one.minutes for line in sheet.lines for one in line.row.leaves)
    _row(page, number, [words.SUM, "", "", "", "", "", _days(total)], look, bold=True)


def _months(page: Any, sheet: Sheet, look: _Look) -> None:
    _top(page, sheet, words.MONTHS, look, widths={})
    for number, line in enumerate(sheet.lines, 2):
        person = line.person
        _row(page, number, [person.name, person.staff_no, person.department, *_by_month(line.row)], look)
    _row(page, len(sheet.lines) + 2, [words.SUM, "", "", *_by_month(sheet.total)], look, bold=True)


def _outings(page: Any, sheet: Sheet, look: _Look) -> None:
    _top(page, sheet, words.OUTINGS, look, widths={4: 12, 5: 12})
    for number, one in enumerate(sheet.outings, 2):
        person = one.person
        who = [person.name, person.staff_no, person.department, words.KINDS[one.form]]
        when = [one.first.isoformat(), one.last.isoformat()]
        amounts: list[str | float] = [one.halves / 2 or "", one.hours or "", f"{one.number}号"]
        _row(page, number, [*who, *when, *amounts], look)
    days, hours = sum(one.halves for one in sheet.outings) / 2, sum(one.hours for one in sheet.outings)
    _row(page, len(sheet.outings) + 2, [words.SUM, "", "", "", "", "", days, hours, ""], look, bold=True)


def _top(page: Any, sheet: Sheet, head: Sequence[str], look: _Look, *, widths: dict[int, float]) -> None:
    """Title and head stay in sight and stand on every printed page."""
    page.write_string(0, 0, f"{sheet.wish.title}　{words.note(sheet.office, exact(sheet.made))}", look.title)
    for column, text in enumerate(head):
        page.write_string(1, column, _safe(text), look.head)
        page.set_column(column, column, widths.get(column, 16 if text in ("部门", "职务") else 11))
    page.freeze_panes(2, 1)
    page.repeat_rows(0, 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&C第 &P 页，共 &N 页")


def _row(page: Any, number: int, cells: Sequence[str | float], look: _Look, *, bold: bool = False) -> None:
    plain, days = (look.sum_plain, look.sum_days) if bold else (look.plain, look.days)
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            page.write_string(number, column, _safe(cell), plain)
        else:
            page.write_number(number, column, cell, days)


def _cells(line: Line, kinds: Sequence[str], titles: dict[str, str]) -> list[str | float]:
    person, row = line.person, line.row
    told = "；".join(
        words.leave(
            titles.get(one.kind, one.kind), one.first.day, one.first.half.value, one.last.day, one.last.half.value
        )
        for one in row.leaves
    )
    post = person.post if person.active else f"{person.post}{words.LEFT}"
    return [person.name, person.staff_no, person.department, post, *_amounts(row, kinds), told]


def _sums(name: str, row: Row, kinds: Sequence[str]) -> list[str | float]:
    return [name, "", "", "", *_amounts(row, kinds), ""]


def _amounts(row: Row, kinds: Sequence[str]) -> list[float]:
    taken = [_days(row.taken.get(kind, 0)) for kind in kinds]
    return taken + [_days(minutes) for minutes in (row.granted, row.available, row.held, row.expired)]


def _leave(person: Person, one: Taken, titles: dict[str, str]) -> list[str | float]:
    return [
        person.name,
        person.staff_no,
        person.department,
        titles.get(one.kind, one.kind),
        words.edge(one.first.day, one.first.half.value, begin=True),
        words.edge(one.last.day, one.last.half.value, begin=False),
        _days(one.minutes),
    ]


def _by_month(row: Row) -> list[float]:
    months = [row.months.get(month, 0) for month in range(1, 13)]
    return [_days(minutes) for minutes in (*months, sum(months))]


def _safe(text: str) -> str:
    """Cells hold one line of text: a tab or a break in a name would begin a new cell when it is copied elsewhere."""
    return text.translate(_CONTROLS).strip()


def _days(minutes: int) -> float:
    return float(counting.in_days(minutes))

