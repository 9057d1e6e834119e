"""A chapter: the same acts on a good day and on a bad one, then everything compared."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot import heading, roster
from bot.database import schema
from bot.database.open import sqlite_path
from bot.faults import plan, state, stories, trouble
from bot.faults.plan import Round
from bot.faults.process import Ended, Service
from bot.faults.state import State
from bot.faults.town import Difference, Town
from bot.proofs import keys
from bot.sealing import Sealer

_HEADS_EVERY = 4
_WORTH_SAVING = 3  # rounds
_FAIR_S = 3.0
_LEASE_OVER_S = 32.0  # a killed service seals no more, and nobody else may for half a minute
_LAST_COUNT_S = 90.0  # a notice is counted a minute after the last answer


@dataclass(slots=True)
class Counts:
    """What was done to it."""

    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    extras: Counter[str] = field(default_factory=Counter)
    migrations: int = 0
    backups: int = 0
    stories: int = 0
    heads: int = 0
    repeated: int = 0
    replaced: int = 0


class Bad(Exception):
    """The first difference, in the round in which it showed."""

    def __init__(self, number: int, why: str, log: Sequence[str]) -> None:
        super().__init__(why)
        self.number = number
        self.why = why
        self.log = log


class Told:
    """Where the drill says how far it is; nothing by default."""

    def round(self, number: int, *, ideal: bool) -> None:
        """This one begins."""


async def chapter(
    folder: Path, urls: tuple[str, str], rounds: Sequence[Round], *, seed: int, told: Told, counts: Counts
) -> None:
    """`urls` are two empty databases of one kind, for the good day and for the bad one. Raises Bad."""
    ideal = await _day(folder / "ideal", urls[0], rounds, told=told, seed=seed)
    found = await _day(folder / "rough", urls[1], rounds, told=told, seed=seed, counts=counts)
    first = next(state.differences(ideal, found), None)
    if first is not None:
        raise Bad(rounds[-1].number, first, ())
    counts.stories += sum(len(one.stories) for one in rounds)
    counts.repeated += sum(found.again.values())
    counts.replaced += found.replaced


async def _day(
    folder: Path, url: str, rounds: Sequence[Round], *, seed: int, told: Told, counts: Counts | None = None
) -> State:
    """All rounds and what is there in the end; `counts` for a bad day. Raises Bad."""
    with trouble.disk(sqlite_path(url).parent) if url.startswith("sqlite") else nullcontext():
        town = await Town.build(folder, url)
        day = _Day(town, seed, counts)
        try:
            await day.open(random.Random(f"{seed}/{rounds[0].number}/migrating"))
            for one in rounds:
                told.round(one.number, ideal=counts is None)
                await day.round(one)
            return await day.close()
        except (Difference, Ended) as error:
            raise Bad(day.number, str(error), list(town.service.said)) from error
        finally:
            await day.abandon()
            await town.close()


class _Day:
    def __init__(self, town: Town, seed: int, counts: Counts | None) -> None:
        self.number = 0
        self._town = town
        self._seed = seed
        self._counts = counts
        self._running: set[asyncio.Task[None]] = set()
        self._heads = town.folder / "heads.txt"
        self._given = 0
        self._played = 0

    async def open(self, chance: random.Random) -> None:
        """Tables, staff, service."""
        town = self._town
        if self._counts is not None:
            for _ in range(chance.randrange(1, 4)):
                await town.service.run("migrate", kill_after=chance.uniform(0.02, 1.5))
                self._counts.migrations += 1
        status, said = await town.service.run("migrate")
        if status != 0:
            raise Difference(f"迁移被中断之后，officebot migrate 不能把表补完：{said}")
        if await schema.schema_state(town.url) != "current":
            raise Difference("迁移之后表不是最新的")
        await town.database.write(lambda tx: roster.bring_in(tx, town.made.configuration, now=town.clock.now()))
        await town.service.start()
        await town.service.ready()
        await town.calm()

    async def round(self, one: Round) -> None:
        self.number = one.number
        self._played += 1
        for story in one.stories:
            self._running.add(asyncio.create_task(stories.tell(self._town, story)))
        if self._counts is None:
            await self._fair()
            return
        await self._rough(one, self._counts)
        if one.number % _HEADS_EVERY == 0:
            await self._give_out()

    async def close(self) -> State:
        """Everybody ends what they began; proofs; then what is there."""
        await self._all_told()
        self._town.forward(_LAST_COUNT_S)
        await self._town.calm()
        await self._give_out()
        found = await state.of(self._town)
        if self._counts is not None:
            self._counts.heads += self._given
            if self._played >= _WORTH_SAVING:
                chance = random.Random(f"{self._seed}/{self.number}/backup")
                self._counts.backups += await _backed_up(self._town, chance)
            await _verified(self._town, self._heads)
        return found

    async def abandon(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _fair(self) -> None:
        """What a platform's limits hold up may come with the next rounds."""
        self._town.gate.set()
        await asyncio.wait(self._running, timeout=_FAIR_S)
        self._look()
        if self._running:
            await self._calm()

    async def _rough(self, one: Round, counts: Counts) -> None:
        town, wanted = self._town, one.trouble
        weather = trouble.weather(self._seed, one.number)
        town.weather(weather)
        town.gate.set()
        extra = asyncio.create_task(trouble.extra(town, wanted))
        await trouble.moment(town, wanted)
        await town.service.kill()
        counts.kills[wanted.kill] += 1
        counts.extras[wanted.extra] += bool(wanted.extra)
        town.weather(weather)  # without the rules of the moment
        town.forward(wanted.jump)
        for after in wanted.again:
            await town.service.start()
            await asyncio.sleep(after)
            await town.service.kill()
            counts.kills["starting"] += 1
        await self._restarted(extra)
        await self._calm()
        counts.faults.update(weather.drawn)

    async def _restarted(self, extra: asyncio.Task[None]) -> None:
        """Up again, by the second start at the latest: the first may have met the locked, full or lost database."""
        await self._town.service.start()
        with suppress(Ended):
            await self._town.service.ready()
        await extra
        if not self._town.service.pid:
            await self._town.service.kill()
            await self._town.service.start()
            await self._town.service.ready()

    async def _calm(self) -> None:
        await self._town.calm()
        self._look()

    def _look(self) -> None:
        """Raises what a story raised."""
        for task in [task for task in self._running if task.done()]:
            self._running.discard(task)
            task.result()

    async def _all_told(self) -> None:
        """Calm again and again until every story has come to its end."""
        while self._running:
            self._town.gate.set()
            await asyncio.wait(self._running, timeout=5.0)
            self._look()
            if self._running:
                await self._calm()
        await self._calm()

    async def _give_out(self) -> None:
        """A head, kept by somebody else."""
        configuration = self._town.made.configuration
        sealer = Sealer(self._town.database, self._town.clock, keys.folder(configuration.base))
        try:
            heading.append(self._heads, await sealer.head(patience_s=_LEASE_OVER_S))
            self._given += 1
        finally:
            await sealer.release()


async def _backed_up(town: Town, chance: random.Random) -> int:
    """Killed at its work a backup leaves a whole file or none, and the next one succeeds; how often it was killed."""
    tools, file = Service(town.config_file, town.clock), town.folder / "backup.zip"
    try:
        times = chance.randrange(1, 3)
        for number in range(times + 1):
            kill_after = chance.uniform(0.05, 1.5) if number < times else 0.0
            status, said = await tools.run("backup", str(file), kill_after=kill_after)
            if status != 0 and not kill_after:
                raise Difference(f"备份被中断之后，再做也没有成功：{said}")
            if await asyncio.to_thread(file.exists):
                status, said = await tools.run("backup", "--check", str(file))
                if status != 0:
                    raise Difference(f"备份被中断之后，留下的文件不完整：{said}")
                await asyncio.to_thread(file.unlink)
    finally:
        await tools.close()
    return times


async def _verified(town: Town, heads: Path) -> None:
    await town.service.kill()
    status, said = await town.service.run("audit", "verify", "--heads", str(heads))
    if status != 0:
        raise Difference(f"officebot audit verify 没有通过：{said}")


def chapters(seed: int, *, first: int, rounds: int) -> list[list[Round]]:
    return [plan.chapter(seed, begin, number) for begin, number in plan.chapters(first=first, rounds=rounds)]
