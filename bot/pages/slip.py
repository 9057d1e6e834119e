"""The slip as PDF: A4, a QR code that opens the record. Blocking: call it in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer, Table, TableStyle

from bot.pages import paper
from bot.pages.paper import NoFont, Story
from cards.slip import Slip

__all__ = ["NoFont", "pdf"]


def pdf(slip: Slip) -> bytes:
    """Raises NoFont."""
    return paper.pdf(_Sheet(slip))


class _Sheet(Story):
    def __init__(self, slip: Slip) -> None:
        self._slip = slip
        self.title = f"{slip.title} {slip.number}"
        self.author = slip.office
        self.foot = f"{slip.foot}  {slip.number}"

    def parts(self) -> list[Any]:
        slip = self._slip
        return [
            paper.words(slip.office, 12, align=TA_CENTER),
            Spacer(0, 2 * mm),
            paper.words(slip.title, 20, align=TA_CENTER),
            Spacer(0, 4 * mm),
            _top(slip),
            _fields(slip.lines),
            Spacer(0, 5 * mm),
            _history(slip),
            Spacer(0, 5 * mm),
            KeepTogether([_bottom(slip)]),
        ]


def _top(slip: Slip) -> Table:
    cells = [[paper.words(slip.number), paper.words(slip.state, align=TA_RIGHT)]]
    style = TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 1)])
    return Table(cells, colWidths=[paper.WIDTH / 2, paper.WIDTH / 2], style=style)


def _fields(lines: Sequence[tuple[str, str]]) -> Table:
    widths = [32 * mm, paper.WIDTH - 32 * mm]
    style = paper.grid(("BACKGROUND", (0, 0), (0, -1), paper.GROUND))
    return Table(paper.rows(lines, 10.5), colWidths=widths, style=style)


def _history(slip: Slip) -> Table:
    widths = [32 * mm, 26 * mm, 22 * mm, paper.WIDTH - 116 * mm, 36 * mm]
    style = paper.grid(("BACKGROUND", (0, 0), (-1, 0), paper.GROUND))
    return Table(paper.rows([slip.head, *slip.history]), colWidths=widths, repeatRows=1, style=style)


def _bottom(slip: Slip) -> Table:
    notes = [paper.words(note, 9) for note in slip.notes]
    code: list[Any] = [paper.qr(slip.qr)] if slip.qr else []
    middle = TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    return Table([[notes, code]], colWidths=[paper.WIDTH - 30 * mm, 30 * mm], style=middle)
