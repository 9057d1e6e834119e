"""The summary of a bundle on paper: what is in it, the records in brief, what it proves and what it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.units import mm
from reportlab.platypus import Spacer, Table, TableStyle

from bot.pages import paper
from bot.pages.paper import Story
from bot.proofs.summary import Summary
from cards import audit as words
from cards.audit import Seal

_LONGEST: Final = 160


def pdf(summary: Summary) -> bytes:
    """Raises printed.NoFont. Blocking."""
    return paper.pdf(_Sheet(summary))


class _Sheet(Story):
    def __init__(self, summary: Summary) -> None:
        self._summary = summary
        self.title = words.SUMMARY
        self.author = summary.office
        self.foot = f"{words.SUMMARY}  {summary.what}"[:60]

    def parts(self) -> list[Any]:
        summary = self._summary
        return [
            paper.words(summary.office, 12, align=TA_CENTER),
            Spacer(0, 2 * mm),
            paper.words(words.SUMMARY, 20, align=TA_CENTER),
            Spacer(0, 4 * mm),
            _pairs(words.summary_lines(summary.what, summary.made, summary.parts, summary.redacted)),
            Spacer(0, 3 * mm),
            _head(summary.seal),
            Spacer(0, 3 * mm),
            *(paper.words(line, 9) for line in words.PROVES),
            Spacer(0, 4 * mm),
            _table(words.KIND_HEAD, [(name, str(count)) for name, count in summary.kinds], (100, 66)),
            Spacer(0, 4 * mm),
            _table(words.RECORD_HEAD, [_cut(row) for row in summary.rows], (13, 33, 26, 22, 20, 52)),
            *([Spacer(0, 2 * mm), paper.words(words.left_out(summary.left_out), 9)] if summary.left_out else ()),
        ]


def _pairs(lines: Sequence[tuple[str, str]]) -> Table:
    widths = [32 * mm, paper.WIDTH - 32 * mm]
    return paper.table(lines, widths, 10, ("BACKGROUND", (0, 0), (0, -1), paper.GROUND))


def _head(seal: Seal) -> Table:
    side = 30 * mm
    said = [paper.words(line, 8.5) for line in words.on_slip(seal)]
    style = TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    widths = [paper.WIDTH - side - 4 * mm, side + 4 * mm]
    return Table([[said, paper.qr(seal.note, side)]], colWidths=widths, style=style)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    total = sum(widths)
    cells = [tuple(head), *(tuple(row) for row in rows)]
    background = ("BACKGROUND", (0, 0), (-1, 0), paper.GROUND)
    return paper.table(cells, [paper.WIDTH * one / total for one in widths], 8.5, background, head=1)


def _cut(row: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell if len(cell) <= _LONGEST else cell[: _LONGEST - 1] + "…" for cell in row)
