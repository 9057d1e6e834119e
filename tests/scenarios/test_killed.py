"""kill -9 for the whole service, at the worst moments: one decision, one entry in the ledger, every card right.

The service is a process of its own, `officebot serve` as an office runs it, but that its clock begins where ours is and
that it can be held at a point: between commit and answer, between answer and outbox. The platforms live on here.
Killed at any moment, hundreds of times and under load: `bot/faults`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from town import DOORS, staff

from bot import roster
from bot.database.open import open_database
from connectors.sandbox.faults import Fault

ROOT = Path(__file__).parents[2]
pairs = pytest.mark.parametrize(
    ("template", "his"), [("sqlite", "wecom"), ("postgres", "dingtalk")], indirect=["template"]
)
"""Each database and each platform, not each with each: every test begins the service twice, which takes seconds."""
CHILD = """
import sys, time
from datetime import UTC, datetime, timedelta
from bot.commands import serve
from connectors.clock import MovableClock
from handlers.mailroom.answers import Answers
from handlers.mailroom.deliver import Postman

ahead, held, config = float(sys.argv[1]), sys.argv[2], sys.argv[3]
serve.SystemClock = lambda: MovableClock(datetime.now(UTC) + timedelta(seconds=ahead))

def no_further(self, copy):  # the answer would leave in this very turn of the loop: nobody else may have one
    print("committed", flush=True)
    time.sleep(3600)

async def nothing(self, limit):
    return []

if held == "committed":
    Answers.note = no_further
if held == "answered":
    Postman._claim = nothing
from bot.__main__ import main
main(["serve", "--config", config])
"""


class Service:
    """The process; `await start(held=...)` again after `kill` is the restart."""

    def __init__(self, town, folder, database_url):
        self.town, self.folder, self.url = town, folder, database_url
        self.process = None

    async def start(self, *, held="nothing"):
        ahead = (self.town.clock.now() - datetime.now(UTC)).total_seconds()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, str(ahead), held, str(self.folder / "office.yaml"),
            cwd=ROOT, env={**os.environ, **self._variables()},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await self.says("服务已启动")
        gateway = self.town.fake("dingtalk").gateway
        await self.town.until(lambda: gateway.sockets, "the stream connects")

    async def says(self, words):
        async with asyncio.timeout(180):  # a busy machine is no failure
            while words not in (line := (await self.process.stdout.readline()).decode()):
                assert line, "the service ended by itself"

    async def kill(self):
        self.process.kill()
        await self.process.communicate()
        gateway = self.town.fake("dingtalk").gateway
        await self.town.until(lambda: not gateway.sockets, "the platform notices")

    def _variables(self):
        """What the sample's office.yaml leaves open, as it was made up for this town."""
        settings = self.town.configuration.settings
        wecom, dingtalk = (next(a for a in settings.accounts if a.name == DOORS[p]) for p in ("wecom", "dingtalk"))
        return {
            "DEMO_PUBLIC_URL": self.town.address,
            "DEMO_WECOM_SECRET": wecom.secret.get_secret_value(),
            "DEMO_WECOM_TOKEN": wecom.token.get_secret_value(),
            "DEMO_WECOM_AES_KEY": wecom.encoding_aes_key.get_secret_value(),
            "DEMO_WECOM_URL": wecom.base_url,
            "DEMO_DINGTALK_SECRET": dingtalk.client_secret.get_secret_value(),
            "DEMO_DINGTALK_TOKEN": dingtalk.token.get_secret_value(),
            "DEMO_DINGTALK_AES_KEY": dingtalk.encoding_aes_key.get_secret_value(),
            "DEMO_DINGTALK_CARD_SECRET": dingtalk.api_secret.get_secret_value(),
            "DEMO_DINGTALK_URL": dingtalk.api_base,
            "DEMO_SIGNING_KEY": settings.security.signing_key.get_secret_value(),
            "DEMO_DATABASE": self.url,
        }


@pytest.fixture
async def open_service(open_town, database_url, tmp_path):
    """`town, service = await open_service(...)`: the process is not yet started."""
    opened = []

    async def made(**people):
        town = await open_town(people=staff(**people), serve=False)
        folder = tmp_path / "office0"
        text = (folder / "office.yaml").read_text(encoding="utf-8")
        text = text.replace("port: 8080", f"port: {town.port}").replace("sqlite://data/demo.db", "${DEMO_DATABASE}")
        (folder / "office.yaml").write_text(text, encoding="utf-8")
        town.free_port()
        database = open_database(database_url)
        await database.write(lambda tx: roster.bring_in(tx, town.configuration, now=town.clock.now()))
        town.service = SimpleNamespace(database=database, url=database_url)
        service = Service(town, folder, database_url)
        opened.append((town, service, database))
        return town, service

    yield made
    for town, service, database in opened:
        if service.process is not None and service.process.returncode is None:
            service.process.kill()
            await service.process.communicate()
        town.service = None
        await database.close()


async def everything_is_right(town, his):
    """One decision, one entry, and every phone shows it."""
    await town.card("wecom", "zhangsan", "年假3天：已同意")
    await town.card(his, "lisi", "张三的年假3天：已同意")
    await town.text("wecom", "wangwu", "张三的年假3天：已同意")
    await town.until(lambda: _sent(town), "nothing is left to send")
    decided = await town.rows("SELECT act FROM decision WHERE act IN ('approve', 'reject')")
    assert [row["act"] for row in decided] == ["approve"]
    assert await town.moves() == ["grant", "hold", "consume"]
    cards = town.cards("wecom", "zhangsan", "年假3天") + town.cards(his, "lisi", "年假3天")
    assert not [card for card in cards if {"同意", "驳回", "提交"} & {b.text for b in card.buttons if not b.dead}]
    assert not await town.rows("SELECT id FROM outbox WHERE state = 'dead'")


async def after_the_leases(town):
    """What the dead process had in its hands is anybody's after a minute; WeCom's repetitions come as well."""
    town.clock.forward(timedelta(minutes=2))


@pairs
async def test_between_commit_and_answer(open_service, his):
    town, service = await open_service(li=his)
    await service.start()
    asked = await town.asked("wecom", his)
    await town.until(lambda: _sent(town), "everything is out")
    await service.kill()
    await after_the_leases(town)
    await service.start(held="committed")
    tapping = asyncio.ensure_future(town.tap(his, "lisi", asked, "同意"))
    await service.says("committed")
    assert await town.moves() == ["grant", "hold", "consume"]
    await service.kill()
    await after_the_leases(town)
    await tapping
    await service.start()
    town.clock.forward(timedelta(seconds=10))
    await everything_is_right(town, his)


@pairs
async def test_between_answer_and_outbox(open_service, his):
    town, service = await open_service(li=his)
    await service.start()
    asked = await town.asked("wecom", his)
    await town.until(lambda: _sent(town), "everything is out")
    await service.kill()
    await after_the_leases(town)
    await service.start(held="answered")
    await town.tap(his, "lisi", asked, "同意")
    await town.until(lambda: _answered(town, his), "the tap is answered")
    await town.until(lambda: _decided(town), "and decided")
    assert not town.cards("wecom", "zhangsan", "年假3天：已同意")
    await service.kill()
    await after_the_leases(town)
    await service.start()
    await everything_is_right(town, his)


@pairs
async def test_with_every_letter_in_the_air(open_service, his):
    """The platform carries the calls out and the process dies before it hears of it."""
    town, service = await open_service(li=his)
    await service.start()
    asked = await town.asked("wecom", his)
    await town.until(lambda: _sent(town), "everything is out")
    for platform in {"wecom", his}:
        town.fake(platform).faults.add(Fault("slow", "api", times=-1, seconds=30.0))
    await town.tap(his, "lisi", asked, "同意")
    await town.until(lambda: _decided(town), "it is decided")
    await town.until(lambda: _flying(town), "letters are in the air")
    await service.kill()
    for platform in {"wecom", his}:
        town.fake(platform).faults.clear()
    await after_the_leases(town)
    await service.start()
    await everything_is_right(town, his)


async def _sent(town):
    return not await town.rows("SELECT id FROM outbox WHERE state = 'waiting'")


async def _decided(town):
    return await town.rows("SELECT id FROM item WHERE state = 'approved'")


async def _flying(town):
    return await town.rows("SELECT id FROM outbox WHERE flying = 1")


async def _answered(town, platform):
    name = {"wecom": "template_card_event", "dingtalk": "card/instances/callback"}[platform]
    lines = [line for line in town.fake(platform).trace.lines if line.direction == "out" and name in line.name]
    return lines and lines[-1].status == "200"
