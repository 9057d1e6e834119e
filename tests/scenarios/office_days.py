"""What several scenarios begin with, and how they look at the outcome."""

from __future__ import annotations

from handlers.approval import rebuilding, store
from handlers.audit import log

LONG = "年假 5月6日到14日 回家"


async def asked(town, *, text=LONG):
    """张三 has asked for a leave that 李四, then 孙立新 decide; returns the card on 李四's phone."""
    await town.say("wecom", "zhangsan", text)
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认"), "提交")
    return await town.card("wecom", "lisi", "张三的年假")


async def state(town):
    (row,) = await town.rows("SELECT state FROM item WHERE number = 1")
    return row["state"]


async def acts(town):
    """(who, verb, on whose behalf) in order."""
    rows = await town.rows(
        "SELECT p.name, d.act, b.name AS behalf FROM decision d LEFT JOIN person p ON p.id = d.person"
        " LEFT JOIN person b ON b.id = d.on_behalf ORDER BY d.id"
    )
    return [(row["name"], row["act"], row["behalf"] or "") for row in rows]


async def rebuilt(town):
    """(the item in the tables, the item from its facts alone) of item 1."""

    async def unit(tx):
        item = await store.numbered(tx, 1)
        return item.request, rebuilding.rebuilt(await log.read(tx, item.id))

    return await town.service.database.read(unit)
