"""A table as a clerk saves it, CSV or Excel, as rows of text with the row's number in the file.

Pure: bytes in. CSV in UTF-8 with or without a mark, UTF-16 or GB18030; comma, tab or semicolon. Of a workbook the first
sheet that is not hidden, the values and not the formulas; dates become ISO text, whole numbers lose their `.0`.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openpyxl

Cells = list[tuple[int, list[str]]]

_WORKBOOK = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_MOST_ROWS = 50_000
_MOST_BYTES = 200_000_000
"""Of a workbook's parts unpacked: a few kilobytes of it can hold gigabytes."""


class Unreadable(ValueError):
    """`what` is wrong with the file, `hint` what to do; `line` 0 for the file as a whole."""

    def __init__(self, what: str, hint: str, line: int = 0) -> None:
        super().__init__(what)
        self.what, self.hint, self.line = what, hint, line


def read(data: bytes) -> Cells:
    """The rows that are not empty. Raises `Unreadable`."""
    if data.startswith(_OLD_WORKBOOK):
        raise Unreadable("是旧版 Excel（.xls），或者加了密码", "在 Excel 里另存为「Excel 工作簿（.xlsx）」，不加密码")
    rows = _workbook(data) if data.startswith(_WORKBOOK) else _csv(data)
    return [(number, row) for number, row in rows if any(cell.strip() for cell in row)]


def _csv(data: bytes) -> Cells:
    text = decoded(data)
    if text is None:
        raise Unreadable("编码既不是 UTF-8 也不是 GB18030", "在 Excel 里另存为「CSV UTF-8（逗号分隔）」")
    # Strict, because a quote that is never closed otherwise takes all the rows below it into one cell.
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: Cells = []
    begun = 1  # where the row that is being read begins: an open quote is noticed at the end of the file
    try:
        for row in table:
            rows.append((table.line_num, row))
            begun = table.line_num + 1
    except csv.Error as error:
        raise Unreadable("表格的引号不成对", "检查这一行的引号", begun) from error
    return rows


def decoded(data: bytes) -> str | None:
    """What Windows programs save as text here: UTF-8, UTF-16 with its mark, or GB18030; None for anything else."""
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _delimiter(text: str) -> str:
    header = text.lstrip().partition("\n")[0]
    return max(",\t;", key=header.count)


def _workbook(data: bytes) -> Cells:
    hint = "用 Excel 打开后重新保存，或另存为「CSV UTF-8（逗号分隔）」"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MOST_BYTES:
                raise Unreadable("文件解开后太大", "删去图片和多余的工作表再保存")
        import openpyxl  # most offices keep their staff as text, and a start need not wait for it

        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            return list(_sheet(book))
        finally:
            book.close()
    except Unreadable:
        raise
    except Exception as error:  # whatever a damaged workbook makes openpyxl stumble over is one thing to the clerk
        raise Unreadable("不是能读的 Excel 工作簿", hint) from error


def _sheet(book: openpyxl.Workbook) -> Iterator[tuple[int, list[str]]]:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise Unreadable("工作簿里没有可见的工作表", "把人员表放在第一个工作表")
    for number, row in enumerate(sheets[0].iter_rows(values_only=True), 1):
        if number > _MOST_ROWS:
            raise Unreadable(f"超过 {_MOST_ROWS} 行", "删去表格下面多余的行")
        yield number, [_text(value) for value in row]


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
