"""The statement of leave as PDF: what it says of whom, the lots, every entry, how the year is reckoned, a code."""

from __future__ import annotations

from typing import Any

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer, Table, TableStyle

from bot.pages import paper
from bot.pages.paper import Story
from cards.leave_statement import Paper

_LOTS = tuple(width * mm for width in (24, 26, 15, 15, 15, 15, 15, 17, 24))
_LINES = (22 * mm, 18 * mm, paper.WIDTH - 82 * mm, 18 * mm, 24 * mm)


def pdf(content: Paper) -> bytes:
    """Raises printed.NoFont."""
    return paper.pdf(_Sheet(content))


class _Sheet(Story):
    def __init__(self, content: Paper) -> None:
        self._paper = content
        self.title = f"{content.title} {content.serial}"
        self.author = content.office
        self.foot = content.foot

    def parts(self) -> list[Any]:
        content = self._paper
        return [
            paper.words(content.office, 12, align=TA_CENTER),
            Spacer(0, 2 * mm),
            paper.words(content.title, 19, align=TA_CENTER),
            Spacer(0, 4 * mm),
            _who(content),
            _heading("一、额度和余额"),
            _table(content.lots, _LOTS, right=(2, 3, 4, 5, 6, 7)),
            *([paper.words(content.expiry, 9.5)] if content.expiry else []),
            _heading("二、年休假是怎么算的"),
            *(paper.words(rule, 9.5) for rule in content.rules),
            _heading("三、明细"),
            _table(content.lines, _LINES, right=(3, 4)),
            *([] if len(content.lines) > 1 else [paper.words("没有记录。", 9.5)]),
            Spacer(0, 5 * mm),
            KeepTogether([_bottom(content)]),
        ]


def _heading(text: str) -> Any:
    return KeepTogether([Spacer(0, 4 * mm), paper.words(text, 11.5), Spacer(0, 1.5 * mm)])


def _who(content: Paper) -> Table:
    cells = [[paper.words(name, 10), paper.words(value, 10)] for name, value in content.who]
    style = paper.grid(("BACKGROUND", (0, 0), (0, -1), paper.GROUND))
    return Table(cells, colWidths=[32 * mm, paper.WIDTH - 32 * mm], style=style)


def _table(rows: tuple[tuple[str, ...], ...], widths: tuple[float, ...], *, right: tuple[int, ...]) -> Table:
    style = paper.grid(("BACKGROUND", (0, 0), (-1, 0), paper.GROUND))
    return Table(paper.rows(rows, 8.5, right=right), colWidths=list(widths), repeatRows=1, style=style)


def _bottom(content: Paper) -> Table:
    code = paper.words(f"编号 {content.serial}　校验码 {content.code}", 11)
    notes = [code, Spacer(0, 1.5 * mm), *(paper.words(note, 8.5) for note in content.notes)]
    picture: list[Any] = [paper.qr(content.qr)] if content.qr else []
    middle = TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    return Table([[notes, picture]], colWidths=[paper.WIDTH - 30 * mm, 30 * mm], style=middle)
