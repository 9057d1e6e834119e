"""Running a unit (see `handlers.transaction`) without an event loop, and handing its outcome to the loop that waits."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from handlers.transaction import Transaction

Unit = Callable[[Transaction], Awaitable[Any]]


@dataclass(slots=True, eq=False)
class Job:
    """A unit that waits for its thread; the thread fills in `value` or `error`."""

    unit: Unit
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    value: Any = None
    error: BaseException | None = None


def drive(unit: Unit, tx: Transaction) -> Any:
    """Runs the unit to its end in this thread. Raises RuntimeError when it awaits anything but `tx`."""
    coroutine = unit(tx)
    if not isinstance(coroutine, Coroutine):
        raise TypeError("a unit is an async function of one argument")
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise RuntimeError("a unit of work awaits only its transaction: no network, no sleep, no other task")


def complete(tx: Transaction) -> None:
    """Raises RuntimeError when the unit goes without what it held: better nothing of it than all but its letters."""
    if tx.held:
        raise RuntimeError("a unit that holds letters writes them at its end")


def resolve(jobs: Iterable[Job]) -> None:
    """Hands all outcomes over with one wake-up per loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, its in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, its)
        except RuntimeError:  # the loop is closed: nobody waits any more, what is committed stays committed
            continue


def _resolve(jobs: list[Job]) -> None:
    for job in jobs:
        if job.future.done():  # its caller was cancelled
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.value)
