"""How figures and times are written in Chinese: the only place that formats them for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

_WEEK = "一二三四五六日"
_HALF = {"am": "上午", "pm": "下午"}
_DAY = 480
BEIJING = ZoneInfo("Asia/Shanghai")


def day(value: date, *, base: date | None = None) -> str:
    """`5月6日（周三）`; with the year when it is not the year of `base`."""
    year = f"{value.year}年" if base is not None and base.year != value.year else ""
    return f"{year}{value.month}月{value.day}日（周{_WEEK[value.weekday()]}）"


def numbered(rows: Sequence[tuple[int, str]]) -> str:
    """One line each: `12号 年终总结会`."""
    return "\n".join(f"{number}号 {said}" for number, said in rows)


def short(value: date, base: date) -> str:
    """`5月6日`; with the year when it is not the year of `base`."""
    return (f"{value.year}年" if value.year != base.year else "") + f"{value.month}月{value.day}日"


def bar(parts: Sequence[tuple[int, str]], *, cells: int = 10) -> str:
    """A bar of `cells` marks for minutes: each part gets its share of its own mark, and at least one if it is not 0.

    What rounding adds or takes is made good on the largest part.
    """
    total = sum(minutes for minutes, _ in parts)
    if total <= 0:
        return ""
    shares = [max(1, round(minutes * cells / total)) if minutes > 0 else 0 for minutes, _ in parts]
    shares[shares.index(max(shares))] += cells - sum(shares)
    return "".join(mark * share for share, (_, mark) in zip(shares, parts, strict=True))


def span(start: date, start_half: str, end: date, end_half: str, *, base: date | None = None) -> str:
    """A leave from slot to slot, both included; halves are named only where they cut a day."""
    if start == end:
        if start_half == end_half:
            return day(start, base=base) + _HALF[start_half]
        return day(start, base=base) + "全天"
    first = day(start, base=base) + ("下午" if start_half == "pm" else "")
    last = day(end, base=start) + ("上午" if end_half == "am" else "")
    return f"{first} 至 {last}"


def moment(value: datetime, *, now: datetime | None = None) -> str:
    """Local time, `5月6日 09:05`. A card is read for weeks: nothing on it says “today”; `now` only adds the year."""
    local = value.astimezone(BEIJING)
    year = f"{local.year}年" if now is not None and local.year != now.astimezone(BEIJING).year else ""
    return f"{year}{local.month}月{local.day}日 {local.hour:02}:{local.minute:02}"


def second(value: datetime) -> str:
    """Local time to the second, `09:05:30`: for what is over in less than a minute."""
    return f"{value.astimezone(BEIJING):%H:%M:%S}"


def days(minutes: int) -> str:
    """Leave minutes as days: 480 a day; hours and minutes only where no half-days come out."""
    sign, left = ("-" if minutes < 0 else ""), abs(minutes)
    if left % (_DAY // 2) == 0:
        return f"{sign}{left / _DAY:g}天"
    whole, rest = divmod(left, _DAY)
    parts = [f"{whole}天"] if whole else []
    hours, rest = divmod(rest, 60)
    parts += [f"{hours}小时"] if hours else []
    parts += [f"{rest}分钟"] if rest else []
    return sign + "".join(parts)


def ago(since: datetime, now: datetime) -> str:
    """How long something has waited, roughly, to follow a word like 已等."""
    minutes = max(1, int((now - since).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes}分钟"
    if minutes < 48 * 60:
        return f"{minutes // 60}小时"
    return f"{minutes // (24 * 60)}天"


def quoted(text: str) -> str:
    """What somebody wrote, short enough to be repeated to them: `“明天我要去医院看病”`."""
    return f"“{text if len(text) <= 20 else text[:20] + '…'}”"


def role(code: str) -> str:
    """What people call a role of `office.yaml`; the code itself for one of an office's own."""
    return _ROLES.get(code, code)


_ROLES = {
    "admin": "管理员", "inspector": "监督员", "personnel": "人事", "office_director": "办公室主任",
    "seal_keeper": "印章管理员", "dispatcher": "调度员", "unit_leader": "主要领导", "secrecy_officer": "保密员",
    "finance": "财务", "archivist": "档案员", "legal": "法制审核", "buyer": "采购人", "room_keeper": "会议室管理员",
    "asset_keeper": "资产管理员", "gate": "门卫", "repairer": "维修派工",
}  # fmt: skip
