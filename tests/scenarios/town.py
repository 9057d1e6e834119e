"""The real service on the real sandboxes over real sockets, played by hands on phones: how the scenarios are told."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import json
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot import ports, roster
from bot.app import Service
from bot.demo import world
from config.settings import Database
from connectors.clock import MovableClock

PATIENCE = 60.0
MONDAY = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)
"""09:00 in China on the last Monday before the May holiday of 2026."""

STAFF = """姓名,部门,职务,上级,参加工作时间,性别,手机,工号,企业微信,钉钉,云之家,粤政易
孙立新,中心领导,主任,,1994-07-01,男,13800000001,001,{sun}
李四,办公室,办公室主任,孙立新,2006-07-01,男,13800000003,003,{li}
张三,办公室,科员,李四,2014-07-01,男,13800000004,004,{zhang}
王五,人事科,科长,孙立新,2001-07-01,女,13800000005,005,{wang}
陈静,办公室,科员,李四,2018-07-01,女,13800000006,006,{chen}
"""
IDS = {"sun": "sunlixin", "li": "lisi", "zhang": "zhangsan", "wang": "wangwu", "chen": "chenjing"}
DOORS = {"wecom": "wecom-main", "dingtalk": "dd-main", "yunzhijia": "yzj-main", "yuezhengyi": "yzy-main"}
PLATFORMS = tuple(DOORS)


def staff(**places):
    """staff.csv with everybody on WeCom but who is named otherwise: `staff(zhang="dingtalk")`, `"both"` for both."""
    cells = {}
    for who, name in IDS.items():
        where = places.get(who, "wecom")
        on = ("wecom", "dingtalk") if where == "both" else (where,)
        cells[who] = ",".join(name if platform in on else "" for platform in PLATFORMS)
    return STAFF.format(**cells)


class Town:
    """One office: `await Town.open(...)`, then say, tap and look; `await close()`."""

    def __init__(self, begin=MONDAY):
        self.clock = MovableClock(begin)
        self.service = None
        self.world = None
        self._runner = None
        self._feeds = []
        self._tapped = {}  # (platform, user, message): how often the card had changed when it was tapped last

    @classmethod
    async def open(cls, folder, url, *, people=None, office=None, serve=True, begin=MONDAY):
        town = cls(begin)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "staff.csv").write_text(people or staff(), encoding="utf-8")
        text = (world.SAMPLE / "office.yaml").read_text(encoding="utf-8")
        text = _five_roles(text).replace("[吴刚]", "[陈静]").replace("[陈静, 周敏]", "[陈静]")
        if not people or "郑海" not in people:  # a driver of the sample office, which is bigger
            text = text.replace("name: 郑海", "name: 王五").replace("name: 吴刚", "name: 陈静")
        (folder / "office.yaml").write_text(office(text) if office else text, encoding="utf-8")
        town._socket = ports.bound()
        town.port = town._socket.getsockname()[1]
        town.address = f"http://127.0.0.1:{town.port}"
        town.world = await world.build(folder, clock=town.clock, public_url=town.address)
        settings = town.world.configuration.settings.model_copy(update={"database": Database(url=SecretStr(url))})
        town.configuration = dataclasses.replace(town.world.configuration, settings=settings)
        town._feeds = [(fake, fake.trace.subscribe()) for fake in town.world.fakes.values()]
        if serve:
            await town.serve()
        return town

    def without(self, name):
        """Strikes somebody off the staff list before `serve`; the platforms still know them."""
        staff = tuple(row for row in self.configuration.staff if row.name != name)
        settings = self.configuration.settings
        roles = {role: tuple(one for one in who if one != name) for role, who in settings.roles.items()}
        self.configuration = dataclasses.replace(
            self.configuration, staff=staff, settings=settings.model_copy(update={"roles": roles})
        )

    async def serve(self):
        """Starts the service; again after `stop_service`, as a restart would."""
        self.service = Service(self.configuration, clock=self.clock)
        await self.service.database.write(lambda tx: roster.bring_in(tx, self.configuration, now=self.clock.now()))
        self._runner = web.AppRunner(self.service.application(), access_log=None)
        await self._runner.setup()
        await self.service.start()
        await web.SockSite(self._runner, self._socket.dup()).start()
        await self._listening()

    async def stop_service(self):
        await self._runner.cleanup()
        await self.service.stop()
        self.service = None

    def free_port(self):
        """Gives the port up for a service that is a process of its own."""
        self._socket.close()

    async def close(self):
        if self.service is not None:
            await self.stop_service()
        await self.world.stop()
        self._socket.close()

    def fake(self, platform):
        return self.world.fakes[DOORS[platform]]

    async def say(self, platform, user, text, *, chat=""):
        await self.fake(platform).say(user, text, chat=chat)

    async def tap(self, platform, user, message, text, **inputs):
        """Presses the button with these words; returns the toast."""
        button = next(b for b in message.buttons if b.text == text and not b.dead)
        self._tapped[platform, user, message.id] = message.updates
        return await self.fake(platform).tap(user, message.id, button.id, inputs=inputs)

    def messages(self, platform, user, *, chat=None):
        phone = next(p for p in self.fake(platform).phones() if p.id == user)
        # Yunzhijia's list of to-dos is no conversation: `chat="todo"` asks for it.
        chats = [one for one in phone.chats.values() if one.id != "todo"] if chat is None else [phone.chats[chat]]
        return [message for one in chats for message in one.messages]

    def cards(self, platform, user, title=""):
        return [m for m in self.messages(platform, user) if not m.mine and title in m.title]

    async def card(self, platform, user, title):
        """The newest message with this in its title, once there is one."""
        await self.until(lambda: self.cards(platform, user, title), f"{title} on {user}'s phone")
        return self.cards(platform, user, title)[-1]

    async def open_card(self, platform, user, title):
        """As `card`, but one that can still be acted on, and not the one that was tapped a moment ago and waits for its
        update: nobody takes that for the next one."""

        def found():
            cards = self.cards(platform, user, title)
            tapped = [self._tapped.get((platform, user, card.id)) for card in cards]
            return [
                card
                for card, before in zip(cards, tapped, strict=True)
                if card.updates != before and card.buttons and not all(button.dead for button in card.buttons)
            ]

        await self.until(found, f"{title} on {user}'s phone, with buttons")
        return found()[-1]

    async def text(self, platform, user, part, *, chat=None):
        """The newest text or card from the bot that has `part` anywhere in it."""

        def found():
            return [m for m in self.messages(platform, user, chat=chat) if not m.mine and part in _all(m)]

        await self.until(found, f"“{part}” on {user}'s phone")
        return found()[-1]

    async def asked(self, hers, his, request="年假 5月6日到8日 回家", *, title="张三的年假3天"):
        """张三 asks on `hers` and submits; 李四's card on `his`."""
        await self.say(hers, "zhangsan", request)
        await self.tap(hers, "zhangsan", await self.open_card(hers, "zhangsan", "请确认"), "提交")
        return await self.open_card(his, "lisi", title)

    async def until(self, holds, what):
        """Waits for a condition (maybe awaitable), looking whenever something happens on a sandbox; no sleeping."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (await found if inspect.isawaitable(found := holds()) else found):
                    await self._something(at_most=0.1)
        except TimeoutError:
            raise AssertionError(f"never happened: {what}") from None

    async def passing(self, holds, what, **step):
        """Moves the clock by `step` again and again until it holds: for what comes after pauses of unknown length."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (await found if inspect.isawaitable(found := holds()) else found):
                    await self.forward(**step)
                    await self._something(at_most=0.05)
        except TimeoutError:
            raise AssertionError(f"never happened: {what}") from None

    async def quiet(self):
        """Waits until nothing is under way: no letter can be sent now, no event that a busy machine put off is left."""
        under_way = (
            "SELECT id FROM outbox WHERE state = 'waiting' AND due_ms <= ?"
            " UNION ALL SELECT id FROM inbox WHERE state = 'pending' AND due_ms <= ?"
        )
        async with asyncio.timeout(PATIENCE):
            while await self.rows(under_way, self._ms(), self._ms()):
                await self._something(at_most=0.05)

    async def _nothing_due(self):
        return not await self.rows("SELECT id FROM due WHERE state = 'waiting' AND due_ms <= ?", self._ms())

    async def forward(self, **by):
        """Moves the one clock of the office and its platforms, and lets the scheduler see it."""
        self.clock.forward(timedelta(**by))
        if self.service is not None:
            await self.service.runner.tick()
            self.service.wake()

    async def rows(self, sql, *values):
        async def unit(tx):
            return [dict(row) for row in await tx.fetch(sql, *values)]

        return await self.service.database.read(unit)

    async def journal(self, kind):
        """The facts of this kind, in order, each with its content."""
        rows = await self.rows("SELECT * FROM journal WHERE kind = ? ORDER BY id", kind)
        return [{**row, **json.loads(row["body"])} for row in rows]

    async def moves(self):
        """The causes in the leave ledger, in order."""
        return [row["cause"] for row in await self.rows("SELECT cause FROM leave_entry ORDER BY number")]

    async def settled(self):
        """Waits until every callback under way is answered and every letter that may go now is sent."""
        await self.fake("wecom").settle()
        await self.fake("dingtalk").idle()
        await self.fake("yunzhijia").idle()
        await self.quiet()

    async def everything(self):
        """All rows of all tables, to be compared: what nothing may change, changes nothing here.

        What a start sets going (the first look at the calendar files, the rules that were due) must not fall into a
        comparison.
        """
        await self.service.calendar_watcher.look()
        await self.service.runner.tick()
        await self.until(self._nothing_due, "everything that was due is done")
        tables = await self.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            if self.service.url.startswith("sqlite")
            else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
        )
        # Sealing what is there already changes nothing of it, and comes when it comes.
        names = sorted(row["name"] for row in tables if not row["name"].startswith("seal_"))
        found = {name: await self.rows(f"SELECT * FROM {name}") for name in names}
        del found["lease"]  # taken and renewed by the clock alone
        found["counter"] = [row for row in found["counter"] if not row["name"].startswith("seal/")]
        return {name: sorted(map(repr, rows)) for name, rows in found.items()}

    async def counted(self, name, **labels):
        """A counter of /metrics, 0 while it has not been touched; summed over the labels that are left out."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.address}/metrics") as response:
            text = await response.text()
        samples = [s for family in text_string_to_metric_families(text) for s in family.samples if s.name == name]
        return sum(s.value for s in samples if labels.items() <= s.labels.items())

    async def post(self, path, **options):
        async with aiohttp.ClientSession() as session, session.post(self.address + path, **options) as response:
            return response.status, await response.read()

    def _ms(self):
        return int(self.clock.now().timestamp() * 1000)

    async def something(self):
        """Waits for the next event on any sandbox, at most a moment."""
        await self._something(at_most=0.1)

    async def _something(self, at_most=1.0):
        """The next event of any sandbox, or a moment."""
        waits = [asyncio.ensure_future(feed.get()) for _, feed in self._feeds]
        done, pending = await asyncio.wait(waits, timeout=at_most, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        return done

    async def _listening(self):
        """Stream accounts are connected: the sandbox has a socket to push to."""
        for connector in self.service.connectors.values():
            if connector.capabilities.stream:
                fake = self.world.fakes[connector.account]
                gateway = getattr(fake, "bot", None) or fake.gateway
                await self.until(lambda gateway=gateway: gateway.sockets, "the stream connects")


def _five_roles(office):
    """The sample's office.yaml for a town of five people: without the roles that only a bigger office fills."""
    kept, _, rest = office.partition("  unit_leader:")
    return kept + rest[rest.index("\n\n") + 1 :]


def _all(message):
    fields = " ".join(f"{field.name} {field.value}" for field in message.fields)
    return " ".join((message.title, message.subtitle, message.text, message.quote, message.note, message.state, fields))
