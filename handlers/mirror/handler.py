"""A push about an approval of the platform's own asks for one reading; the push itself says nothing that counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from connectors.events import ObjectChanged
from handlers.context import Context
from handlers.mailroom import due
from handlers.routing import PASS, Answer, Router, router

READ: Final = "mirror.read"
"""The kind of the due row; its payload is `account` and `approval`, the platform's id."""

_BURST: Final = timedelta(seconds=2)
"""An act is pushed by the node that ends and by the one that begins."""


async def on_changed(event: ObjectChanged, ctx: Context) -> Answer:
    if event.area != "approval":
        return PASS
    payload = {"account": event.account, "approval": event.object}
    key = f"{READ}/{event.account}/{event.object}"[:255]
    await due.by(ctx.tx, key, READ, ctx.now + _BURST, payload, now=ctx.now)
    return None


ROUTES: Router = router((ObjectChanged, on_changed))
