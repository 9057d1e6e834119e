"""What every paper of ours has: an embedded Chinese font, any character somehow, a QR code, pages that know how many.

Blocking: call it in a thread.
"""

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
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, TableStyle

SHIPPED = Path(__file__).parent / "fonts" / "hei.ttf"
WHOLE = (
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/wqy-microhei/wqy-microhei.ttc"),
    Path("/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc"),
)
"""Where distributions keep the whole font, for characters beyond the shipped set."""

MARGIN = 22 * mm
WIDTH = A4[0] - 2 * MARGIN
LINE = colors.HexColor("#5b6773")
GROUND = colors.HexColor("#eef2f7")

_FONT, _RARE = "office-hei", "office-hei-whole"
_ONE = threading.Lock()  # reportlab keeps a document's subset on the shared font object


class NoFont(Exception):
    """The program was installed without its font."""


class Story:
    """Something that can be printed: `parts` are reportlab's flowables, made once the font is known."""

    title: str
    author: str
    foot: str
    """At the left of every page's last line; the page's number stands at the right."""

    def parts(self) -> list[Any]:
        raise NotImplementedError


def pdf(story: Story) -> bytes:
    """Raises NoFont."""
    with _ONE:
        _fonts()
        out = io.BytesIO()
        document = SimpleDocTemplate(
            out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=20 * mm, bottomMargin=20 * mm,
            title=story.title, author=story.author,
        )  # fmt: skip
        document.build(story.parts(), canvasmaker=_numbered(story.foot))
        return out.getvalue()


def _numbered(foot: str) -> type[Any]:
    """A canvas that draws the last line of each page when it knows how many there are."""

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                self._feet(number)
                super().showPage()
            super().save()

        def _feet(self, number: int) -> None:
            self.setFont(_FONT, 8.5)
            self.setFillColor(LINE)
            self.drawString(MARGIN, 12 * mm, foot)
            self.drawRightString(A4[0] - MARGIN, 12 * mm, f"第 {number} 页  共 {len(self._pages)} 页")

    return Numbered


def words(content: str, size: float = 10.5, *, align: int = 0) -> Paragraph:
    return Paragraph(text(content), _style(size, align))


def rows(cells: Sequence[Sequence[str]], size: float = 9.5, *, right: Sequence[int] = ()) -> list[list[Paragraph]]:
    """Paragraphs for a table; the columns in `right` are set to the right."""
    return [
        [words(cell, size, align=2 if column in right and number else 0) for column, cell in enumerate(row)]
        for number, row in enumerate(cells)
    ]


def qr(content: str, size: float = 27 * mm) -> Drawing:
    widget = QrCodeWidget(content, barLevel="M")
    left, low, right, high = widget.getBounds()
    drawing = Drawing(size, size, transform=[size / (right - left), 0, 0, size / (high - low), 0, 0])
    drawing.add(widget)
    return drawing


def grid(*more: Any) -> TableStyle:
    return TableStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.6, LINE),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            *more,
        ]
    )


def text(content: str) -> str:
    """As reportlab's markup: its signs escaped, line breaks kept, characters that the font lacks from another one."""
    return "".join(_glyph(one) for one in content)


def _style(size: float, align: int) -> ParagraphStyle:
    return ParagraphStyle("words", fontName=_FONT, fontSize=size, leading=size * 1.45, alignment=align, wordWrap="CJK")


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
