"""Fields that name another item, the trip that an expense belongs to: approved, and readable for whoever names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.approval import access, engine, faces, proxy_store, store
from handlers.approval.form_model import Form, Option, Type
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person

_MOST = 50


async def options(ctx: Context, person: Person, form: Form, values: Mapping[str, Any]) -> dict[str, tuple[Option, ...]]:
    """For `Known.options`, by `Field.source`: the person's own approved items of these forms, the newest first, and
    what the values name already, where this person may read it."""
    found: dict[str, tuple[Option, ...]] = {}
    for code, one in form.fields.items():
        if one.type is Type.ITEM:
            items = await store.approved_of(ctx.tx, person.id, one.of, limit=_MOST)
            named = values.get(code)
            if isinstance(named, str) and named not in {item.id for item in items}:
                items += await _readable(ctx, person, one.of, named)
            found[one.source] = tuple([await _option(ctx, item) for item in items])
    return found


async def _option(ctx: Context, item: store.Item) -> Option:
    face = await faces.of(ctx, item)
    return Option(code=item.id, title=f"{item.number}号 {face.title(item.fields)}")


async def _readable(ctx: Context, person: Person, forms: Sequence[str], named: str) -> list[store.Item]:
    item = await store.load(ctx.tx, named)
    if item is None or item.form not in forms or item.request.state is not engine.State.APPROVED:
        return []
    roles = await directory.roles_of(ctx.tx, person.id)
    principals = await proxy_store.principals(ctx.tx, person.id, form=item.form, at=ctx.now)
    allowed = await access.may_read(ctx.tx, item, person=person.id, roles=roles, principals=principals)
    return [item] if allowed else []
