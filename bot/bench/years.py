"""The same work beside a small past and large ones (`history.py`): what an office pays for having existed for years.

Every round does one piece of work on every size, in turn, so that a busy moment of the machine hits all of them; the
first round does not count.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import Final

from bot.app import Service
from bot.bench import growth, history, office, running, starting
from bot.bench.deliveries import Postbox, raw_all
from bot.bench.figures import Figure, Unit, beside, middle
from bot.bench.history import Past
from bot.bench.office import WECOM, Crowd
from bot.bench.plan import Plan
from bot.bench.running import Failed, Server
from bot.sealing import Sealer
from connectors.events import TextReceived
from connectors.refs import PersonRef
from handlers.approval import store
from handlers.audit import log, sealing
from handlers.people import directory
from handlers.transaction import Transaction

SIZES: Final = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
SMALLEST: Final = "10k"
_POSTGRES_UP_TO: Final = 1_000_000

Costs = Mapping[str, list[float]]
"""By the label of a size: what each round cost, in the unit of the figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An office with a past, opened in this process. `old` are items of former years."""

    past: Past
    service: Service
    old: Sequence[str]
    size: int

    @property
    def leader(self) -> PersonRef:
        return office.ref("lead0")

    @property
    def clerk(self) -> PersonRef:
        return office.ref(self.past.crowd.asking()[0])


Work = Callable[[Place], Awaitable[float]]


def on_sqlite(plan: Plan) -> list[Figure]:
    """Taps, facts, seals and questions with ten thousand to a million, and (`long`) with ten million facts."""
    kept = plan.kept or plan.folder / "years"
    pasts = {}
    for label, rows in _sizes(plan).items():
        folder = kept / str(rows)
        pasts[label] = _past(plan, Past(folder=folder, url=f"sqlite://{folder}/office.db", rows=rows))
    return _measured(plan, "growth", pasts)


def on_postgres(plan: Plan) -> list[Figure]:
    """The same on PostgreSQL, up to a million; nothing without a server. Its databases are gone afterwards."""
    if not plan.postgres:
        return []
    with ExitStack() as stack:
        pasts = {}
        for label, rows in _sizes(plan).items():
            if rows <= _POSTGRES_UP_TO:
                url = stack.enter_context(running.database(plan.postgres))
                pasts[label] = _past(plan, Past(folder=plan.folder / "years-pg" / label, url=url, rows=rows))
        return _measured(plan, "growth_pg", pasts)


def _sizes(plan: Plan) -> dict[str, int]:
    if plan.quick:
        return {"10k": 2_500, "100k": 6_000}
    most = SIZES["10m"] if plan.long else SIZES["1m"]
    return {label: rows for label, rows in SIZES.items() if rows <= most}


def _past(plan: Plan, past: Past) -> Past:
    if plan.quick:
        past = replace(past, crowd=Crowd(people=16), days=1, readers=12)
    asyncio.run(history.fill(past, tell=plan.tell))
    if len(past.cards()) < _each(plan) * (_rounds(plan) + 1):
        raise Failed(f"no slips are left to tap in {past.folder}: delete it")
    return past


def _rounds(plan: Plan) -> int:
    return plan.size(5, 1)


def _each(plan: Plan) -> int:
    return plan.size(80, 8)


def _measured(plan: Plan, part: str, pasts: Mapping[str, Past]) -> list[Figure]:
    rates, spent = _taps(plan, part, pasts)
    figures = compared(f"{part}.tap", rates, "us") + compared(f"{part}.tap_cpu", spent, "us")
    figures += asyncio.run(_asked(plan, part, pasts))
    if part == "growth":
        figures += _started(plan, pasts)
    return figures


def compared(name: str, costs: Costs, unit: Unit) -> list[Figure]:
    """A figure for every size, each beside the smallest."""
    found = {label: middle(f"{name}.{label}", rounds, unit) for label, rounds in costs.items()}
    small = found[SMALLEST]
    return [small, *(beside(one, small) for label, one in found.items() if label != SMALLEST)]


def _taps(plan: Plan, part: str, pasts: Mapping[str, Past]) -> tuple[Costs, Costs]:
    """Microseconds of a tap in the closed loop, and of the server's processor: a server for each, tapped in turn.

    As many slips must be decided as taps were answered: a fast refusal would be a fine figure otherwise.
    """
    before = {label: asyncio.run(_approved(past)) for label, past in pasts.items()}
    with ExitStack() as stack:
        servers = {
            label: stack.enter_context(running.server("office", str(past.folder), pinned=not plan.quick))
            for label, past in pasts.items()
        }
        took: dict[str, list[float]] = {label: [] for label in pasts}
        spent: dict[str, list[float]] = {label: [] for label in pasts}
        for number in range(_rounds(plan) + 1):
            plan.tell(f"{part}.tap.{SMALLEST}", number, _rounds(plan))
            for label, past in pasts.items():
                seconds, cpu = _tapped(plan, servers[label], past)
                took[label].append(seconds / _each(plan) * 1e6)
                spent[label].append(cpu / _each(plan) * 1e6)
    for label, past in pasts.items():
        decided, expected = asyncio.run(_approved(past)) - before[label], _each(plan) * (_rounds(plan) + 1)
        if decided != expected:
            raise Failed(f"{label}: {expected} were answered, {decided} are in the tables")
    return _counted(took), _counted(spent)


async def _approved(past: Past) -> int:
    """What was put off is done first."""
    service = await office.opened(past.folder)
    try:
        await office.catch_up(service)
        return await office.count(service, "SELECT COUNT(*) AS n FROM item WHERE state = 'approved'")
    finally:
        await service.stop()


def _tapped(plan: Plan, server: Server, past: Past) -> tuple[float, float]:
    """Seconds, and seconds of the server's processor."""
    box, now = Postbox(office.configuration(past.folder)), office.clock(past.folder).now()
    requests = raw_all([box.tap(card, now=now) for card in past.take(_each(plan))])
    before = server.used()["cpu_s"]
    result = running.bombard(server, requests, folder=plan.folder)
    return result.seconds, server.used()["cpu_s"] - before


def _counted(rounds: Costs) -> Costs:
    """Without the first."""
    return {label: costs[1:] for label, costs in rounds.items()}


async def _asked(plan: Plan, part: str, pasts: Mapping[str, Past]) -> list[Figure]:
    """Everything that is measured in this process."""
    places = {label: await _opened(past) for label, past in pasts.items()}
    few, many = plan.size(20, 2), plan.size(200, 5)
    works: dict[str, tuple[Work, Unit]] = {
        "append": (partial(_append, number=plan.size(1280, 64)), "us"),
        "seal": (_seal, "us"),
        "takeover": (_takeover, "ms"),
        "proof": (partial(_proof, times=many), "ms"),
        "head": (_head, "ms"),
        "log": (partial(_log, times=many), "ms"),
        "balance": (partial(_said, who="clerk", text="余额", times=few), "ms"),
        "list": (partial(_said, who="leader", text="待办", times=few), "ms"),
        "decided": (partial(_decided, times=few), "ms"),
    }
    try:
        figures = []
        for name, (work, unit) in works.items():
            plan.tell(f"{part}.{name}.{SMALLEST}")
            figures += compared(f"{part}.{name}", await _in_turn(plan, work, places), unit)
        return figures
    finally:
        for place in places.values():
            await place.service.stop()


async def _in_turn(plan: Plan, work: Work, places: Mapping[str, Place]) -> Costs:
    rounds: dict[str, list[float]] = {label: [] for label in places}
    for _ in range(_rounds(plan) + 1):
        for label, place in places.items():
            rounds[label].append(await work(place))
    return _counted(rounds)


async def _opened(past: Past) -> Place:
    service = await office.opened(past.folder)

    async def unit(tx: Transaction) -> tuple[list[str], int]:
        old = await tx.fetch("SELECT id FROM item WHERE number > 0 ORDER BY number LIMIT 5000")
        return [row["id"] for row in old], await sealing.size(tx)

    old, size = await service.database.read(unit)
    return Place(past=past, service=service, old=old, size=size)


async def _append(place: Place, *, number: int) -> float:
    """A fact, 64 units waiting at a time, each on the disk before it counts."""
    return await growth.append(place.service.database, number) / number * 1e6


async def _seal(place: Place) -> float:
    """A fact of those that wait, by the service's own sealer."""
    await growth.append(place.service.database, 512)
    begun = time.perf_counter()
    sealed = await place.service.sealer.seal()
    return (time.perf_counter() - begun) / sealed * 1e6


async def _takeover(place: Place) -> float:
    """Another instance takes the sealing over, looks back for holes, and seals one fact."""
    service = place.service
    await service.sealer.release()
    await growth.append(service.database, 1)
    other = Sealer(service.database, service.clock, place.past.folder / "data" / "audit")
    begun = time.perf_counter()
    await other.seal()
    took = time.perf_counter() - begun
    await other.release()
    return took * 1000


async def _proof(place: Place, *, times: int) -> float:
    """That a fact is in the tree of today."""
    return await _median_ms(times, lambda: place.service.database.read(
        partial(sealing.included, idx=random.randrange(place.size), size=place.size)
    ))  # fmt: skip


async def _head(place: Place) -> float:
    """Everything sealed and signed; there is always something new."""
    await growth.append(place.service.database, 1)
    begun = time.perf_counter()
    await place.service.sealer.head()
    return (time.perf_counter() - begun) * 1000


async def _log(place: Place, *, times: int) -> float:
    """All facts of an item of former years, with the personal values."""
    return await _median_ms(times, lambda: place.service.database.read(
        partial(log.read, subject=random.choice(place.old))
    ))  # fmt: skip


async def _decided(place: Place, *, times: int) -> float:
    """What a leader has decided in all those years, the last first."""

    async def unit(tx: Transaction) -> None:
        person = await directory.by_ref(tx, place.leader)
        assert person is not None
        await store.decided_by(tx, person.id)

    return await _median_ms(times, lambda: place.service.database.read(unit))


async def _said(place: Place, *, who: str, text: str, times: int) -> float:
    """A word to the bot until its answer is queued and on the disk."""
    sender = place.leader if who == "leader" else place.clerk

    def said() -> Awaitable[object]:
        service = place.service
        event = TextReceived(
            account=WECOM, key=secrets.token_hex(8), at=service.clock.now(), sender=sender, text=text
        )
        return service.dispatcher.admit([event], door="bench")

    return await _median_ms(times, said)


async def _median_ms(times: int, work: Callable[[], Awaitable[object]]) -> float:
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        await work()
        found.append(time.perf_counter() - begun)
    return median(found) * 1000


def _started(plan: Plan, pasts: Mapping[str, Past]) -> list[Figure]:
    """A process with workers and ticks from nothing until `/readyz` says 200, in the office's own time."""
    rounds: dict[str, list[float]] = {label: [] for label in pasts}
    for number in range(plan.size(3, 1)):
        for label, past in pasts.items():
            plan.tell(f"growth.start.{label}", number + 1, plan.size(3, 1))
            begun = time.perf_counter()
            with running.server("whole", str(past.folder)) as server:
                rounds[label].append(starting.ready(server.process, server.port) - begun)
    return compared("growth.start", rounds, "s")
