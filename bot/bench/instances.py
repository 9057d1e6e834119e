"""Several instances on one PostgreSQL behind a plain proxy: what they do together beside one alone, and what comes of a
kill and of a rolling restart (`fleet.py`)."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import ports
from bot.bench import office, running
from bot.bench.deliveries import Postbox, raw_all
from bot.bench.figures import Figure, beside, middle
from bot.bench.fleet import Fleet, Survived
from bot.bench.instance import Instance
from bot.bench.office import DAYS, Crowd, Waiting
from bot.bench.plan import Plan
from bot.bench.running import Failed

_NUMBERS = (1, 2, 4)
_DECIDED = "SELECT COUNT(*) AS n FROM item WHERE state = 'approved'"
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class _Front:
    """The proxy, as the load generator wants it."""

    port: int
    pinned: bool = False


def measure(plan: Plan) -> list[Figure]:
    """Nothing without PostgreSQL: a SQLite file has one process."""
    if not plan.postgres:
        return []
    numbers = _NUMBERS[: plan.size(3, 2)]
    return _rates(plan, numbers) + [figure for number in numbers[1:] for figure in _survival(plan, number)]


def _rates(plan: Plan, numbers: Sequence[int]) -> list[Figure]:
    """Taps a second through the proxy, in turn on offices of one, two and four instances; their cards go out
    meanwhile, to a platform that takes 50 ms a call."""
    each, rounds = plan.size(200, 12), plan.size(5, 1)
    rates: dict[int, list[float]] = {number: [] for number in numbers}
    with ExitStack() as stack:
        opened = {number: stack.enter_context(_office(plan, number, each * rounds)) for number in numbers}
        for at in range(rounds):
            for number, (folder, front, cards) in opened.items():
                plan.tell(f"instances.{number}", at + 1, rounds)
                taps = _taps(folder, cards[at * each : (at + 1) * each])
                rates[number].append(running.bombard(front, taps, folder=folder).rate)
        for folder, _, _ in opened.values():
            asyncio.run(_expect(folder, each * rounds))
    alone, *others = (middle(f"instances.{number}", rates[number], "per_s") for number in numbers)
    return [alone, *(beside(one, alone) for one in others)]


@contextmanager
def _office(plan: Plan, number: int, taps: int) -> Iterator[tuple[Path, _Front, list[Waiting]]]:
    """An office of this many instances on a database of its own, with so many cards to tap."""
    plan.tell(f"instances.{number}")
    crowd = Crowd(people=plan.size(150, 24), leaders=plan.size(75, 12))
    with running.database(plan.postgres) as url, running.server("platform") as platform:
        folder = plan.folder / f"instances{number}"
        office.furnish(folder, crowd, url=url, api=f"http://127.0.0.1:{platform.port}")
        cards = asyncio.run(_submitted(folder, crowd, DAYS[: -(-taps // crowd.people)]))
        with _running(folder, number) as front:
            yield folder, front, cards


def _survival(plan: Plan, number: int) -> list[Figure]:
    plan.tell(f"instances.{number}.takeover")
    with running.database(plan.postgres) as url:
        fleet = Fleet(
            plan.folder / f"fleet{number}", url, instances=number, people=plan.size(60, 6), jump=plan.quick,
            rolling=not plan.quick,
        )  # fmt: skip
        found: Survived = asyncio.run(fleet.sail())
    return [
        Figure(name=f"instances.{number}.takeover", value=found.takeover_s, unit="s"),
        Figure(name=f"instances.{number}.letters", value=found.letters, unit="x"),
        Figure(name=f"instances.{number}.repeats", value=found.repeats, unit="x"),
    ]


async def _submitted(folder: Path, crowd: Crowd, days: Sequence[str]) -> list[Waiting]:
    service = await office.opened(folder)
    try:
        return await office.submit(service, crowd, days)
    finally:
        await service.stop()


def _taps(folder: Path, cards: Sequence[Waiting]) -> list[bytes]:
    box, now = Postbox(office.configuration(folder)), office.clock(folder).now()
    return raw_all([box.tap(card, now=now) for card in cards])


@contextmanager
def _running(folder: Path, number: int) -> Iterator[_Front]:
    """The instances with the proxy before them."""
    env: Mapping[str, str] = json.loads((folder / office.ORDER).read_text())["env"]
    clock = office.clock(folder)
    fleet = [
        Instance(folder / "office.yaml", ports.free(), clock, log=folder / f"{at}.log", env=env) for at in range(number)
    ]
    try:
        for one in fleet:
            one.start()
        asyncio.run(_all_ready(fleet))
        with _proxy([one.port for one in fleet]) as port:
            yield _Front(port)
    finally:
        for one in fleet:
            asyncio.run(one.kill())


async def _all_ready(fleet: Sequence[Instance]) -> None:
    for one in fleet:
        await one.ready()


@contextmanager
def _proxy(ports: Sequence[int]) -> Iterator[int]:
    command = [sys.executable, "-m", "bot.bench.proxy", *map(str, ports)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(json.loads(process.stdout.readline())["port"])
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


async def _expect(folder: Path, number: int) -> None:
    """As many slips are approved as taps were answered, those included that a worker had to do. Raises `Failed`."""
    service = await office.opened(folder)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while (found := await office.count(service, _DECIDED)) < number:  # noqa: ASYNC110 other processes do it
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise Failed(f"{number} were answered, {found} are in the tables") from None
    finally:
        await service.stop()
    if found != number:
        raise Failed(f"{number} were answered, {found} are in the tables")
