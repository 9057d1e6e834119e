"""Several instances of one office on one PostgreSQL behind a proxy, and people on phones who see what comes of it.

While they ask for leave and decide, the instance that holds every lease is killed without a word, and later all are
restarted one after the other. Afterwards tables and phones must agree: each slip decided once, each letter on its
phone once (or marked as a possible repeat, when it was in the air at the moment of the kill), nothing left over.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot import ports, roster
from bot.bench.instance import Instance
from bot.bench.office import MONDAY
from bot.bench.proxy import Proxy
from bot.bench.running import Failed
from bot.database import schema
from bot.database.open import OpenDatabase, open_database
from bot.demo import world
from bot.demo.world import SAMPLE, World
from connectors.clock import MovableClock
from connectors.sandbox.phones import Message
from handlers.transaction import Row, to_ms

T = TypeVar("T")

_ACCOUNTS = {"wecom": "wecom-main", "dingtalk": "dd-main"}
_DAY = "5月11日"
_LEADERS = 4
_AT_ONCE = 8
_PATIENCE_S = 240.0
_WHOLE_S = 1200.0
_AGAIN_S = 10.0
_LOOK_S = 0.5  # a phone may show something a moment after it was on the wire
_LEASES = "SELECT name, owner, until_ms FROM lease WHERE name LIKE 'listen:%' OR name LIKE 'post:%' OR name = 'seal'"
_UNDER_WAY = (
    "SELECT 'inbox' AS name FROM inbox WHERE state IN ('pending', 'failed')"
    " UNION ALL SELECT 'outbox' FROM outbox WHERE state = 'waiting' AND not_before_ms <= ?"
    " UNION ALL SELECT 'due' FROM due WHERE state = 'waiting' AND due_ms <= ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survived:
    """`answered` deliveries by instance, without those that the killed one had answered; `takeover_s` until every lease
    of the dead one had a new holder; `repeats` are letters that were shown twice and say so."""

    slips: int
    letters: int
    repeats: int
    answered: tuple[int, ...]
    takeover_s: float
    restart_s: float


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    user: str
    platform: str


def asker(number: int) -> Person:
    return Person(f"职员{number}", f"asker{number}", "wecom" if number % 2 else "dingtalk")


def leader(number: int) -> Person:
    return Person(f"主任{number}", f"leader{number}", "wecom" if number % 4 < 2 else "dingtalk")


class Fleet:
    """`jump`: whoever waits for a lease to run out moves the clock instead; `rolling`: all are restarted in the end.
    Both are for runs that must be short."""

    def __init__(
        self, folder: Path, url: str, *, instances: int, people: int, jump: bool = False, rolling: bool = True
    ) -> None:
        self._folder = folder
        self._url = url
        self._number = instances
        self._people = people
        self._jump = jump
        self._rolling = rolling
        self._answered = [0] * instances
        self._clock = MovableClock(MONDAY)
        self._proxy = Proxy()
        self._done = 0
        self._stirred = asyncio.Event()
        self._made: World
        self._database: OpenDatabase
        self._instances: list[Instance] = []

    async def sail(self) -> Survived:
        """Raises `Failed` with what is not as it must be."""
        await self._build()
        feeds = [asyncio.create_task(self._listen(fake)) for fake in self._made.fakes.values()]
        try:
            async with asyncio.timeout(_WHOLE_S):
                return await self._sailed()
        except TimeoutError:
            left = await self._rows(_UNDER_WAY, *[to_ms(self._clock.now())] * 2)
            raise Failed(f"{self._done} of {self._people} slips were decided, {len(left)} rows wait") from None
        finally:
            for feed in feeds:
                feed.cancel()
            await asyncio.gather(*feeds, *(one.kill() for one in self._instances), return_exceptions=True)
            await self._proxy.stop()
            await self._made.stop()
            await self._database.close()

    async def _build(self) -> None:
        """Files, platforms, tables, people; the first instance is there before the others and takes every lease."""
        self._folder.mkdir(parents=True, exist_ok=True)
        port = await self._proxy.start()
        staff = (SAMPLE / "staff.csv").read_text("utf-8").rstrip()
        (self._folder / "staff.csv").write_text("\n".join([staff, *_staff(self._people)]) + "\n", "utf-8")
        settings = (SAMPLE / "office.yaml").read_text("utf-8").replace("sqlite://data/demo.db", "${BENCH_DATABASE}")
        (self._folder / "office.yaml").write_text(settings, "utf-8")
        self._made = await world.build(
            self._folder, clock=self._clock, public_url=f"http://127.0.0.1:{port}",
            extra={"BENCH_DATABASE": self._url},
        )  # fmt: skip
        await schema.migrate(self._url)
        self._database = open_database(self._url)
        made = self._made.configuration
        await self._database.write(lambda tx: roster.bring_in(tx, made, now=self._clock.now()))
        for number in range(self._number):
            log = self._folder / f"instance-{number}.log"
            self._instances.append(Instance(self._folder / "office.yaml", ports.free(), self._clock, log=log))

    async def _sailed(self) -> Survived:
        await self._start(self._instances[:1])
        await self._until(self._all_held, "the first instance holds every lease")
        await self._start(self._instances[1:])
        stories = asyncio.create_task(self._stories())
        takeover, restart = await self._disturb(stories)
        await stories
        await self._until(self._quiet, "nothing is under way any more")
        repeats, letters = await self._check()
        for one in self._instances:
            if one.alive:
                await self._count(one)
        return Survived(
            slips=self._people, letters=letters, repeats=repeats, answered=tuple(self._answered), takeover_s=takeover,
            restart_s=restart,
        )  # fmt: skip

    async def _start(self, some: Sequence[Instance]) -> None:
        for one in some:
            one.start()
        for one in some:
            await one.ready()
        self._proxy.upstreams = [one.port for one in self._instances]

    async def _disturb(self, stories: asyncio.Task[None]) -> tuple[float, float]:
        """A kill after a third of the slips, a rolling restart after half of them."""
        await self._reached(self._people // 3, stories)
        takeover = await self._kill_first()
        if not self._rolling:
            return takeover, 0.0
        await self._reached(self._people // 2, stories)
        begun = time.monotonic()
        for one in self._instances:
            await self._count(one)
            if status := await one.stop():
                raise Failed(f"a stopped instance ended with {status}")
            await self._start([one])
        return takeover, (time.monotonic() - begun) / self._number

    async def _kill_first(self) -> float:
        before = {row["name"]: row["owner"] for row in await self._rows(_LEASES)}
        begun = time.monotonic()
        await self._instances[0].kill()
        if self._jump:
            self._forward(31)

        async def taken() -> bool:
            now = {row["name"]: row["owner"] for row in await self._held()}
            return all(now.get(name, owner) != owner for name, owner in before.items())

        await self._until(taken, "the leases of the dead instance are taken over")
        took = time.monotonic() - begun
        if self._jump:
            self._forward(61)
        if self._rolling:
            await self._start(self._instances[:1])
        return took

    # --- what people do

    async def _stories(self) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(self._story(asker(number), leader(number % _LEADERS), gate)
                               for number in range(self._people)))  # fmt: skip

    async def _story(self, who: Person, boss: Person, gate: asyncio.Semaphore) -> None:
        """A sentence, a draft, “submit”, the leader's card, “agree”, the news."""
        async with gate:
            await self._fake(who).say(who.user, f"年假 {_DAY} 回家")
            await self._tapped(who, lambda: self._card(who, "请确认", _DAY, button="提交"), "提交",
                               lambda: self._card(boss, f"{who.name}的年假", button="同意"))  # fmt: skip
            await self._tapped(boss, lambda: self._card(boss, f"{who.name}的年假", button="同意"), "同意",
                               lambda: self._card(who, "已同意"))  # fmt: skip
        self._done += 1

    async def _tapped(
        self, who: Person, card: Callable[[], Message | None], button: str, seen: Callable[[], Message | None]
    ) -> None:
        """Taps until there is something to see: whoever gets no answer taps again after a while."""
        while seen() is None:
            found = await self._seen(lambda: card() or seen(), seconds=_AGAIN_S)
            alive = next((one for one in found.buttons if one.text == button and not one.dead), None) if found else None
            if found is not None and alive is not None:
                with contextlib.suppress(LookupError):  # somebody was faster: it is dead by now
                    await self._fake(who).tap(who.user, found.id, alive.id, inputs={})
            await self._seen(seen, seconds=_AGAIN_S)

    async def _seen(self, look: Callable[[], T | None], *, seconds: float | None) -> T | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (found := look()) is None:
                    await self._stir()
                return found
        return None

    async def _stir(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_S):
                await self._stirred.wait()

    def _card(self, who: Person, *parts: str, button: str = "") -> Message | None:
        for message in self._messages(who):
            words = _wording(message)
            alive = any(one.text == button and not one.dead for one in message.buttons)
            if all(part in words for part in parts) and (alive or not button):
                return message
        return None

    def _messages(self, who: Person) -> list[Message]:
        phone = next(one for one in self._fake(who).phones() if one.id == who.user)
        return [message for chat in phone.chats.values() for message in chat.messages if not message.mine]

    def _fake(self, who: Person) -> world.Fake:
        return self._made.fakes[_ACCOUNTS[who.platform]]

    async def _listen(self, fake: world.Fake) -> None:
        feed = fake.trace.subscribe()
        while True:
            await feed.get()
            stirred, self._stirred = self._stirred, asyncio.Event()
            stirred.set()

    # --- waiting and asking

    async def _reached(self, number: int, stories: asyncio.Task[None]) -> None:
        while self._done < number and not stories.done():
            await asyncio.wait({stories}, timeout=0.05)

    async def _until(self, holds: Callable[[], Any], what: str) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while not await holds():  # noqa: ASYNC110 what another process does rings no bell here
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Failed(f"never: {what}") from None

    async def _all_held(self) -> bool:
        names = {row["name"] for row in await self._held()}
        posts = {f"post:{name}" for name in self._made.fakes}
        return posts | {"seal", "listen:dd-main"} <= names

    async def _held(self) -> Sequence[Row]:
        now = to_ms(self._clock.now())
        return [row for row in await self._rows(_LEASES) if row["until_ms"] > now and row["owner"]]

    async def _quiet(self) -> bool:
        if self._jump:
            self._forward(2)
        return not await self._rows(_UNDER_WAY, *[to_ms(self._clock.now())] * 2)

    def _forward(self, seconds: float) -> None:
        self._clock.forward(timedelta(seconds=seconds))
        for one in self._instances:
            one.forward(seconds)

    async def _rows(self, sql: str, *values: Any) -> Sequence[Row]:
        return await self._database.read(lambda tx: tx.fetch(sql, *values))

    async def _count(self, one: Instance) -> None:
        """Adds what this process has answered."""
        async with aiohttp.ClientSession() as session:
            self._answered[self._instances.index(one)] += await _deliveries(session, one.port)

    # --- what must hold

    async def _check(self) -> tuple[int, int]:
        """The number of repeated letters, and of all."""
        await self._expect("approved slips", "SELECT COUNT(*) AS n FROM item WHERE state = 'approved'", self._people)
        await self._expect("slips", "SELECT COUNT(*) AS n FROM item WHERE state <> 'discarded'", self._people)
        await self._expect("days taken", "SELECT COUNT(*) AS n FROM leave_entry WHERE cause = 'consume'", self._people)
        await self._expect("dead letters", "SELECT COUNT(*) AS n FROM outbox WHERE state = 'dead'", 0)
        await self._expect("dead events", "SELECT COUNT(*) AS n FROM inbox WHERE state = 'dead'", 0)
        found = [await self._on_phone(who) for who in _everybody(self._people)]
        return sum(repeats for repeats, _ in found), sum(number for _, number in found)

    async def _expect(self, what: str, sql: str, number: int) -> None:
        (row,) = await self._rows(sql)
        if row["n"] != number:
            raise Failed(f"{what}: {row['n']} instead of {number}")

    async def _on_phone(self, who: Person) -> tuple[int, int]:
        """Every letter sent to this phone is on it, once; raises `Failed`."""
        rows = await self._rows(
            "SELECT maybe FROM outbox WHERE account = ? AND recipient = ? AND recipient_kind = 'person'"
            " AND kind = 'send' AND state = 'sent' AND message_kind <> 'Schedule'",
            _ACCOUNTS[who.platform], who.user,
        )  # fmt: skip
        shown, perhaps = len(self._messages(who)), sum(row["maybe"] for row in rows)
        if not len(rows) <= shown <= len(rows) + perhaps:
            raise Failed(f"{who.user}: {len(rows)} letters ({perhaps} perhaps twice) and {shown} on the phone")
        return shown - len(rows), len(rows)


def _everybody(people: int) -> Iterator[Person]:
    yield from (asker(number) for number in range(people))
    yield from (leader(number) for number in range(_LEADERS))


async def _deliveries(session: aiohttp.ClientSession, port: int) -> int:
    async with session.get(f"http://127.0.0.1:{port}/metrics") as response:
        families = text_string_to_metric_families(await response.text())
        samples = [sample for family in families for sample in family.samples]
    counted = (one for one in samples if one.name == "officebot_deliveries_total")
    return int(sum(one.value for one in counted if one.labels["outcome"] == "answered"))


def _staff(people: int) -> Iterator[str]:
    for number in range(_LEADERS):
        yield f"{leader(number).name},第{number}处,处长,孙立新,1996-07-01,男,,L{number:03},{_ids(leader(number))}"
    for number in range(people):
        place = number % _LEADERS
        yield f"{asker(number).name},第{place}处,科员,L{place:03},2001-07-01,女,,P{number:03},{_ids(asker(number))}"


def _ids(who: Person) -> str:
    return f"{who.user},,," if who.platform == "wecom" else f",{who.user},,"


def _wording(message: Message) -> str:
    fields = " ".join(f"{field.name} {field.value}" for field in message.fields)
    return " ".join((message.title, message.subtitle, message.text, message.quote, message.note, message.state, fields))
