"""Minutes of taps at a steady rate: what a day's storm does to the answers, to the memory and to the files.

An office is filled with as many waiting slips as taps are needed (`slips.py`) and served by a process of its own with
everything that goes on in life beside the taps - workers, ticks, seals, checkpoints -, but for the sending of cards: as
in `taps.py` they stay in the outbox. The load generator keeps its rate whatever becomes of the answers. Nobody asks the
server how it is; its memory and its files are looked at from outside.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from pathlib import Path
from statistics import linear_regression
from time import monotonic, sleep
from typing import Final

from bot.bench import load, machine, office, running, slips
from bot.bench.deliveries import Postbox, raw
from bot.bench.figures import Figure
from bot.bench.office import Waiting
from bot.bench.plan import Plan
from bot.bench.running import Failed, Result, Server
from bot.bench.slips import Pile
from handlers.transaction import to_ms

_EVERY_S: Final = 10.0
_LOOK_S: Final = 0.5
_QUIET: Final = 3  # looks, one after the other
_PATIENCE_S: Final = 300.0
_WARM: Final = 0.1  # of the run: until then memory fills with what is used from there on
_APPROVED: Final = "SELECT COUNT(*) FROM item WHERE state = 'approved'"
_PUT_OFF: Final = "SELECT COUNT(*) FROM inbox WHERE fence > 0 OR state <> 'done'"
_JOBS: Final = "SELECT COUNT(*) FROM due WHERE state = 'waiting' AND due_ms <= ?"
_BEGUN: Final = "SELECT COUNT(*) FROM due WHERE state = 'done'"
_UNSEALED: Final = "SELECT (SELECT MAX(id) FROM journal) - (SELECT MAX(journal) FROM seal_order)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the server held `at` seconds after the load began to be made."""

    at: float
    resident_mb: float
    log_mb: float


def measure(plan: Plan) -> list[Figure]:
    """`plan.minutes` at `plan.rate`; a quick run is a second and a half at twenty."""
    rate = plan.rate if not plan.quick else 20.0
    number = ceil(rate * (plan.minutes * 60 if not plan.quick else 1.5))
    pile = _filled(plan, number)
    slips.wind(pile)
    before, put_off = _size(pile.file), _looked(pile, _PUT_OFF)
    with running.server("steady", str(pile.folder), pinned=not plan.quick) as served:
        _settled(pile)
        result, samples = _soaked(plan, served, pile, number, rate)
        behind = _looked(pile, _UNSEALED)
    asyncio.run(_caught_up(pile))
    approved = _looked(pile, _APPROVED)
    if not result.answered <= approved <= result.answered + result.failed:
        raise Failed(f"{result.answered} were answered, {approved} are in the tables")
    return [
        *_times(result),
        Figure(name="soak.errors", value=float(result.failed), unit="x"),
        Figure(name="soak.late", value=float(_looked(pile, _PUT_OFF) - put_off), unit="x"),
        *_memory(samples, result),
        Figure(name="soak.log", value=max(one.log_mb for one in samples), unit="mb"),
        Figure(name="soak.file", value=(_size(pile.file) - before) * 1024 / result.answered * 1000, unit="kb"),
        Figure(name="soak.unsealed", value=float(behind), unit="x"),
    ]


def _filled(plan: Plan, number: int) -> Pile:
    """Where offices are kept, the taps are done on a copy: the slips wait for the next run as well."""
    leaders = plan.size(200, 4)
    if plan.kept is None:
        pile = Pile(folder=plan.folder / "soak", slips=number, leaders=leaders)
        asyncio.run(slips.fill(pile, tell=plan.tell))
        return pile
    kept = Pile(folder=plan.kept / f"soak-{number}", slips=number, leaders=leaders)
    asyncio.run(slips.fill(kept, tell=plan.tell))
    plan.tell("slips.copy")
    return kept.at(plan.folder / "soak")


def _soaked(
    plan: Plan, served: Server, pile: Pile, number: int, rate: float
) -> tuple[Result, list[Sample]]:
    plan.tell("slips.taps", 0, number)
    requests = plan.folder / "requests.bin"
    load.write(requests, _requests(pile, slips.cards(pile, number), rate))
    samples: list[Sample] = []
    begun = monotonic()
    with ThreadPoolExecutor(1) as pool:
        pouring = pool.submit(running.pour, served, requests, rate=rate)
        while True:
            over = wait([pouring], timeout=_EVERY_S if not plan.quick else 0.5).done
            at = monotonic() - begun
            samples.append(_sample(served, pile, at))
            if over:
                return pouring.result(), samples
            plan.tell("soak.p99", min(number, int(at * rate)), number)


def _settled(pile: Pile) -> None:
    """What a start sets going is no part of a tap; the night was done with the filling. Raises `Failed` when it takes
    too long."""
    end, quiet = monotonic() + _PATIENCE_S, 0
    while quiet < _QUIET:
        if monotonic() > end:
            raise Failed("the jobs of the night do not end")
        sleep(_LOOK_S)
        idle = _looked(pile, _JOBS, to_ms(office.clock(pile.folder).now())) == 0
        quiet = quiet + 1 if idle and _looked(pile, _BEGUN) else 0


def _requests(pile: Pile, cards: Iterable[Waiting], rate: float) -> Iterator[bytes]:
    """Each stamped for the moment at which it is to be sent: callbacks of five minutes ago are refused."""
    box, clock = Postbox(office.configuration(pile.folder)), office.clock(pile.folder)
    for number, card in enumerate(cards):
        yield raw(box.tap(card, now=clock.now() + timedelta(seconds=number / rate)))


def _sample(served: Server, pile: Pile, at: float) -> Sample:
    log = pile.file.with_name(f"{pile.file.name}-wal")
    return Sample(at=at, resident_mb=machine.resident_mb(served.process.pid), log_mb=_size(log))


def _times(result: Result) -> Iterator[Figure]:
    """Over all, with the least and the greatest minute; then minute by minute."""
    minutes = result.minutes
    for name, whole, each in (
        ("p50", result.p50_ms, [one.p50_ms for one in minutes]),
        ("p99", result.p99_ms, [one.p99_ms for one in minutes]),
        ("max", result.max_ms, [one.max_ms for one in minutes]),
    ):
        yield Figure(name=f"soak.{name}", value=whole, unit="ms", low=min(each), high=max(each), rounds=len(each))
        if name != "max" and len(each) > 1:
            yield from (Figure(name=f"soak.{name}.{n}", value=one, unit="ms") for n, one in enumerate(each, 1))


def _memory(samples: Sequence[Sample], result: Result) -> Iterator[Figure]:
    yield Figure(name="soak.resident", value=samples[-1].resident_mb, unit="mb")
    for minute in range(1, len(result.minutes) + 1):
        nearest = min(samples, key=lambda one: abs(one.at - minute * 60))
        yield Figure(name=f"soak.resident.{minute}", value=nearest.resident_mb, unit="mb")
    yield Figure(name="soak.memory", value=slope(samples, result), unit="kb")


def slope(samples: Sequence[Sample], result: Result) -> float:
    """Kilobytes more of resident memory per thousand taps, by least squares, once the run is warm; 0 for a run that
    was too short to say."""
    warm = [one for one in samples if one.at >= result.seconds * _WARM]
    if len(warm) < 2:
        return 0.0
    line = linear_regression([one.at for one in warm], [one.resident_mb * 1024 for one in warm])
    return line.slope / result.rate * 1000


def _looked(pile: Pile, sql: str, *values: int) -> int:
    """A number out of the tables, while the server goes on."""
    with closing(sqlite3.connect(f"file:{pile.file}?mode=ro", uri=True)) as database:
        return int(database.execute(sql, values).fetchone()[0])


async def _caught_up(pile: Pile) -> None:
    """What was put off and not done when the server ended is done now."""
    service = await office.opened(pile.folder)
    try:
        await office.catch_up(service)
    finally:
        await service.stop()


def _size(file: Path) -> float:
    """Megabytes; 0 for none."""
    return file.stat().st_size / 2**20 if file.exists() else 0.0
