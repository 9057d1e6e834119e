"""The facts of a bundle as sheets for people: written row by row, so that a million need no more memory than one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from bot.proofs import wording
from bot.proofs.bundle import Proven
from bot.proofs.wording import Words
from cards import records
from cards import slip as slips
from cards.audit import Seal
from handlers.audit import leaf, tree
from handlers.transaction import from_ms

HEAD: Final = (
    "序号", "记录时间", "实际时间", "类型", "事项或对象", "办理人", "账号", "入口", "内容", "个人信息和意见",
    "类型代码", "指纹",
)  # fmt: skip
_WIDTHS: Final = (8, 20, 20, 20, 18, 14, 14, 10, 50, 60, 24, 66)
_MOST: Final = 1_000_000
"""Rows of one sheet; Excel takes 1,048,576."""
_LONGEST: Final = 30_000
_CONTROLS: Final = {code: " " for code in range(32) if code != 10}
_OPTIONS: Final = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip

MOST: Final = 300
"""Records that are printed; the sheet has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """`rows` are place, time, what, about, who, words; `kinds` (word, how many); `parts` (name, how many)."""

    office: str
    what: str
    made: str
    seal: Seal
    parts: Sequence[tuple[str, int]]
    kinds: Sequence[tuple[str, int]]
    rows: Sequence[tuple[str, ...]]
    left_out: int
    redacted: Sequence[str]


class Book:
    """`counts` of kinds and `brief` rows gather along the way, for the summary on paper. No formula anywhere: what
    begins with an equals sign stays text. Blocking."""

    def __init__(self, path: Path, *, title: str) -> None:
        import xlsxwriter  # with the first sheet, not with every start

        self.counts: Counter[str] = Counter()
        self.items: Counter[str] = Counter()
        self._book = xlsxwriter.Workbook(str(path), _OPTIONS)
        self._bold = self._book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
        self._plain = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._title = title
        self._sheet: Any = None
        self._row = 0
        self._turn()

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._book.close()

    def add(self, facts: Iterable[Proven], words: Words) -> None:
        for one in facts:
            if self._row >= _MOST:
                self._turn()
            fact = leaf.read(one.leaf)
            self.counts[fact.kind] += 1
            if fact.subject in words.forms:
                self.items[words.name(fact.subject)] += 1
            self._write(cells(one, words))

    def say(self, words: str) -> None:
        """A line of its own, under the facts."""
        self._write((words,))

    def _write(self, row: Iterable[object]) -> None:
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                self._sheet.write_number(self._row, column, cell, self._plain)
            else:
                self._sheet.write_string(self._row, column, safe(str(cell)), self._plain)
        self._row += 1

    def _turn(self) -> None:
        number = len(self._book.worksheets()) + 1
        self._sheet = self._book.add_worksheet("记录" if number == 1 else f"记录{number}")
        for column, width in enumerate(_WIDTHS):
            self._sheet.set_column(column, column, width)
        self._sheet.freeze_panes(2, 1)
        self._sheet.repeat_rows(0, 1)
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)
        self._sheet.write_string(0, 0, safe(self._title))
        for column, name in enumerate(HEAD):
            self._sheet.write_string(1, column, name, self._bold)
        self._row = 2


def cells(one: Proven, words: Words) -> tuple[object, ...]:
    """A fact as a row under `HEAD`."""
    fact = leaf.read(one.leaf)
    said = wording.lines(one, words)
    return (
        one.index + 1, slips.exact(from_ms(fact.recorded_ms)), slips.exact(from_ms(fact.effective_ms)),
        records.heading(fact.kind, fact.body), words.about(fact), words.name(fact.actor), fact.account,
        records.door(fact.door),
        "；".join(f"{line.title}：{line.text}" for line in said if not line.private),
        "；".join(f"{line.title}：{line.text}" for line in said if line.private),
        fact.kind, tree.leaf_hash(one.leaf.encode()).hex(),
    )  # fmt: skip


def safe(text: str) -> str:
    """What a cell can hold."""
    return text.translate(_CONTROLS)[:_LONGEST]
