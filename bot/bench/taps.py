"""The whole of a tap over HTTP, beside a bare aiohttp handler that gets the same bytes: both in turn, in rounds.

A tap is verified, decrypted, deduplicated, loaded, decided, journalled, entered in the ledger, its cards are queued and
all of it is committed before the answer. Afterwards the tables are asked whether every answered tap is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bot.bench import office, running
from bot.bench.deliveries import Postbox, raw_all
from bot.bench.figures import Figure, beside, middle
from bot.bench.office import DAYS, DINGTALK, Crowd, Waiting
from bot.bench.plan import Plan
from bot.bench.running import Failed, Result, Server
from connectors.contract import Delivery

_RATE = 500.0
_DECIDED = "SELECT COUNT(*) AS n FROM item WHERE state = 'approved'"
_LATE = "SELECT COUNT(*) AS n FROM inbox WHERE state = 'pending'"
_DRAFTS = "SELECT COUNT(*) AS n FROM item WHERE state = 'draft'"
_ONE_MORE = "5月29日"
_FSYNC_MORE_S = 0.002

Make = Callable[[Postbox], list[Delivery]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An office that is ready to be tapped."""

    folder: Path
    crowd: Crowd
    cards: list[Waiting]

    def take(self, number: int) -> list[Waiting]:
        taken, self.cards[:] = self.cards[:number], self.cards[number:]
        if len(taken) < number:
            raise Failed("not enough cards were made")
        return taken


def measure(plan: Plan) -> list[Figure]:
    """WeCom taps on SQLite closed and open loop, on a slower disk, texts; DingTalk taps; taps on PostgreSQL."""
    with running.server("bare", pinned=not plan.quick) as bare:
        figures = _on_sqlite(plan, bare)
        figures += _dingtalk(plan, bare)
        if plan.postgres:
            figures += _on_postgres(plan, bare)
    return figures


def _on_sqlite(plan: Plan, bare: Server) -> list[Figure]:
    each, more, paced = plan.size(300, 16), plan.size(150, 16), plan.size(600, 16)
    crowd = Crowd(people=plan.size(150, 24), leaders=plan.size(75, 12))
    place = _furnished(plan, "taps", crowd, _sqlite(plan, "taps"), days=DAYS[: plan.size(14, 6)])
    with _serving(plan, place) as served:
        figures = _in_turn(plan, "taps.sqlite", bare, served, place, each)
        figures += _memory(plan, served, place, more)
        figures += _open_loop(plan, served, place, paced)
        figures += _texts(plan, bare, served, place)
    _expect(place, _DECIDED, each * _rounds(plan) + paced + more * 2)
    figures += _slow_disk(plan, place, figures[1], each // 2)
    return figures


def _dingtalk(plan: Plan, bare: Server) -> list[Figure]:
    each = plan.size(200, 16)
    crowd = Crowd(people=plan.size(75, 24), leaders=plan.size(75, 12), account=DINGTALK)
    place = _furnished(plan, "dingtalk", crowd, _sqlite(plan, "dingtalk"), days=DAYS[: plan.size(12, 2)])
    with _serving(plan, place) as served:
        figures = _in_turn(plan, "taps.dingtalk", bare, served, place, each)
    _expect(place, _DECIDED, each * _rounds(plan))
    return figures


def _on_postgres(plan: Plan, bare: Server) -> list[Figure]:
    each = plan.size(200, 16)
    crowd = Crowd(people=plan.size(75, 24), leaders=plan.size(75, 12))
    with running.database(plan.postgres) as url:
        place = _furnished(plan, "postgres", crowd, url, days=DAYS[: plan.size(12, 2)])
        with _serving(plan, place) as served:
            figures = _in_turn(plan, "taps.postgres", bare, served, place, each)
        _expect(place, _DECIDED, each * _rounds(plan))
    return figures


def _rounds(plan: Plan) -> int:
    return plan.size(3, 1)


def _in_turn(plan: Plan, name: str, bare: Server, served: Server, place: Place, each: int) -> list[Figure]:
    """The limit and the taps: medians of rounds; and what a tap costs the server's processor."""
    limits: list[float] = []
    rates: list[float] = []
    cpu = 0.0
    for number in range(_rounds(plan)):
        plan.tell(name, number + 1, _rounds(plan))
        requests = _taps(place, each)
        running.bombard(bare, requests, folder=plan.folder)  # wakes it up
        limits.append(running.bombard(bare, requests * plan.size(4, 1), folder=plan.folder).rate)
        before = served.used()["cpu_s"]
        rates.append(running.bombard(served, requests, folder=plan.folder).rate)
        cpu += served.used()["cpu_s"] - before
    limit = middle(f"{name}.bare", limits, "per_s")
    spent = Figure(name=f"{name}.cpu", value=cpu / (each * _rounds(plan)) * 1e6, unit="us")
    return [limit, beside(middle(name, rates, "per_s"), limit), spent]


def _memory(plan: Plan, served: Server, place: Place, each: int) -> list[Figure]:
    """What stays in memory of a thousand taps more, once everything has been used."""
    plan.tell("taps.growth")
    seen = []
    for _ in range(2):
        running.bombard(served, _taps(place, each), folder=plan.folder)
        seen.append(served.used()["resident_mb"])
    return [
        Figure(name="taps.resident", value=seen[1], unit="mb"),
        Figure(name="taps.growth", value=(seen[1] - seen[0]) * 1024 / each * 1000, unit="kb"),
    ]


def _open_loop(plan: Plan, served: Server, place: Place, number: int) -> list[Figure]:
    results = []
    for turn in range(_rounds(plan)):
        plan.tell("taps.open_p99", turn + 1, _rounds(plan))
        requests = _taps(place, number // _rounds(plan))
        results.append(running.bombard(served, requests, folder=plan.folder, rate=_RATE))
    return [
        middle("taps.open_p50", [one.p50_ms for one in results], "ms"),
        middle("taps.open_p99", [one.p99_ms for one in results], "ms"),
        Figure(name="taps.late", value=float(_asked(place, _LATE)), unit="x"),
    ]


def _texts(plan: Plan, bare: Server, served: Server, place: Place) -> list[Figure]:
    """A sentence in, a confirmation card queued. Everybody says one; nobody has a draft before."""
    limits: list[float] = []
    rates: list[float] = []
    people = place.crowd.asking()[: plan.size(150, 24)]
    each = len(people) // _rounds(plan)
    box, now = _postbox(place), office.clock(place.folder).now()
    for number in range(_rounds(plan)):
        plan.tell("taps.texts", number + 1, _rounds(plan))
        said = people[number * each : (number + 1) * each]
        requests = raw_all([box.text(user, f"年假 {_ONE_MORE}", now=now) for user in said])
        limits.append(running.bombard(bare, requests * plan.size(8, 1), folder=plan.folder).rate)
        rates.append(running.bombard(served, requests, folder=plan.folder).rate)
    _expect(place, _DRAFTS, each * _rounds(plan))
    limit = middle("taps.texts.bare", limits, "per_s")
    return [limit, beside(middle("taps.texts", rates, "per_s"), limit)]


def _slow_disk(plan: Plan, place: Place, fast: Figure, each: int) -> list[Figure]:
    plan.tell("taps.slow_disk")
    office.slower(place.folder, _FSYNC_MORE_S)
    results: list[Result] = []
    with _serving(plan, place) as served:
        results = [running.bombard(served, _taps(place, each), folder=plan.folder) for _ in range(2)]
    slow = Figure(name="taps.slow_disk", value=median(one.rate for one in results), unit="per_s")
    return [beside(slow, fast)]


def _furnished(plan: Plan, name: str, crowd: Crowd, url: str, *, days: Sequence[str]) -> Place:
    plan.tell("seed", 0, crowd.people * len(days))
    folder = plan.folder / name
    office.furnish(folder, crowd, url=url)
    return Place(folder=folder, crowd=crowd, cards=asyncio.run(_submitted(folder, crowd, days)))


async def _submitted(folder: Path, crowd: Crowd, days: Sequence[str]) -> list[Waiting]:
    service = await office.opened(folder)
    try:
        return await office.submit(service, crowd, days)
    finally:
        await service.stop()


@contextmanager
def _serving(plan: Plan, place: Place) -> Iterator[Server]:
    """The service in a process of its own."""
    with running.server("office", str(place.folder), pinned=not plan.quick) as served:
        yield served


def _taps(place: Place, number: int) -> list[bytes]:
    box, now = _postbox(place), office.clock(place.folder).now()
    tap = box.tap if place.crowd.account == office.WECOM else box.dingtalk_tap
    return raw_all([tap(card, now=now) for card in place.take(number)])


def _sqlite(plan: Plan, name: str) -> str:
    return f"sqlite://{plan.folder / name / 'office.db'}"


def _postbox(place: Place) -> Postbox:
    return Postbox(office.configuration(place.folder))


def _expect(place: Place, sql: str, expected: int) -> None:
    """Every answered request did what it should: a fast refusal would be a fine figure otherwise.

    Those that were put off because the time to answer was up (`taps.late`) are done first, as the worker would.
    """
    found = _asked(place, sql, caught_up=True)
    if found != expected:
        raise Failed(f"{expected} were answered, {found} are in the tables")


def _asked(place: Place, sql: str, *, caught_up: bool = False) -> int:
    async def asked() -> int:
        service = await office.opened(place.folder)
        try:
            if caught_up:
                await office.catch_up(service)
            return await office.count(service, sql)
        finally:
            await service.stop()

    return asyncio.run(asked())
