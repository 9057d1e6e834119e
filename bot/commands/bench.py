"""`officebot bench`: measures this program on this machine, beside what the machine can do, and prints a table."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bot import logs
from bot.bench import history, report, suite, writing
from bot.bench.history import Past
from bot.bench.plan import Plan
from bot.bench.suite import Done
from bot.commands import bench_words, options

_WIDE = 140


_HELP = "在本机实测性能：每个数字都和同一次运行里测出的极限相比。完整运行要十几分钟，期间不要在本机做别的事。"
_KEPT = "有多年留痕的样例单位存放在这个文件夹里，下次接着用；不写就每次重做，测完删掉。"
_LONG = (
    "加测一千万条留痕（约 8 GB，第一次要半小时左右）和十分钟不停的点按（soak，约 5 GB，第一次另要几分钟准备）；"
    "建议同时写 --kept。"
)


@click.group(help=_HELP, invoke_without_command=True)
@click.option("--quick", is_flag=True, help="只试跑几秒钟，看能不能跑通；数字没有意义。")
@click.option("--long", is_flag=True, help=_LONG)
@click.option("--kept", type=click.Path(path_type=Path, file_okay=False), default=None, metavar="文件夹", help=_KEPT)
@click.option("--write", is_flag=True, help="把数字、表格和图写进源码目录里的说明文档（给开发者用）。")
@click.option(
    "--only", "names", multiple=True, type=click.Choice(list(suite.PARTS)), metavar="名称",
    help=f"只测这一项，可以写几次：{'、'.join(suite.PARTS)}。soak 只在写了它或 --long 时才测。",
)  # fmt: skip
@click.option(
    "--postgres", metavar="地址", default=lambda: os.environ.get("OFFICEBOT_TEST_POSTGRES", ""),
    help="也在这个 PostgreSQL 上测；要能新建数据库。默认取环境变量 OFFICEBOT_TEST_POSTGRES，没有就不测。",
)  # fmt: skip
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=None, metavar="文件夹",
    help="临时文件放在哪里，测的就是那块磁盘；测完删掉。",
)  # fmt: skip
@click.option(
    "--minutes", type=click.FloatRange(0.1, bench_words.MINUTES), default=10.0, show_default=True, metavar="分钟",
    help="soak 这一项点多少分钟。",
)  # fmt: skip
@click.option(
    "--rate", type=click.FloatRange(1, 5000), default=500.0, show_default=True, metavar="次数",
    help="soak 这一项每秒点多少次。",
)  # fmt: skip
@options.json_option
@click.pass_context
def command(
    context: click.Context, quick: bool, long: bool, kept: Path | None, write: bool, names: Sequence[str],
    postgres: str, folder: Path | None, minutes: float, rate: float, as_json: bool,
) -> int:  # fmt: skip
    if context.invoked_subcommand is not None:
        return 0
    if quick and write:
        raise click.UsageError("--quick 的数字没有意义，不能用 --write 写进文档。")
    logs.set_up(level=logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="officebot-bench-", dir=folder) as place:
        plan = Plan(
            folder=Path(place), quick=quick, long=long, kept=kept, postgres=postgres, minutes=minutes, rate=rate
        )
        done = _measured(plan, suite.chosen(names, long=long))
    found = report.as_json(done, at=options.now(), quick=quick)
    if as_json:
        options.print_json(found)
    else:
        click.echo(bench_words.heading(found))
        _console().print(bench_words.table(done, judged=not quick))
    if write:
        click.echo("\n".join(f"已写入 {file}" for file in writing.write(found)), err=True)
    for one in done:
        if one.error:
            click.echo(f"{bench_words.PARTS[one.part]}没有测成：{one.error}", err=True)
    return 1 if found["errors"] else 0


@command.command("fill", help="造一个有多年留痕的样例单位（SQLite），存在文件夹里；中断了再运行一次就接着做。")
@click.argument("rows", type=click.IntRange(min=1000), metavar="条数")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="文件夹")
def fill(rows: int, folder: Path) -> int:
    logs.set_up(level=logging.CRITICAL)
    past = Past(folder=folder, url=f"sqlite://{folder.absolute()}/office.db", rows=rows)
    with _bar(1) as (bar, task):

        def tell(step: str, done: int = 0, of: int = 0) -> None:
            bar.update(task, description=bench_words.step(step, done, of), completed=done, total=of or None)

        asyncio.run(history.fill(past, tell=tell))
    click.echo(f"已就绪：{folder}。核对留痕：officebot audit verify --config {folder / 'office.yaml'}")
    return 0


def _console() -> Console:
    """In a file or a pipe nobody wants the table folded into eighty columns."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDE)


@contextmanager
def _bar(total: int) -> Iterator[tuple[Progress, TaskID]]:
    """On standard error, redrawn rarely: the bar must not be what is measured."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=1) as bar:
        yield bar, bar.add_task("准备", total=total)


def _measured(plan: Plan, parts: Sequence[str]) -> list[Done]:
    with _bar(len(parts)) as (bar, task):

        def tell(step: str, done: int = 0, of: int = 0) -> None:
            bar.update(task, description=bench_words.step(step, done, of))

        found = []
        for part in suite.run(replace(plan, tell=tell), parts):
            found.append(part)
            bar.advance(task)
    return found
