"""The slot for a unified to-do list (统一待办), yuezhengyi.md 6.5: no interface is published, so none is invented.

`none` is the default. `http_json` speaks to whatever the operator hands out, by address, headers and body from
`office.yaml`; what it cannot express becomes a class with the three methods of `TodoSink`, given to the connector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from cards.model import Card
from connectors.errors import PlatformRefused
from connectors.yuezhengyi.settings import Call, TodoList
from connectors.yuezhengyi.way import Way


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


class HttpTodos:
    """`http_json`: success is a 2xx answer and, where `success` names a field and its value, that value."""

    def __init__(self, settings: TodoList, way: Way) -> None:
        self._settings, self._way = settings, way

    async def create(self, todo: Todo) -> None:
        await self._tell("create", todo)

    async def complete(self, todo: Todo) -> None:
        await self._tell("complete", todo)

    async def delete(self, todo: Todo) -> None:
        await self._tell("delete", todo)

    async def _tell(self, act: str, todo: Todo) -> None:
        call = self._settings.calls.get(act, Call())
        if not call.url:
            return
        body, name = filled(call.body, todo), f"todo.{act}"
        reply = await self._way.to("POST", call.url, name=name, json=body, headers=dict(self._settings.headers))
        field_, value = self._settings.success
        said = str(reply.data.get(field_, "")) if field_ else value
        if reply.status >= 300 or said != value:
            raise PlatformRefused("the list does not take it", call=name, code=said[:40], status=reply.status)


def filled(template: Any, todo: Todo) -> Any:
    """The template with the to-do's values: in texts only, so that nothing typed becomes a part of the structure."""
    if isinstance(template, Mapping):
        return {name: filled(value, todo) for name, value in template.items()}
    if isinstance(template, list | tuple):
        return [filled(one, todo) for one in template]
    if not isinstance(template, str):
        return template
    values = {"id": todo.id, "title": todo.title, "assignee": todo.assignee, "url": todo.url,
              "due": todo.due.isoformat(timespec="seconds") if todo.due else ""}  # fmt: skip
    parts = template.split("{")
    return parts[0] + "".join(_part(part, values) for part in parts[1:])


def _part(part: str, values: Mapping[str, str]) -> str:
    name, closed, rest = part.partition("}")
    return f"{values[name]}{rest}" if closed and name in values else "{" + part


_KINDS: Final = frozenset({"approval.decide", "notice.receipt"})


def wanted(card: Card) -> bool:
    """What somebody must decide or answer, behind a page; a draft of one's own is not."""
    return card.kind in _KINDS and bool(card.url and card.buttons) and not card.state
