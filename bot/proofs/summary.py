"""The facts of a bundle as a sheet for people."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import xlsxwriter

from cards import slip as slips
from handlers.audit import leaf, tree
from handlers.transaction import from_ms

if TYPE_CHECKING:
    from bot.proofs.bundle import Proven

_HEAD: Final = (
    "序号", "记录时间", "实际时间", "类型", "事项或对象", "办理人", "账号", "入口", "公开内容", "个人信息", "指纹",
)  # fmt: skip
_WIDTHS: Final = (8, 20, 20, 26, 18, 14, 14, 10, 60, 60, 66)


def write(facts: Sequence[Proven], *, names: Mapping[str, str], title: str) -> bytes:
    """`names` of people by id. No formula: what begins with an equals sign stays text."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet, bold = book.add_worksheet("记录"), book.add_format({"bold": True})
        wrap = book.add_format({"text_wrap": True})
        sheet.write_row(0, 0, [title], bold)
        sheet.write_row(1, 0, _HEAD, bold)
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width, wrap)
        for number, one in enumerate(facts, 2):
            sheet.write_row(number, 0, _row(one, names))
        sheet.freeze_panes(2, 1)
    return buffer.getvalue()


def _row(one: Proven, names: Mapping[str, str]) -> tuple[object, ...]:
    fact = leaf.read(one.leaf)
    hidden = {name for name, value in fact.body.items() if isinstance(value, dict) and value.keys() == {"sha256"}}
    shown = "；".join(f"{name}={value}" for name, value in fact.body.items() if name not in hidden)
    personal = "；".join(
        f"{name}={one.personal[name][1]}" if name in one.personal else f"{name}=（已遮盖）" for name in sorted(hidden)
    )
    return (
        one.index + 1, slips.exact(from_ms(fact.recorded_ms)), slips.exact(from_ms(fact.effective_ms)), fact.kind,
        names.get(fact.subject, fact.subject), names.get(fact.actor, fact.actor), fact.account, fact.door,
        shown[:30000], personal[:30000], tree.leaf_hash(one.leaf.encode()).hex(),
    )  # fmt: skip
