"""A bar on the terminal for work that takes long; nothing where the output is not a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bot.backups import copying

_NAMES: Final = {"database": "数据库", "files": "附件", "check": "核对"}


@contextmanager
def shown() -> Iterator[copying.Progress]:
    """One line per kind of work."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield copying.untold
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        tasks = {}

        def told(what: str, done: int, whole: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(_NAMES[what])
            bars.update(tasks[what], completed=done, total=whole)

        yield told
