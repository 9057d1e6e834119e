"""The office's database for a command: open only when its tables are ours, and closed afterwards."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import click

from bot.database import schema
from bot.database.open import OpenDatabase, open_database
from cards import causes
from config.loader import Configuration
from handlers.errors import DatabaseBusy

T = TypeVar("T")

_UNREACHABLE = (ConnectionError, socket.gaierror, TimeoutError)

_STATES = {
    "empty": "数据库还是空的，先运行 officebot migrate。",
    "older": "数据库的表比程序旧，先运行 officebot migrate。",
    "newer": "数据库的表比程序新，请安装新版 officebot。",
}


@asynccontextmanager
async def opened(configuration: Configuration) -> AsyncIterator[OpenDatabase]:
    """Raises ClickException with what to do when the tables are not ours."""
    url = configuration.settings.database.url.get_secret_value()
    try:
        state = await schema.schema_state(url)
    except schema.FAILURES as error:
        raise click.ClickException(f"连不上数据库：{causes.why(error)}。") from error
    if state != "current":
        raise click.ClickException(_STATES[state])
    database = open_database(url)
    try:
        yield database
    finally:
        await database.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's work. Raises ClickException when the database is busy or not to be reached."""
    try:
        return asyncio.run(work)
    except _UNREACHABLE as error:
        raise click.ClickException(f"连不上数据库：{causes.why(error)}。") from error
    except DatabaseBusy as error:
        raise click.ClickException(busy(error)) from error


def busy(error: DatabaseBusy) -> str:
    """What to do about it: to wait helps against a lock, not against a file that may only be read."""
    if error.__cause__ is None:
        return "数据库正忙或者磁盘已满，什么也没有改。稍后再试。"
    return f"数据库用不了：{causes.why(error.__cause__)}。什么也没有改。"
