"""`officebot leave cases FILE`: a file of worked cases (`leave-cases/1`) against the leave engine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import yaml

from bot.commands import options
from cards import causes
from config.problems import guess, listed
from handlers.leave.casebook import cases
from handlers.leave.casebook.cases import CaseResult, Unreadable, Why

_WORDS = {
    Why.UNKNOWN_KIND: "没有「{name}」这种算例（kind）",
    Why.UNKNOWN_OPTION: "policy 里没有「{name}」这个选项",
    Why.MISSING: "缺少 {name}，或者 {name} 不是已知的名称",
    Why.UNKNOWN_CHOICE: "{name} 没有「{detail}」这个选项",
    Why.BAD_VALUE: "{name}有看不懂的值（{detail}）",
    Why.NOT_A_MAPPING: "不是一组键值，或者是空的",
}


@click.command("cases", help="用算例文件（leave-cases/1）核对休假规则，逐条列出不符的；有一条不符退出码就是 1。")
@click.argument("file", metavar="文件.yaml", type=click.Path(path_type=Path, dir_okay=False))
@options.config_option
@options.json_option
def command(file: Path, config_file: Path, as_json: bool) -> int:
    """`config_file` is taken like everywhere and not read: a case names every choice itself."""
    results = _results(file)
    failed = [result for result in results if not result.ok]
    if as_json:
        options.print_json(_as_data(results, len(failed)))
    else:
        for result in failed:
            click.echo(line(result))
        click.echo(f"共 {len(results)} 个算例，{len(results) - len(failed)} 个相符，{len(failed)} 个不符。")
    return 1 if failed else 0


def line(result: CaseResult) -> str:
    """A failing case: which, what was expected, what came out."""
    name = result.id or f"第 {result.number} 个算例"
    if result.unreadable is not None:
        return f"{name}：{unreadable(result.unreadable)}"
    if not result.expected:
        return f"{name}：没有写 expect，无从核对"
    title = f"（{result.title}）" if result.title else ""
    return f"{name}{title}：应为 {options.as_json(result.expected)}，算出 {options.as_json(result.got)}"


def unreadable(wrong: Unreadable) -> str:
    name = f"{wrong.name} " if wrong.why is Why.BAD_VALUE and wrong.name else wrong.name
    what = _WORDS[wrong.why].format(name=name, detail=wrong.detail)
    if not wrong.known:
        return what
    meant = guess(wrong.detail if wrong.why is Why.UNKNOWN_CHOICE else wrong.name, wrong.known)
    return f"{what}。" + (f"是不是 {meant}？" if meant else f"有：{listed(wrong.known, most=30)}")


def _results(file: Path) -> list[CaseResult]:
    document = _document(file)
    try:
        results = cases.run(document)
    except ValueError as error:
        found = document.get("format")
        if found != cases.FORMAT:
            words = f"{file}：format 应是 {cases.FORMAT}，文件里是 {found!r}。"
        else:
            words = f"{file}：calendars 应是一组日历，cases 应是一个列表（{error}）。"
        raise click.ClickException(words) from error
    if not results:
        raise click.ClickException(f"{file}：cases 里一个算例也没有。")
    return results


def _document(file: Path) -> dict[str, Any]:
    try:
        document = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise click.ClickException(f"读不了 {file}：{causes.why(error)}。") from error
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        raise click.ClickException(f"{file}{_place(error)}：YAML 写法有误（{_short(error)}）。") from error
    if not isinstance(document, dict):
        raise click.ClickException(f"{file}：应是一组键值，以 format: {cases.FORMAT} 开头。")
    return document


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" 第 {mark.line + 1} 行" if mark is not None else ""


def _short(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error).splitlines()[0]


def _as_data(results: list[CaseResult], failed: int) -> dict[str, Any]:
    return {
        "ok": not failed,
        "total": len(results),
        "passed": len(results) - failed,
        "failed": failed,
        "results": [asdict(result) for result in results],
    }
