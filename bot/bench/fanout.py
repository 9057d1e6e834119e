"""Cards going out to a platform that takes 50 ms for every call: how near the sender comes to its own concurrency."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from bot.app import Service
from bot.bench import office, running
from bot.bench.figures import Figure
from bot.bench.office import WECOM, Crowd
from bot.bench.plan import Plan
from bot.bench.running import Failed
from bot.bench.serving import LATENCY_S
from cards.model import Button, Card, Field
from connectors.refs import PersonRef
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.transaction import Transaction

_PLACES = 64
"""Letters in the air at once, per account (`handlers/mailroom/deliver.py`)."""


def measure(plan: Plan) -> list[Figure]:
    """A card each for many people, from the outbox through the connector to a platform in a process of its own."""
    with running.server("platform") as platform:
        return asyncio.run(_sent(plan, f"http://127.0.0.1:{platform.port}"))


async def _sent(plan: Plan, api: str) -> list[Figure]:
    crowd = Crowd(people=plan.size(5000, 80))
    folder = plan.folder / "fanout"
    office.furnish(folder, crowd, url=f"sqlite://{folder}/office.db", api=api)
    service = await office.opened(folder)
    try:
        await service.database.write(partial(_posted, service=service, crowd=crowd))
        plan.tell("fanout.cards")
        seconds = await _emptied(service)
        left = await office.count(service, "SELECT COUNT(*) AS n FROM outbox WHERE state <> 'sent'")
    finally:
        await service.stop()
    if left:
        raise Failed(f"{left} cards did not go out")
    rate, limit = crowd.people / seconds, _PLACES / LATENCY_S
    return [
        Figure(name="limits.fanout", value=limit, unit="per_s"),
        Figure(name="fanout.cards", value=rate, unit="per_s", against="limits.fanout", ratio=rate / limit),
    ]


async def _emptied(service: Service) -> float:
    """Seconds until the account's postman has nothing left, working as it does in the service."""
    postman = service.postmen[list(service.connectors).index(WECOM)]
    begun = time.perf_counter()
    work = asyncio.create_task(postman.run())
    while await service.database.read(_left):  # noqa: ASYNC110 - a postman tells nobody that it is done
        await asyncio.sleep(0.02)
    took = time.perf_counter() - begun
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    return took


async def _left(tx: Transaction) -> bool:
    return await tx.first("SELECT 1 AS one FROM outbox WHERE state = 'waiting' LIMIT 1") is not None


async def _posted(tx: Transaction, *, service: Service, crowd: Crowd) -> None:
    card = Card(
        kind="bench", title="年假3天", fields=(Field("时间", "5月6日到8日"), Field("事由", "回家")),
        buttons=(Button("同意", "a1.approve.i0.1.x"), Button("不同意", "a1.reject.i0.1.x")),
    )  # fmt: skip
    for user in crowd.asking():
        letter = Letter(to=PersonRef(WECOM, user), message=card, key=f"bench/{user}")
        await outbox.post(tx, letter, now=service.clock.now())
