"""`notices.recurring` and the sheet of dates of `office.yaml` as values, and what is wrong with them in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from config import lines, tables
from config.loader import Configuration
from config.problems import ConfigProblem
from handlers.days.phrases import recurring
from handlers.notice.rules import Expiry, Repeated

_COLUMNS: Mapping[str, str] = {
    "事项": "name", "名称": "name", "name": "name", "类别": "category", "category": "category", "到期日": "on",
    "到期": "on", "到期日期": "on", "due": "on", "负责人": "who", "提醒谁": "who", "who": "who", "提前天数": "days",
    "days": "days",
}  # fmt: skip
_USUAL = (90, 60, 30, 7, 0)
_ORIGIN = date(2020, 1, 1)
"""A rule of the settings has no day on which it was said; every second week is counted from here on."""


def repeated(configuration: Configuration) -> tuple[Repeated, ...]:
    """Those that are understood; `problems` names the others."""
    found = []
    for number, one in enumerate(configuration.settings.notices.recurring):
        read = recurring.read(one.when, today=_ORIGIN)
        if read is not None:
            rule = replace(read.rule, first=read.rule.first or _ORIGIN)
            key = f"c{number}-{one.name}"[:60]
            found.append(Repeated(key=key, said=one.when, rule=rule, text=one.text, group=one.group, to=one.to))
    return tuple(found)


def dates(configuration: Configuration) -> tuple[Expiry, ...]:
    """The rows of the sheet that are right. Raises OSError when the file is not there."""
    file = _sheet(configuration)
    return tuple(row for row in _rows(file.read_bytes(), file.name) if isinstance(row, Expiry)) if file else ()


def problems(configuration: Configuration) -> Iterator[ConfigProblem]:
    """Everything that is wrong, for `officebot check`."""
    settings = configuration.settings.notices
    document = configuration.document()

    def problem(what: str, hint: str, *path: str | int) -> ConfigProblem:
        here = ("notices", *path)
        return ConfigProblem(document.file, document.line(here), lines.shown(here), what, hint)

    for number, one in enumerate(settings.recurring):
        if recurring.read(one.when, today=_ORIGIN) is None:
            hint = "例如 每周五下午四点、每月最后一个工作日 9点"
            yield problem(f"没有看懂“{one.when}”", hint, "recurring", number, "when")
        if one.group and one.group not in configuration.settings.groups:
            yield problem(f"groups 里没有 {one.group}", "先在 groups 里登记", "recurring", number, "group")
    file = _sheet(configuration)
    if file is None:
        return
    try:
        data = file.read_bytes()
    except OSError:
        yield problem(f"找不到 {file.name}", f"放在 {configuration.name} 旁边，或删去这一行", "dates")
        return
    yield from (row for row in _rows(data, file.name) if isinstance(row, ConfigProblem))


def _sheet(configuration: Configuration) -> Path | None:
    name = configuration.settings.notices.dates
    return configuration.base / name if name else None


def _rows(data: bytes, file: str) -> Iterator[Expiry | ConfigProblem]:
    try:
        cells = tables.read(data)
    except tables.Unreadable as wrong:
        yield ConfigProblem(file, wrong.line, "", wrong.what, wrong.hint)
        return
    columns = [_COLUMNS.get(cell.strip(), "") for cell in cells[0][1]] if cells else []
    if not {"name", "on"} <= {*columns}:
        yield ConfigProblem(file, 1, "", "表头缺少“事项”或“到期日”", "第一行写：事项,类别,到期日,负责人,提前天数")
        return
    for line, row in cells[1:]:
        yield _row(file, line, dict(zip(columns, (cell.strip() for cell in row), strict=False)))


def _row(file: str, line: int, row: Mapping[str, str]) -> Expiry | ConfigProblem:
    if not row.get("name"):
        return ConfigProblem(file, line, "事项", "没有写事项", "写清楚什么到期，例如 食堂承包合同")
    on = _date(row.get("on", ""))
    if on is None:
        return ConfigProblem(file, line, "到期日", f"看不懂日期“{row.get('on', '')}”", "写成 2026-12-31")
    days = _days(row.get("days", ""))
    if days is None:
        return ConfigProblem(file, line, "提前天数", f"看不懂“{row['days']}”", "写成 90/60/30/7/0")
    name, category = row["name"], row.get("category", "")
    who = row.get("who", "")
    return Expiry(key=_key(name, category, who, on), name=name, category=category, on=on, who=who, days=days)


def _key(name: str, category: str, who: str, on: date) -> str:
    """Two contracts of one name that end on one day are two."""
    whole = sha256("\0".join((name, category, who)).encode()).hexdigest()
    return f"{name[:20]}/{on.isoformat()}/{whole[:12]}"


def _date(text: str) -> date | None:
    plain = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    try:
        year, month, day = (int(part) for part in plain.split("-"))
        return date(year, month, day)
    except ValueError:
        return None


def _days(text: str) -> tuple[int, ...] | None:
    if not text:
        return _USUAL
    parts = text.replace("、", "/").replace("，", "/").replace(",", "/").replace(" ", "/").split("/")
    numbers = [part for part in parts if part]
    return tuple(int(part) for part in numbers) if all(part.isdigit() and len(part) <= 4 for part in numbers) else None
