"""An item that was decided becomes different because another one was: its fields follow, as a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers import errors
from handlers.approval import facts, post, store
from handlers.audit import log
from handlers.context import Context


async def amend(ctx: Context, item_id: str, fields: Mapping[str, Any], *, because: str) -> store.Item:
    """The item with these fields instead, on all its cards; `because` is the id of the item, or the word for the act,
    that made it so. Raises NotFound.
    """
    item = await store.lock(ctx.tx, item_id)
    if item is None:
        raise errors.NotFound(item=item_id)
    after = replace(item, fields=dict(fields), changed=ctx.now)
    await store.save(ctx.tx, after, before=item)
    fact = facts.ItemAmended(item=item_id, because=because, content=dict(fields))
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    await post.refresh(ctx, after)
    return after
