"""What the nightly check of the leave ledger found, for administrators."""

from __future__ import annotations

from collections.abc import Sequence

_WORDS = {
    "numbers": "账本编号不连续（{about}）",
    "sum": "{about}：发放{expected}分钟，各科目合计{found}分钟",
    "overdrawn": "{about}：在批或已休成了负数（{found}分钟）",
    "claims": "{about}：各次请假合计{expected}分钟，账上{found}分钟",
    "carried": "{about}：结转的转出和转入差{found}分钟",
    "journal": "第{about}笔和留痕不一致（留痕{expected}，账本{found}）",
    "item": "事项{about}是{expected}，账本里是{found}",
}
_MOST = 20


def line(name: str, code: str, *, about: str, expected: str, found: str) -> str:
    return f"{name}：" + _WORDS[code].format(about=about, expected=expected or "无", found=found or "没有记录")


def found(lines: Sequence[str]) -> str:
    """One message; what is beyond its length is counted."""
    more = f"\n还有{len(lines) - _MOST}处" if len(lines) > _MOST else ""
    shown = "\n".join(f"· {one}" for one in lines[:_MOST])
    return f"夜间核对休假账本，有{len(lines)}处不一致，没有做任何改动，请联系维护人员核对：\n{shown}{more}"
