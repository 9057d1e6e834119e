"""The slot for a unified to-do list (统一待办), yuezhengyi.md 6.5: no interface is published, so none is invented.

When the operator hands one out, it becomes a class with these three methods and is given to the connector's `todos`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """`id` is ours and stays; `assignee` the platform's id; `due` may be unknown."""

    id: str
    title: str
    assignee: str
    url: str
    due: datetime | None = None


class TodoSink(Protocol):
    """All three may be repeated with the same id; they raise `PlatformError`."""

    async def create(self, todo: Todo) -> None: ...

    async def complete(self, todo: Todo) -> None: ...

    async def delete(self, todo: Todo) -> None: ...


class NoTodos:
    """Where the platform has no list: the office's own workbench is the list."""

    async def create(self, todo: Todo) -> None: ...

    async def complete(self, todo: Todo) -> None: ...

    async def delete(self, todo: Todo) -> None: ...
