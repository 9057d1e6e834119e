"""`officebot calendar year`: the yearly notice as it was published becomes the office's calendar file of that year."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import click
import yaml
from rich.console import Console
from rich.table import Table

from bot import calendars, leave_rules
from bot.commands import asking, options
from cards import causes, words
from config import lines, tables
from config.crosscheck import PACKAGED
from config.loader import Configuration
from handlers.days import announced, workdays
from handlers.days.announced import Announced, Festival, NotRead, Span

_WORDS: Final = {
    "too_long": "文字太多，不像是一份放假通知。请只粘贴通知全文。",
    "no_verb": "{day} 是放假还是上班，看不出来。请和通知原文核对；原文没有错的，请自己写 calendars 里的文件。",
    "no_year": "看不出是哪一年的：要有“关于2027年部分节假日安排的通知”这样的标题或者开头一段。",
    "no_items": "没有找到“一、元旦：……”这样的条目。请粘贴通知全文。",
    "festivals": "缺少{missing}。请粘贴通知全文，七个节日都要在。",
    "no_day": "“{text}”看不懂，或者没有这一天。请和通知原文核对。",
    "weekday": "{day} 不是星期{said}。年份或者日期有误，请和通知原文核对。",
    "length": "{festival}写着共{said}天，按日期是{found}天。请和通知原文核对。",
}


@click.command("year", help="把国务院办公厅的放假通知原文变成这一年的工作日历，核对后写进配置的 calendars 文件夹。")
@click.argument("notice", type=click.File("rb"), default="-", metavar="[通知.txt]")
@click.option(
    "--published", type=click.DateTime(["%Y-%m-%d"]), default=None, metavar="日期",
    help="通知的发布日期；原文末尾有落款日期的不用写。",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="不再询问，直接写入。")
@options.config_option
def command(notice: BinaryIO, published: datetime | None, yes: bool, config_file: Path) -> int:
    configuration = options.configuration(config_file)
    if notice.isatty():
        click.echo("请粘贴通知全文，最后另起一行按 Ctrl+D：", err=True)
    found = _read(notice)
    text = _file_text(found, published.date() if published else None)
    file = _folder(configuration) / f"{found.year}.yaml"
    if _problems(text, file):
        return 1
    _show(found, text)
    if file.exists():
        return _there(file, text)
    if not (yes or _agreed(file)):
        click.echo("没有写入。")
        return 1
    _write(file, text)
    click.echo(f"已写入 {file}。服务在运行的，几秒内生效，天数会变的请假列给人事确认。")
    return 0


def _read(notice: BinaryIO) -> Announced:
    text = tables.decoded(notice.read())
    if text is None or "\0" in text:
        raise click.ClickException("这不是文本文件。在 Word 里另存为“纯文本”，或者不写文件名，直接粘贴全文。")
    try:
        return announced.read(text)
    except NotRead as error:
        raise click.ClickException(_said(error)) from error


def _said(error: NotRead) -> str:
    about = {key: "、".join(value) if isinstance(value, tuple) else value for key, value in error.about.items()}
    return _WORDS[error.code].format_map(about)


def _file_text(found: Announced, published: date | None) -> str:
    day = published or found.published
    if day is None:
        raise click.ClickException("原文里没有落款日期。请加上 --published，例如 --published 2026-11-04。")
    number = f"（{found.number}）" if found.number else ""
    source = f"国务院办公厅关于{found.year}年部分节假日安排的通知{number}"
    data = announced.as_data(found, _statutory(found.year), source=source, published=day)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def _statutory(year: int) -> list[object]:
    """The legal days themselves, which no notice tells apart: packaged with the program, from the law alone."""
    files = [leave_rules.read(file) for file in sorted((PACKAGED / "calendars").glob(f"{year}*.yaml"))]
    if not files:
        raise click.ClickException(f"程序里没有{year}年的法定节假日，请先升级 officebot。")
    legal: list[object] = files[0]["statutory"]
    return legal


def _folder(configuration: Configuration) -> Path:
    """The office's own calendars; the first folder is ours."""
    own = configuration.calendar_folders()[1:]
    if not own:
        raise click.ClickException("office.yaml 的 leave.calendars 是空的，请写上 [calendars/]。")
    return own[0]


def _problems(text: str, file: Path) -> bool:
    """Tells everything; True where the file could not be used."""
    found = list(calendars.problems([lines.read(text.encode(), file=str(file))]))
    for problem in found:
        click.echo(str(problem), err=True)
    return any(problem.serious for problem in found)


def _show(found: Announced, text: str) -> None:
    """Beside the notice it can be compared line by line."""
    table = Table(title=f"{found.year}年放假安排")
    for name in ("节日", "放假", "天数", "上班"):
        table.add_column(name, overflow="fold")  # in a narrow window too: what is cut off cannot be compared
    for one in found.festivals:
        off, makeup = "\n".join(map(_span, one.off)), "\n".join(map(words.day, one.makeup))
        table.add_row(one.name, off, str(_length(one)), makeup)
    Console().print(table)
    calendar = workdays.from_data([yaml.safe_load(text)])
    days = sum(map(calendar.is_working, workdays.days_of(found.year)))
    click.echo(f"全年 {days} 个工作日。")


def _length(one: Festival) -> int:
    return sum((last - first).days + 1 for first, last in one.off)


def _span(span: Span) -> str:
    first, last = span
    return words.day(first) if first == last else f"{words.day(first)}至{words.day(last)}"


def _agreed(file: Path) -> bool:
    try:
        return asking.yes(f"和通知原文一致，写入 {file}？", err=True)
    except click.Abort:  # nobody is there to answer: the notice came through a pipe
        click.echo("\n这里不能回答。核对无误的，加上 --yes 再来一次。", err=True)
        return False


def _there(file: Path, text: str) -> int:
    """What is there is never overwritten: somebody may have put days of the office's own into it."""
    if _same(lines.read(file.read_bytes(), file=str(file)).data, yaml.safe_load(text)):
        click.echo(f"{file} 已经是这样，不用再写。")
        return 0
    raise click.ClickException(f"{file} 已经有了，内容不一样，没有改动。要换成上面的，先把它移走再来一次。")


def _same(there: Any, data: Mapping[str, Any]) -> bool:
    keys = ("year", "statutory", "days_off", "makeup_workdays")
    try:
        return isinstance(there, dict) and all(_value(there, key) == _value(data, key) for key in keys)
    except (ValueError, TypeError):
        return False


def _value(data: Mapping[str, Any], key: str) -> object:
    value = data.get(key)
    return workdays.as_days(value) if isinstance(value, list) else value


def _write(file: Path, text: str) -> None:
    """Whole or not at all: the service reads it as soon as it is there."""
    draft = file.with_suffix(".tmp")
    head = "# 由 officebot calendar year 从通知原文生成。一段写成 a..b，两头都算。\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(head + text, encoding="utf-8")
        os.replace(draft, file)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise click.ClickException(f"写不了 {file}（{causes.why(error)}），没有写入。检查磁盘和权限。") from error
