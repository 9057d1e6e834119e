"""`officebot bench`: measures this program on this machine, beside what the machine can do, and prints a table."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot import logs
from bot.bench import report, suite
from bot.bench.plan import Plan
from bot.bench.suite import Done
from bot.commands import bench_words, options

_WIDE = 140


@click.command(
    help="在本机实测性能：每个数字都和同一次运行里测出的极限相比。完整运行要几分钟，期间不要在本机做别的事。"
)
@click.option("--quick", is_flag=True, help="只试跑几秒钟，看能不能跑通；数字没有意义。")
@click.option("--long", is_flag=True, help="加测一千万行留痕（约需 5 GB 磁盘和几分钟）。")
@click.option(
    "--only", "names", multiple=True, type=click.Choice(list(suite.PARTS)), metavar="名称",
    help=f"只测这一项，可以写几次：{'、'.join(suite.PARTS)}。",
)  # fmt: skip
@click.option(
    "--postgres", metavar="地址", default=lambda: os.environ.get("OFFICEBOT_TEST_POSTGRES", ""),
    help="也在这个 PostgreSQL 上测；要能新建数据库。默认取环境变量 OFFICEBOT_TEST_POSTGRES，没有就不测。",
)  # fmt: skip
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=None, metavar="文件夹",
    help="临时文件放在哪里，测的就是那块磁盘；测完删掉。",
)  # fmt: skip
@options.json_option
def command(
    quick: bool, long: bool, names: Sequence[str], postgres: str, folder: Path | None, as_json: bool
) -> int:
    logs.set_up(level=logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="officebot-bench-", dir=folder) as place:
        plan = Plan(folder=Path(place), quick=quick, long=long, postgres=postgres)
        done = _measured(plan, [part for part in suite.PARTS if not names or part in names])
    found = report.as_json(done, at=options.now(), quick=quick)
    if as_json:
        options.print_json(found)
    else:
        click.echo(bench_words.heading(found))
        _console().print(bench_words.table(done, judged=not quick))
    for one in done:
        if one.error:
            click.echo(f"{bench_words.PARTS[one.part]}没有测成：{one.error}", err=True)
    return 1 if found["errors"] else 0


def _console() -> Console:
    """In a file or a pipe nobody wants the table folded into eighty columns."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDE)


def _measured(plan: Plan, parts: Sequence[str]) -> list[Done]:
    """With a bar on standard error, redrawn rarely: the bar must not be what is measured."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=1) as bar:
        task = bar.add_task("准备", total=len(parts))

        def tell(step: str, done: int = 0, of: int = 0) -> None:
            bar.update(task, description=bench_words.step(step, done, of))

        found = []
        for part in suite.run(replace(plan, tell=tell), parts):
            found.append(part)
            bar.advance(task)
    return found
