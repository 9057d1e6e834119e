"""More than the service can do, for a while: whether it asks the platform to come again instead of growing.

Two thousand connections say something at once, each again as soon as it has an answer; fewer than half of them find a
place. Refusals (503) are no failure here, they are what is measured: a platform comes again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.bench import office, running
from bot.bench.deliveries import Postbox, raw_all
from bot.bench.figures import Figure
from bot.bench.office import Crowd
from bot.bench.plan import Plan
from bot.bench.running import Failed, Server

_WORDS = "我的假期"


def measure(plan: Plan) -> list[Figure]:
    """Memory after the second wave and its growth until the last; the share that was refused; what was answered."""
    folder = plan.folder / "flood"
    crowd = Crowd(people=plan.size(300, 24))
    office.furnish(folder, crowd, url=f"sqlite://{folder / 'office.db'}")
    asyncio.run(_prepared(folder))
    waves, each, connections = plan.size(8, 3), plan.size(8000, 100), plan.size(2000, 40)
    seen, answered, refused, seconds = [], 0, 0, 0.0
    with running.server("office", str(folder), pinned=not plan.quick) as served:
        for wave in range(waves):
            plan.tell("flood.refused", wave + 1, waves)
            result = _wave(plan, served, folder, _texts(folder, crowd, each), connections)
            answered, refused = answered + result.answered, refused + result.failed
            seconds += result.seconds
            seen.append(served.used()["resident_mb"])
    if not answered:
        raise Failed("nobody was answered")
    return [
        Figure(name="flood.answered", value=answered / seconds, unit="per_s"),
        Figure(name="flood.refused", value=refused / (answered + refused), unit="x"),
        Figure(name="flood.resident", value=seen[1], unit="mb"),
        Figure(name="flood.growth", value=seen[-1] - seen[1], unit="mb"),
    ]


def _wave(plan: Plan, served: Server, folder: Path, requests: Sequence[bytes], connections: int) -> running.Result:
    return running.bombard(served, requests, folder=folder, connections=connections, refusals=True)


async def _prepared(folder: Path) -> None:
    """Tables and people."""
    await (await office.opened(folder)).stop()


def _texts(folder: Path, crowd: Crowd, number: int) -> list[bytes]:
    box, now = Postbox(office.configuration(folder)), office.clock(folder).now()
    people = crowd.asking()
    return raw_all([box.text(people[at % len(people)], _WORDS, now=now) for at in range(number)])
