"""One office with its platforms and the hands on its phones, here; its service is a process that may be gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from bot import ports
from bot.database.open import OpenDatabase, open_database
from bot.demo import world
from bot.demo.world import SAMPLE, World
from bot.faults import plan
from bot.faults.process import Ended, Service
from connectors.clock import MovableClock
from connectors.dingtalk.fake import views
from connectors.sandbox.phones import Message
from handlers.errors import DatabaseBusy
from handlers.transaction import Row, Transaction, to_ms

T = TypeVar("T")

MONDAY = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)
"""09:00 in China on the last Monday before the May holiday."""
ACCOUNTS = {"wecom": "wecom-main", "dingtalk": "dd-main"}
_PATIENCE_S = 120.0
_STEP_S = 31.0  # as long as the lease of a stream
_SLICE_S = 0.7
_TRIES = 30  # most are made in bad weather; in fair weather the first succeeds
_FAILED = views.TOAST["error"]


class Difference(Exception):
    """Something is not as it is without faults; the text says what, in Chinese."""


class Person:
    """Somebody with a phone."""

    def __init__(self, name: str, user: str, platform: str) -> None:
        self.name, self.user, self.platform = name, user, platform
        self.speaking = asyncio.Lock()  # one thing after the other, as a person talks


def asker(number: int) -> Person:
    # No id is the beginning of another: answers are told by it.
    return Person(f"职员{number}", f"asker{number:02}", "wecom" if number % 2 else "dingtalk")


def leader(number: int) -> Person:
    return Person(f"主任{number}", f"leader{number}", "wecom" if number % 4 < 2 else "dingtalk")


class Town:
    """`await Town.build(...)`, then `service` may be started; `await close()`.

    `gate` is open while people act; `calm` closes it, waits until nothing is under way any more and begins a new
    `epoch`: whatever an act was to bring is there by then or never comes.
    """

    def __init__(self, folder: Path, made: World, url: str) -> None:
        self.folder = folder
        self.made = made
        self.url = url
        self.clock = made.clock
        self.config_file = folder / "office.yaml"
        self.service = Service(self.config_file, self.clock)
        self.database: OpenDatabase = open_database(url)
        self.askers = [asker(number) for number in range(plan.ASKERS)]
        self.leaders = [leader(number) for number in range(plan.LEADERS)]
        self.gate = asyncio.Event()
        self.epoch = 0
        self.acting = 0
        self._answers: list[str] = []  # what a platform got a success for, as it was sent
        self._pulse = asyncio.Event()
        self._listeners = [asyncio.create_task(self._listen(fake)) for fake in made.fakes.values()]

    @classmethod
    async def build(cls, folder: Path, url: str) -> Town:
        port = ports.free()
        _furnish(folder, port)
        clock = MovableClock(MONDAY)
        made = await world.build(
            folder, clock=clock, public_url=f"http://127.0.0.1:{port}", extra={"FAULTS_DATABASE": url}
        )
        return cls(folder, made, url)

    async def close(self) -> None:
        await self.service.close()
        for task in self._listeners:
            task.cancel()
        await asyncio.gather(*self._listeners, return_exceptions=True)
        await self.made.stop()
        await self.database.close()

    # --- what people do and see

    async def step(self, who: Person, what: str, act: Callable[[], Any], seen: Callable[[], T | None]) -> T:
        """Does `act` until `seen` is there. Whoever got no answer tries again when all is calm, as people do.

        `act` returns the texts by which its callback can be told, or nothing when there was nothing to press. Raises
        `Difference` when the platform had its success and nothing came of it.
        """
        for _ in range(_TRIES):
            await self.gate.wait()
            epoch, mark = self.epoch, len(self._answers)
            self.acting += 1
            try:
                told = await act()
            finally:
                self.acting -= 1
            if (found := await self._seen(seen, epoch)) is not None:
                return found
            if told is None:
                raise await self._without(who, what, "没有等到")
            taken = [line for line in self._answers[mark:] if told and all(part in line for part in told)]
            if taken:
                raise await self._without(who, what, f"平台已得到成功的应答（{taken[0]}），却没有结果")
        raise await self._without(who, what, f"试了 {_TRIES} 次，没有结果，或者没有可点的卡片")

    async def _without(self, who: Person, what: str, why: str) -> Difference:
        newest = "；".join(wording(one) for one, _ in zip(self.messages(who), range(3), strict=False))
        kept = [f"{name} {[dict(row) for row in await self.rows(sql, who.user)]}" for name, sql in _LATEST.items()]
        return Difference(f"{who.name}{what}：{why}。手机上最新的是：{newest}。库里最新的是：{'；'.join(kept)}")

    async def wait(self, who: Person, what: str, seen: Callable[[], T | None]) -> T:
        """For what comes without anything being done. Raises Difference when all is calm and it has not come."""

        async def nothing() -> None:
            return None

        return await self.step(who, what, nothing, seen)

    async def say(self, who: Person, text: str) -> Sequence[str]:
        await self._fake(who).say(who.user, text)
        return who.user, text

    async def tap(self, who: Person, find: Callable[[], Message | None], text: str) -> Sequence[str]:
        """Presses the button with these words on the card that is found; nothing where it cannot be pressed."""
        card = find()
        button = next((one for one in card.buttons if one.text == text and not one.dead), None) if card else None
        if card is None or button is None:
            return ()
        try:
            toast = await self._fake(who).tap(who.user, card.id, button.id, inputs={})
        except LookupError:  # the card has changed under the finger
            return ()
        if toast == _FAILED:  # the client heard no answer in time and says so
            return ()
        return who.user, button.id if who.platform == "wecom" else card.id

    def messages(self, who: Person) -> Iterator[Message]:
        """From the bot, newest first."""
        phone = next(one for one in self._fake(who).phones() if one.id == who.user)
        for chat in phone.chats.values():
            yield from (message for message in reversed(chat.messages) if not message.mine)

    def card(self, who: Person, *parts: str, button: str = "") -> Message | None:
        """The newest with all these words on it and, where asked for, this button alive."""
        for message in self.messages(who):
            words = wording(message)
            alive = any(one.text == button and not one.dead for one in message.buttons)
            if all(part in words for part in parts) and (alive or not button):
                return message
        return None

    def pressed(self, who: Person, *parts: str, button: str) -> bool:
        """The newest card with these words does not ask for it any more; an older one that it replaced may."""
        card = self.card(who, *parts)
        return card is not None and not any(one.text == button and not one.dead for one in card.buttons)

    # --- calm

    def weather(self, weather: Any) -> None:
        """On all platforms; None is fair."""
        for fake in self.made.fakes.values():
            fake.faults.clear()
            fake.faults.weather = weather

    async def calm(self) -> None:
        """Fair weather, nobody acts, the service is there: until nothing is under way. Raises Difference, Ended."""
        self.gate.clear()
        self.weather(None)
        await self._release_held()
        end = asyncio.get_running_loop().time() + _PATIENCE_S
        while (why := await self._unrest()) is not None:
            if not self.service.pid:
                raise Ended(self.service.end_of_log())
            if asyncio.get_running_loop().time() > end:
                raise Difference(f"{_PATIENCE_S:.0f} 秒之后仍有没办完的：{why}")
            self.forward(_STEP_S)
        self.epoch += 1
        self._beat()

    def forward(self, seconds: float) -> None:
        """The one clock of platforms and service."""
        self.clock.forward(timedelta(seconds=seconds))
        self.service.forward(seconds)

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        """Asked again while the database is away."""

        async def unit(tx: Transaction) -> list[Row]:
            return list(await tx.fetch(sql, *values))

        for _ in range(50):
            with suppress(DatabaseBusy):
                return await self.database.read(unit)
            await asyncio.sleep(0.1)
        return await self.database.read(unit)

    async def happened(self, at_most: float) -> None:
        """Something on a platform, or a new epoch."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                await self._pulse.wait()

    async def _seen(self, seen: Callable[[], T | None], epoch: int) -> T | None:
        while (found := seen()) is None and self.epoch == epoch:
            await self.happened(5.0)
        return found

    async def _unrest(self) -> str | None:
        """What is still under way after waiting a while for its end; None when nothing is."""
        begun = asyncio.get_running_loop().time()
        while True:
            why = await self._under_way()
            if why is None or asyncio.get_running_loop().time() - begun > _SLICE_S:
                return why
            await self.happened(0.1)

    async def _under_way(self) -> str | None:
        if self.acting:
            return "有人正在点按"
        if not cast("Any", self.made.fakes[ACCOUNTS["dingtalk"]]).gateway.sockets:
            return "钉钉的长连接还没有接上"  # whoever is on it could not reach the service before the next kill
        if pushing := await self._pushing():
            return f"{pushing} 还有没送完的回调"
        now = to_ms(self.clock.now())
        for name, sql in _UNREST.items():
            if rows := await self.rows(sql, *([now] * sql.count("?"))):
                return f"{name} {json.dumps([dict(row) for row in rows[:3]], ensure_ascii=False)}"
        return None

    async def _pushing(self) -> str:
        """The platforms whose callbacks have not all been answered or given up."""
        wecom, dingtalk = (cast("Any", self.made.fakes[ACCOUNTS[one]]) for one in ("wecom", "dingtalk"))
        waits = {"企业微信": asyncio.ensure_future(wecom.settle()), "钉钉": asyncio.ensure_future(dingtalk.idle())}
        # Not cancelled: that would take the callbacks with it. They end by themselves.
        await asyncio.wait(waits.values(), timeout=0.2)
        return "、".join(name for name, wait in waits.items() if not wait.done())

    async def _release_held(self) -> None:
        """A callback that was held back to come after the next one needs a next one."""
        await self.made.fakes[ACCOUNTS["wecom"]].emit("batch_job_result", {"BatchJob": {}})
        await self.made.fakes[ACCOUNTS["dingtalk"]].emit("label_conf_add", {"labelId": "7"})

    def _fake(self, who: Person) -> world.Fake:
        return self.made.fakes[ACCOUNTS[who.platform]]

    async def _listen(self, fake: world.Fake) -> None:
        feed = fake.trace.subscribe()
        while True:
            name, line = await feed.get()
            if name == "wire" and line["direction"] == "out" and line["status"] == "200" and _taken(line["answer"]):
                self._answers.append(line["plain"])
            self._beat()

    def _beat(self) -> None:
        pulse, self._pulse = self._pulse, asyncio.Event()
        pulse.set()


_UNREST = {
    "收件": "SELECT kind, state, attempts, error FROM inbox WHERE state IN ('pending', 'failed', 'dead')",
    "发件": "SELECT id, account, recipient, state, attempts, error FROM outbox WHERE state = 'dead'"
    " OR (state = 'waiting' AND not_before_ms <= ?)",
    "到期": "SELECT kind, state, attempts, error FROM due WHERE state = 'dead' OR (state = 'waiting' AND due_ms <= ?)",
}  # fmt: skip

_LATEST = {
    "收件": "SELECT id, sender, key, kind, state, received_ms, attempts, error, trace FROM inbox"
    " WHERE sender = ? ORDER BY id DESC LIMIT 8",
    "发件": "SELECT id, kind, state, key, created_ms, not_before_ms, tried_ms, sent_ms, attempts, maybe, error"
    " FROM outbox WHERE recipient = ? ORDER BY id DESC LIMIT 8",
}
"""Of one person, for the report of a difference."""


def wording(message: Message) -> str:
    """All words on a message."""
    fields = " ".join(f"{field.name} {field.value}" for field in message.fields)
    return " ".join((message.title, message.subtitle, message.text, message.quote, message.note, message.state,
                     message.source_line, fields))  # fmt: skip


def _taken(answer: str) -> bool:
    """Stream: LATER asks the platform to come again."""
    return '"LATER"' not in answer


def _sample(name: str) -> str:
    return (SAMPLE / name).read_text("utf-8")


def _furnish(folder: Path, port: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "staff.csv").write_text("\n".join([_sample("staff.csv").rstrip(), *_staff()]) + "\n", "utf-8")
    (folder / "office.yaml").write_text(_settings(port), "utf-8")


def _settings(port: int) -> str:
    """The sample's, without what comes by the hour: reminders would differ between two runs of different length."""
    text = _sample("office.yaml").replace("sqlite://data/demo.db", "${FAULTS_DATABASE}")
    text = text.replace("port: 8080", f"port: {port}").replace("remind_at_most: 3", "remind_at_most: 0")
    return text.replace("  digest_group: all\n", "")


def _staff() -> Iterator[str]:
    for number in range(plan.LEADERS):
        who = leader(number)
        yield f"{who.name},第{number}处,处长,孙立新,1996-07-01,男,,L{number:03},{_ids(who)}"
    for number in range(plan.ASKERS):
        who, boss = asker(number), plan.leader_of(number)
        yield f"{who.name},第{boss}处,科员,L{boss:03},2001-07-01,女,,P{number:03},{_ids(who)}"


def _ids(who: Person) -> str:
    return f"{who.user},,," if who.platform == "wecom" else f",{who.user},,"
