"""Personnel's sheets of leave: titles, columns and the words of a leave in them."""

from __future__ import annotations

from datetime import date

from cards import words

FIRST = ("姓名", "工号", "部门", "职务")
LAST = ("年休假额度", "期末可用", "在批", "已失效", "明细")
LEAVES = ("姓名", "工号", "部门", "假别", "从", "到", "天数")
MONTHS = ("姓名", "工号", "部门", *(f"{month}月" for month in range(1, 13)), "合计")
LEFT = "（已离职）"
SUM, SUBTOTAL = "合计", "小计"
SHEETS = ("汇总", "逐次", "分月", "外出加班")
OUTINGS = ("姓名", "工号", "部门", "类别", "从", "到", "自然日", "小时", "编号")
KINDS = {"trip": "出差", "training": "培训", "overtime": "加班"}


def title(year: int, month: int | None, department: str = "") -> str:
    when = f"{year}年{month}月" if month else f"{year}年"
    return f"{department}{when}休假情况"


def leave(kind: str, first: date, first_half: str, last: date, last_half: str) -> str:
    """`年假 5月6日至5月8日`; halves where they cut a day."""
    begin = words.short(first, first) + ("下午" if first_half == "pm" else "")
    end = words.short(last, first) + ("上午" if last_half == "am" else "")
    if first != last:
        return f"{kind} {begin}至{end}"
    half = {"am": "上午", "pm": "下午"}[first_half] if first_half == last_half else ""
    return f"{kind} {words.short(first, first)}{half}"


def edge(day: date, half: str, *, begin: bool) -> str:
    """A day of a leave as a cell: `2026-05-06`, with the half where it cuts the day."""
    cut = {"pm": " 下午"} if begin else {"am": " 上午"}
    return day.isoformat() + cut.get(half, "")


def note(office: str, made: str) -> str:
    return (
        f"{office}　{made} 由系统导出；一天按8小时计，单位为天；只计已批准的，跨月的按实际所在月份分开；"
        "已失效包括期末当天到期、没有休的。"
    )
