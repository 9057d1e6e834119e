"""`officebot faults`: the fault drill of `bot/faults`, with a bar and a report."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot import logs
from bot.bench import machine
from bot.commands import faults_words, options
from bot.faults import run
from bot.faults.drill import Told
from bot.faults.run import Result, Wish

_HELP = (
    "故障演练：服务一边办事一边被反复强行结束，平台的回调和应答被重复、推迟、打乱、丢失，数据库被锁住、写满、断开；"
    "每一章再和同一批事不出故障的一遍逐项对比。有一处不同就停下，退出码 1。"
)


@click.command(help=_HELP)
@click.option("--rounds", type=click.IntRange(1), default=50, show_default=True, metavar="回合", help="做多少个回合。")
@click.option(
    "--from", "first", type=click.IntRange(0), default=0, metavar="回合",
    help="从第几个回合起；从它所在的那一章的开头做起，用来重现。",
)  # fmt: skip
@click.option(
    "--seed", type=int, default=1, show_default=True, metavar="种子",
    help="同一个种子，做的事和出的故障都一样。",
)  # fmt: skip
@click.option(
    "--postgres", default="", metavar="地址", help="用这个 PostgreSQL，要能新建数据库；不写就用 SQLite。"
)  # fmt: skip
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=None, metavar="文件夹",
    help="临时文件放在哪里；做完删掉。",
)  # fmt: skip
@options.json_option
def command(rounds: int, first: int, seed: int, postgres: str, folder: Path | None, as_json: bool) -> int:
    logs.set_up(level=logging.CRITICAL)
    wish = Wish(seed=seed, first=first, rounds=rounds, server=postgres, folder=folder)
    with _cleaning_up(), _bar(rounds) as told:
        result = asyncio.run(run.run(wish, told))
    if as_json:
        options.print_json(_data(wish, result))
    else:
        click.echo("\n".join(faults_words.report(wish, result)))
    return 1 if result.bad else 0


def _data(wish: Wish, result: Result) -> dict[str, object]:
    counts, bad = result.counts, result.bad
    return {
        "database": "postgres" if wish.server else "sqlite", "seed": wish.seed, "first": wish.first,
        "rounds": result.rounds,
        "kills": dict(counts.kills), "faults": dict(counts.faults), "database_faults": dict(counts.extras),
        "migrations_killed": counts.migrations, "backups_killed": counts.backups, "stories": counts.stories,
        "heads": counts.heads,
        "marked_repeats": counts.repeated, "replaced_cards": counts.replaced, "machine": machine.description(),
        "difference": {"round": bad.number, "what": bad.why, "log": bad.log} if bad else None,
    }  # fmt: skip


class _Bar(Told):
    def __init__(self, bar: Progress, rounds: int) -> None:
        self._bar = bar
        self._task = bar.add_task("准备", total=rounds)

    def round(self, number: int, *, ideal: bool) -> None:
        self._bar.update(self._task, description=faults_words.step(number, ideal=ideal))
        if not ideal:
            self._bar.advance(self._task)


@contextmanager
def _cleaning_up() -> Iterator[None]:
    """SIGTERM is Ctrl+C: what was mounted and made for the drill goes away with it."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _bar(rounds: int) -> Iterator[Told]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=2) as bar:
        yield _Bar(bar, rounds)
