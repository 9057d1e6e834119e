"""How a process that runs for long differs from a command: a faster loop where there is one, a collector that does not
look again and again at what was there from the start."""

from __future__ import annotations

import asyncio
import gc
import importlib
import importlib.util
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_YOUNG = 10_000


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, on uvloop where it is installed (`officebot[fast]`)."""
    with asyncio.Runner(loop_factory=_loop()) as runner:
        return runner.run(main)


def loading() -> None:
    """From here to `settle`: what is loaded stays, looking for garbage meanwhile takes a tenth of a start."""
    gc.disable()


def settle() -> None:
    """Once everything is loaded: forms, models and modules live as long as the process.

    A full collection looks at all that is not frozen: here 10 to 60 ms in which nobody is answered.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(_YOUNG, 20, 50)


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return factory
