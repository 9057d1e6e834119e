"""The files of an act: the item refers to them from then on, and the journal has each one's name and SHA-256.

Whether an attachment was put in another's place can be found out afterwards: by the fact, by the hash under which the
content lies, and by the content itself.
"""

from __future__ import annotations

from typing import Any

from handlers.approval import engine, facts, store
from handlers.approval.papers import files
from handlers.audit import log
from handlers.context import Context
from handlers.transaction import to_ms

_WHOLE = frozenset({engine.Verb.SUBMIT, engine.Verb.RESUBMIT})


async def follow(ctx: Context, before: store.Item, after: store.Item, decision: engine.Decision) -> None:
    """Called in the transaction of the act."""
    listed = _brought(before, after, decision)
    if not listed:
        return
    await files.use(ctx.tx, after.id, [one for _, one in listed])
    known = await files.of_item(ctx.tx, after.id)
    told = [_told(code, one, known.get(one, []), decision.person) for code, one in listed]
    fact = facts.FilesAttached(
        item=after.id, step=decision.step, verb=decision.verb.value, sha256=[one for _, one in listed], files=told
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)


def _brought(before: store.Item, after: store.Item, decision: engine.Decision) -> list[tuple[str, str]]:
    """(field, id) of what came with this act; the field is "" for what was only handed in later."""
    handed_in = [("", one) for one in decision.files]
    if after.fields is before.fields and decision.verb not in _WHOLE:
        return handed_in
    old = {} if decision.verb in _WHOLE else before.fields
    new = [
        (code, one)
        for code, value in after.fields.items()
        if value != old.get(code)
        for one in files.ids(value)
        if one not in files.ids(old.get(code))
    ]
    return [*new, *handed_in]


def _told(code: str, one: str, known: list[files.File], person: str) -> dict[str, Any]:
    """As this person handed it in, else as somebody did before."""
    own = [file for file in known if file.person == person]
    for file in (own or known)[-1:]:
        return {
            "field": code, "sha256": one, "name": file.name, "size": file.size, "type": file.type,
            "by": file.person, "at_ms": to_ms(file.at),
        }  # fmt: skip
    return {"field": code, "sha256": one}
