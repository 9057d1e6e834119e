"""Fields that name another item, the trip that an expense belongs to: approved, and readable for whoever names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.approval import access, engine, faces, store
from handlers.approval.language.form_model import Form, Option, Type
from handlers.approval.language.limits import FieldProblem
from handlers.approval.standins import proxy_store
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person

_MOST = 50
_LOOKED_AT = 200
_USES = (engine.State.PENDING, engine.State.RETURNED, engine.State.APPROVED)


async def options(ctx: Context, person: Person, form: Form, values: Mapping[str, Any]) -> dict[str, tuple[Option, ...]]:
    """For `Known.options`, by `Field.source`: the person's own approved items of these forms, the newest first, and
    what the values name already, where this person may read it."""
    found: dict[str, tuple[Option, ...]] = {}
    for code, one in form.fields.items():
        if one.type is Type.ITEM:
            items = await store.approved_of(ctx.tx, person.id, one.of, limit=_MOST)
            if one.once:
                used = await _used(ctx, person, form, code)
                items = [item for item in items if item.id not in used]
            named = values.get(code)
            if isinstance(named, str) and named not in {item.id for item in items}:
                items += await _readable(ctx, person, one.of, named)
            found[one.source] = tuple([await _option(ctx, item) for item in items])
    return found


async def problems(ctx: Context, form: Form, values: Mapping[str, Any], *, item: str) -> list[FieldProblem]:
    """Fields that name what another item of this form, whosever it is, names already though it may be named once."""
    found = []
    for code in (code for code, one in form.fields.items() if one.once and isinstance(values.get(code), str)):
        others = await store.naming(ctx.tx, values[code], form=form.code)
        other = next((one for one in others if one.id != item and one.fields.get(code) == values[code]), None)
        if other is not None:
            found.append(FieldProblem(path=(code,), code="named_before", limit=str(other.number)))
    return found


async def _used(ctx: Context, person: Person, form: Form, code: str) -> set[Any]:
    """What the person's own items of this form name; what others claimed is told on submission."""
    own = await store.of_applicant(ctx.tx, person.id, limit=_LOOKED_AT)
    return {one.fields.get(code) for one in own if one.form == form.code and one.request.state in _USES}


async def _option(ctx: Context, item: store.Item) -> Option:
    face = await faces.of(ctx, item)
    return Option(code=item.id, title=f"{item.number}号 {face.title(item.fields)}")


async def readable(ctx: Context, person: Person, form: Form, values: Mapping[str, Any]) -> frozenset[str]:
    """The items that these values name and that this person may open."""
    named = [values.get(code) for code, one in form.fields.items() if one.type is Type.ITEM]
    items = [await store.load(ctx.tx, one) for one in named if isinstance(one, str)]
    return frozenset([item.id for item in items if item is not None and await _may_read(ctx, person, item)])


async def _readable(ctx: Context, person: Person, forms: Sequence[str], named: str) -> list[store.Item]:
    item = await store.load(ctx.tx, named)
    if item is None or item.form not in forms or item.request.state is not engine.State.APPROVED:
        return []
    return [item] if await _may_read(ctx, person, item) else []


async def _may_read(ctx: Context, person: Person, item: store.Item) -> bool:
    roles = await directory.roles_of(ctx.tx, person.id)
    principals = await proxy_store.principals(ctx.tx, person.id, form=item.form, at=ctx.now)
    return await access.may_read(ctx.tx, item, person=person.id, roles=roles, principals=principals)
