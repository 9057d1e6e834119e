"""The slip as PDF: A4, a QR code that opens the record. Blocking: call it in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.units import mm
from reportlab.platypus import HRFlowable, Spacer, Table, TableStyle

from bot.pages import paper
from bot.pages.paper import Story
from cards.slip import Slip


def pdf(slip: Slip) -> bytes:
    """Raises printed.NoFont."""
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
            *_head(slip),
            Spacer(0, 1 * mm),
            _top(slip),
            _fields(slip.lines),
            *(part for name, rows in slip.tables for part in _table(name, rows)),
            *(_enclosures(slip.enclosures) if slip.enclosures else ()),
            Spacer(0, 5 * mm),
            _history(slip),
            Spacer(0, 2 * mm),
            paper.words("".join(slip.notes), 8.5),
            *(_seal(slip) if slip.seal else ()),
        ]


def _head(slip: Slip) -> list[Any]:
    """The code beside the title, where it stands on the first page however long the rest is.

    A document that leaves the office has a red head, and a line across the page.
    """
    side = 26 * mm
    code = paper.qr(slip.qr, side - 4 * mm) if slip.qr else ""
    if slip.official:
        line = HRFlowable(width="100%", thickness=2, color=paper.RED, spaceBefore=3 * mm, spaceAfter=2 * mm)
        title: list[Any] = [paper.words(slip.title, 18, align=TA_CENTER)]
        above: list[Any] = [paper.words(slip.office, 26, align=TA_CENTER, color=paper.RED), line]
    else:
        office = paper.words(slip.office, 12, align=TA_CENTER)
        title = [office, Spacer(0, 2 * mm), paper.words(slip.title, 20, align=TA_CENTER)]
        above = []
    style = TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("ALIGN", (2, 0), (2, 0), "RIGHT"),
                        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)])  # fmt: skip
    return [*above, Table([["", title, code]], colWidths=[side, paper.WIDTH - 2 * side, side], style=style)]


def _top(slip: Slip) -> Table:
    cells = [[paper.words(slip.number), paper.words(slip.state, align=TA_RIGHT)]]
    style = TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 1)])
    return Table(cells, colWidths=[paper.WIDTH / 2, paper.WIDTH / 2], style=style)


def _fields(lines: Sequence[tuple[str, str]]) -> Table:
    widths = [32 * mm, paper.WIDTH - 32 * mm]
    return paper.table(lines, widths, 10.5, ("BACKGROUND", (0, 0), (0, -1), paper.GROUND))


def _table(name: str, rows: Sequence[Sequence[str]]) -> list[Any]:
    """Columns as wide as what stands in them asks for; the titles again on every page."""
    longest = [max(4, *(min(24, paper.breadth(row[at])) for row in rows)) for at in range(len(rows[0]))]
    widths = [paper.WIDTH * one / sum(longest) for one in longest]
    return [Spacer(0, 4 * mm), paper.words(name, 10.5), Spacer(0, 1 * mm), _headed(rows, widths)]


def _enclosures(rows: Sequence[Sequence[str]]) -> list[Any]:
    """The prints of sixty-four characters in two lines of thirty-two."""
    head, *files = rows
    broken = [head, *((of, name, size, f"{print_[:32]}\n{print_[32:]}") for of, name, size, print_ in files)]
    return [Spacer(0, 4 * mm), _headed(broken, [28 * mm, paper.WIDTH - 116 * mm, 18 * mm, 70 * mm], 9)]


def _history(slip: Slip) -> Table:
    return _headed([slip.head, *slip.history], [32 * mm, 26 * mm, 22 * mm, paper.WIDTH - 116 * mm, 36 * mm])


def _seal(slip: Slip) -> list[Any]:
    """The words beside the code: whoever finds the paper in ten years has all that is needed to check."""
    side = 30 * mm
    words = [paper.words(line, 8.5) for line in slip.seal]
    style = TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    return [Spacer(0, 3 * mm), Table([[words, paper.qr(slip.note, side)]],
                                     colWidths=[paper.WIDTH - side - 4 * mm, side + 4 * mm], style=style)]  # fmt: skip


def _headed(rows: Sequence[Sequence[str]], widths: Sequence[float], size: float = 9.5) -> Table:
    return paper.table(rows, widths, size, ("BACKGROUND", (0, 0), (-1, 0), paper.GROUND), head=1)
