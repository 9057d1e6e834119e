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
from reportlab.lib import colors, textsplit
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle, paragraph

from bot.pages.printed import NoFont

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
RED = colors.HexColor("#c7000b")

_PAD = 6
_RIGHT = 9  # a comma may stand beyond the end of its line
_HIGHEST = 60 * mm

_FONT, _RARE = "office-hei", "office-hei-whole"
_ONE = threading.Lock()  # reportlab keeps a document's subset on the shared font object


# No line begins with these. The library's own list is for Japanese, and lacks China's comma, colon and the like.
_NEVER_FIRST = textsplit.ALL_CANNOT_START + "，：；！？”’》〉…—·"
textsplit.ALL_CANNOT_START = paragraph.ALL_CANNOT_START = _NEVER_FIRST


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


def words(content: str, size: float = 10.5, *, align: int = 0, color: Any = colors.black) -> Paragraph:
    return Paragraph(text(content), _style(size, align, color))


def breadth(content: str) -> float:
    """Of the longest line, in Chinese characters."""
    return max((sum(1.0 if ord(one) > 0x2E80 else 0.56 for one in line) for line in content.split("\n")), default=0.0)


def rows(cells: Sequence[Sequence[str]], size: float = 9.5, *, right: Sequence[int] = ()) -> list[list[Paragraph]]:
    """Paragraphs for a table; the columns in `right` are set to the right."""
    return [
        [words(cell, size, align=2 if column in right and number else 0) for column, cell in enumerate(row)]
        for number, row in enumerate(cells)
    ]


def table(
    cells: Sequence[Sequence[str]], widths: Sequence[float], size: float, *styles: Any, head: int = 0
) -> Table:
    """A table whose long cells go on on the next page: a high row is several, with no line between them."""
    lines: list[Any] = [("BOX", (0, 0), (-1, -1), 0.6, LINE)]
    lines += [("LINEBEFORE", (column, 0), (column, -1), 0.6, LINE) for column in range(1, len(widths))]
    body: list[list[Any]] = []
    for row in cells:
        columns = [_pieces(words(cell, size), width - _PAD - _RIGHT) for cell, width in zip(row, widths, strict=True)]
        high = max(len(column) for column in columns)
        first, last = len(body), len(body) + high - 1
        body += [[column[at] if at < len(column) else "" for column in columns] for at in range(high)]
        lines.append(("LINEABOVE", (0, first), (-1, first), 0.6, LINE))
        if high > 1:
            lines += [("BOTTOMPADDING", (0, first), (-1, last - 1), 0), ("TOPPADDING", (0, first + 1), (-1, last), 0)]
            lines.append(("VALIGN", (0, first), (-1, last), "TOP"))
    padding = [("TOPPADDING", (0, 0), (-1, -1), 4), ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
               ("LEFTPADDING", (0, 0), (-1, -1), _PAD), ("RIGHTPADDING", (0, 0), (-1, -1), _RIGHT),
               ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]  # fmt: skip
    return Table(body, colWidths=list(widths), repeatRows=head, style=TableStyle([*styles, *padding, *lines]))


def _pieces(whole: Paragraph, width: float) -> list[Paragraph]:
    """What fits onto a page with room to spare, one after the other."""
    left, found = whole, []
    while left.wrap(width, 1e6)[1] > _HIGHEST:
        first, *rest = left.split(width, _HIGHEST) or [left]
        found.append(first)
        if not rest:
            return found
        left = rest[0]
    return [*found, left]


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


def _style(size: float, align: int, color: Any) -> ParagraphStyle:
    return ParagraphStyle(
        "words", fontName=_FONT, fontSize=size, leading=size * 1.45, alignment=align, wordWrap="CJK", textColor=color
    )


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
