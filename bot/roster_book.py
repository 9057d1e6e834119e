"""Who answered a notice and how, as a spreadsheet: what people typed stays text, nothing is a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cards import notice as words
from cards.slip import exact
from handlers.audit import log
from handlers.context import Context
from handlers.notice import facts, rules, store
from handlers.notice.rules import Notice, Receipt, Reply
from handlers.people import directory
from handlers.people.directory import Person

_SETTINGS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_CONTROLS = dict.fromkeys((*range(32), 127), " ")


@dataclass(frozen=True, slots=True)
class Line:
    """One recipient; `spoken_for`: another of the department has answered for all.

    `whole`: with the substitute's phone, reasons and answers, which are for the sender only.
    """

    person: Person
    receipt: Receipt
    spoken_for: bool
    whole: bool = True


async def lines(ctx: Context, notice: Notice, *, whole: bool) -> list[Line]:
    """Everybody who was addressed, leavers too, in the order of the address."""
    receipts = await store.receipts(ctx.tx, notice.id)
    waiting = {one.person for one in rules.silent(notice, receipts)}
    found = []
    for receipt in receipts:
        person = await directory.load(ctx.tx, receipt.person)
        spoken = receipt.person not in waiting and not rules.answered(notice, receipt)
        found.append(Line(person or Person(id=receipt.person, name=receipt.person), receipt, spoken, whole))
    return found


def write(notice: Notice, rows: Sequence[Line], *, office: str, made: datetime) -> bytes:
    """An .xlsx file. Blocking: call it in a thread."""
    out = io.BytesIO()
    import xlsxwriter  # with the first sheet, not with every start

    with xlsxwriter.Workbook(out, _SETTINGS) as book:
        page = book.add_worksheet(words.ROSTER)
        head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True})
        cell = book.add_format({"border": 1, "valign": "top", "text_wrap": True})
        bold = book.add_format({"bold": True, "font_size": 14})
        page.write_string(0, 0, f"{notice.title}（{notice.number}号）", bold)
        page.write_string(1, 0, f"{office}，{exact(made)}")
        titles = [*words.COLUMNS, *(question.title for question in notice.questions)]
        for column, title in enumerate(titles):
            page.write_string(2, column, title.translate(_CONTROLS), head)
        for number, line in enumerate(rows, 3):
            for column, text in enumerate(cells(notice, line)):
                page.write_string(number, column, text.translate(_CONTROLS), cell)
        page.freeze_panes(3, 2)
        page.set_column(0, len(titles) - 1, 16)
    return out.getvalue()


def cells(notice: Notice, line: Line) -> list[str]:
    """The columns of `words.COLUMNS`, then one per question; where not `line.whole` what people wrote stays out."""
    receipt, detail = line.receipt, line.receipt.detail if line.whole else {}
    reply = words.SPOKEN_FOR if line.spoken_for else words.reply_word(receipt.reply)
    if receipt.reply is Reply.NONE and rules.answered(notice, receipt):
        reply = words.reply_word(Reply.ACK)
    if not line.person.active and not rules.answered(notice, receipt):
        reply = words.LEFT
    first = [
        line.person.department, line.person.name, line.person.post, exact(receipt.seen) if receipt.seen else "", reply,
        detail.get("name", ""), detail.get("post", ""), detail.get("phone", ""), detail.get("reason", ""),
        exact(receipt.replied_at) if receipt.replied_at else "", words.LATE if receipt.late else "",
    ]  # fmt: skip
    return [*first, *(detail.get(str(place), "") for place in range(len(notice.questions)))]


async def exported(ctx: Context, notice: Notice, rows: Sequence[Line], data: bytes) -> None:
    """Writes down that the file left the system."""
    fact = facts.RosterExported(item=notice.id, people=len(rows), sha256=sha256(data).hexdigest())
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
