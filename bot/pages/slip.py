"""The slip as PDF: A4, an embedded Chinese font, a QR code that opens the record. Blocking: call it in a thread."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from cards.slip import Slip

SHIPPED = Path(__file__).parent / "fonts" / "hei.ttf"
WHOLE = (
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/wqy-microhei/wqy-microhei.ttc"),
    Path("/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc"),
)
"""Where distributions keep the whole font, for characters beyond the shipped set."""

_FONT, _RARE = "office-hei", "office-hei-whole"
_WIDTH = A4[0] - 44 * mm
_LINE = colors.HexColor("#5b6773")
_GROUND = colors.HexColor("#eef2f7")
_ONE = threading.Lock()  # reportlab keeps a document's subset on the shared font object


class NoFont(Exception):
    """The program was installed without its font."""


def pdf(slip: Slip) -> bytes:
    """Raises NoFont."""
    with _ONE:
        _fonts()
        out = io.BytesIO()
        document = SimpleDocTemplate(
            out, pagesize=A4, leftMargin=22 * mm, rightMargin=22 * mm, topMargin=20 * mm, bottomMargin=20 * mm,
            title=f"{slip.title} {slip.number}", author=slip.office,
        )  # fmt: skip
        feet = _Feet(slip)
        document.build(_story(slip), onFirstPage=feet, onLaterPages=feet)
        return out.getvalue()


class _Feet:
    """The line at the bottom of every page."""

    def __init__(self, slip: Slip) -> None:
        self._slip = slip

    def __call__(self, canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont(_FONT, 8.5)
        canvas.setFillColor(_LINE)
        canvas.drawString(22 * mm, 12 * mm, f"{self._slip.foot}")
        canvas.drawRightString(A4[0] - 22 * mm, 12 * mm, f"{self._slip.number}  - {document.page} -")
        canvas.restoreState()


def _story(slip: Slip) -> list[Any]:
    return [
        Paragraph(_text(slip.office), _style(12, align=TA_CENTER)),
        Spacer(0, 2 * mm),
        Paragraph(_text(slip.title), _style(20, align=TA_CENTER)),
        Spacer(0, 4 * mm),
        _top(slip),
        _fields(slip.lines),
        Spacer(0, 5 * mm),
        _history(slip),
        Spacer(0, 5 * mm),
        KeepTogether([_bottom(slip)]),
    ]


def _top(slip: Slip) -> Table:
    state = Paragraph(_text(slip.state), _style(10.5, align=TA_RIGHT))
    cells = [[Paragraph(_text(slip.number), _style(10.5)), state]]
    return Table(cells, colWidths=[_WIDTH / 2, _WIDTH / 2], style=TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 1)]))


def _fields(lines: Sequence[tuple[str, str]]) -> Table:
    body = [[Paragraph(_text(name), _style(10.5)), Paragraph(_text(value), _style(10.5))] for name, value in lines]
    return Table(body, colWidths=[32 * mm, _WIDTH - 32 * mm], style=_grid(("BACKGROUND", (0, 0), (0, -1), _GROUND)))


def _history(slip: Slip) -> Table:
    widths = [32 * mm, 26 * mm, 22 * mm, _WIDTH - 116 * mm, 36 * mm]
    rows = [slip.head, *slip.history]
    body = [[Paragraph(_text(cell), _style(9.5)) for cell in row] for row in rows]
    return Table(body, colWidths=widths, repeatRows=1, style=_grid(("BACKGROUND", (0, 0), (-1, 0), _GROUND)))


def _bottom(slip: Slip) -> Table:
    notes = [Paragraph(_text(note), _style(9)) for note in slip.notes]
    code: list[Any] = [_qr(slip.qr)] if slip.qr else []
    middle = TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    return Table([[notes, code]], colWidths=[_WIDTH - 30 * mm, 30 * mm], style=middle)


def _qr(text: str) -> Drawing:
    size = 27 * mm
    widget = QrCodeWidget(text, barLevel="M")
    left, low, right, high = widget.getBounds()
    drawing = Drawing(size, size, transform=[size / (right - left), 0, 0, size / (high - low), 0, 0])
    drawing.add(widget)
    return drawing


def _grid(*more: Any) -> TableStyle:
    return TableStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.6, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            *more,
        ]
    )


def _style(size: float, *, align: int = 0) -> ParagraphStyle:
    return ParagraphStyle("words", fontName=_FONT, fontSize=size, leading=size * 1.45, alignment=align, wordWrap="CJK")


def _text(text: str) -> str:
    """As reportlab's markup: its signs escaped, line breaks kept, characters that the font lacks from another one."""
    return "".join(_glyph(one) for one in text)


def _glyph(character: str) -> str:
    if character == "\n":
        return "<br/>"
    if character in _known(_FONT) or character.isspace():
        return escape(character)
    if _RARE in pdfmetrics.getRegisteredFontNames() and character in _known(_RARE):
        return f'<font name="{_RARE}">{escape(character)}</font>'
    return f"U+{ord(character):04X}"


@cache
def _known(name: str) -> frozenset[str]:
    return frozenset(chr(code) for code in pdfmetrics.getFont(name).face.charToGlyph)


def _fonts() -> None:
    """Registered once per process."""
    if _FONT in pdfmetrics.getRegisteredFontNames():
        return
    try:
        pdfmetrics.registerFont(TTFont(_FONT, str(SHIPPED)))
    except (OSError, TTFError) as error:
        raise NoFont(str(SHIPPED.name)) from error
    for path in WHOLE:
        if path.is_file():
            pdfmetrics.registerFont(TTFont(_RARE, str(path), subfontIndex=0))
            return
