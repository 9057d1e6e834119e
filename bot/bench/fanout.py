"""Cards going out to a platform that takes 50 ms for every call: how near the sender comes to its own concurrency, and
how near to the platform's limit where that counts calls per second, without being refused."""

from __future__ import annotations

import asyncio
import json
import time
from functools import partial
from urllib.request import urlopen

from bot.app import Service
from bot.bench import office, running
from bot.bench.figures import Figure
from bot.bench.office import DINGTALK, Crowd
from bot.bench.plan import Plan
from bot.bench.running import Failed, Server
from bot.bench.serving import COUNTED, LATENCY_S, LIMIT_PER_S
from cards.model import Button, Card, Field
from connectors.refs import PersonRef
from handlers.mailroom import outbox
from handlers.mailroom.deliver import PLACES
from handlers.mailroom.outbox import Letter
from handlers.transaction import Transaction


def measure(plan: Plan) -> list[Figure]:
    """A card each for many people, from the outbox through the connector to a platform in a process of its own; then
    for some where the platform lets 20 a second through."""
    return [*_fast(plan), *_limited(plan)]


def _fast(plan: Plan) -> list[Figure]:
    crowd = Crowd(people=plan.size(5000, 80))
    with running.server("platform") as platform:
        seconds = asyncio.run(_sent(plan, platform, crowd))
    rate, limit = crowd.people / seconds, PLACES / LATENCY_S
    return [
        Figure(name="limits.fanout", value=limit, unit="per_s"),
        Figure(name="fanout.cards", value=rate, unit="per_s", against="limits.fanout", ratio=rate / limit),
    ]


def _limited(plan: Plan) -> list[Figure]:
    """As the platform sees it, from the first card that it took to the last."""
    crowd = Crowd(people=plan.size(400, 12), account=DINGTALK)
    with running.server("counted") as platform:
        asyncio.run(_sent(plan, platform, crowd))
        seen = json.loads(urlopen(f"http://127.0.0.1:{platform.port}{COUNTED}").read())
    taken, refused = seen["taken"], seen["refused"]
    if len(taken) < 2:
        raise Failed("no cards were taken from which a rate could be told")
    rate = (len(taken) - 1) / (taken[-1] - taken[0])
    return [
        Figure(name="limits.platform", value=LIMIT_PER_S, unit="per_s"),
        Figure(name="fanout.limited", value=rate, unit="per_s", against="limits.platform", ratio=rate / LIMIT_PER_S),
        Figure(name="fanout.refused", value=refused / (len(taken) + refused), unit="x"),
    ]


async def _sent(plan: Plan, platform: Server, crowd: Crowd) -> float:
    """Seconds from the outbox to the last card that is known to be sent."""
    folder = plan.folder / f"fanout-{crowd.account}"
    office.furnish(folder, crowd, url=f"sqlite://{folder}/office.db", api=f"http://127.0.0.1:{platform.port}")
    service = await office.opened(folder)
    try:
        await service.database.write(partial(_posted, service=service, crowd=crowd))
        plan.tell("fanout.cards", 0, crowd.people)
        seconds = await _emptied(service, crowd.account)
        left = await office.count(service, "SELECT COUNT(*) AS n FROM outbox WHERE state <> 'sent'")
    finally:
        await service.stop()
    if left:
        raise Failed(f"{left} cards did not go out")
    return seconds


async def _emptied(service: Service, account: str) -> float:
    """Seconds until the account's postman has nothing left, working as it does in the service."""
    postman = service.postmen[list(service.connectors).index(account)]
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
        letter = Letter(to=PersonRef(crowd.account, user), message=card, key=f"bench/{user}")
        await outbox.post(tx, letter, now=service.clock.now())
