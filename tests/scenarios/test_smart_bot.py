"""WeCom's smart bot beside the app (wecom.md 10.2): words come in over its own connection, cards are the app's."""

from __future__ import annotations

import pytest
from town import staff

from bot.app import Service
from connectors.wecom.fake.bot import CHAT
from handlers.mailroom import leases

BOT = """    bot_id: aibdemo0000000001
    bot_secret: "demo-bot-secret"
    bot_url: "${DEMO_WECOM_BOT_URL}"
"""


def with_bot(text):
    return text.replace('    corp_id: wwdemo0000000000001\n', '    corp_id: wwdemo0000000000001\n' + BOT)


@pytest.fixture
async def town(open_town):
    return await open_town(people=staff(), office=with_bot)


async def test_the_leave_sentence_to_the_bot_and_the_decision_on_the_apps_card(town):
    await town.say("wecom", "zhangsan", "年假 5月6日到8日 回家", chat=CHAT)
    assert (await town.text("wecom", "zhangsan", "已收到", chat=CHAT)).source == "aibot/stream"
    await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "请确认"), "提交")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的年假3天"), "同意")
    await town.text("wecom", "zhangsan", "已同意")
    assert (await town.moves())[-1] == "consume"


async def test_the_bot_comes_back_after_its_connection_was_lost_and_hears_again(town):
    bot = town.fake("wecom").bot
    await bot.drop()
    await town.passing(lambda: bot.sockets and bot.subscribed == 2, "the bot is back", seconds=1)
    await town.say("wecom", "zhangsan", "我的假期", chat=CHAT)
    await town.text("wecom", "zhangsan", "已收到", chat=CHAT)


@pytest.fixture
def asked(monkeypatch):
    """Every answer to a question for the connection's lease: the fence, or None."""
    answers, take = [], leases.take

    async def noted(tx, name, *args, **options):
        fence = await take(tx, name, *args, **options)
        if name == "listen:wecom-main":
            answers.append(fence)
        return fence

    monkeypatch.setattr("bot.holding.leases.take", noted)
    return answers


@pytest.mark.postgres
async def test_two_instances_hold_one_connection_and_the_other_one_follows(asked, town, database_url):
    if not database_url.startswith("postgres"):
        pytest.skip("SQLite has one service")
    bot = town.fake("wecom").bot
    second = Service(town.configuration, clock=town.clock)
    await second.start()
    try:
        await town.until(lambda: None in asked, "the second one has asked for the connection in vain")
        assert (bot.subscribed, len(bot.sockets)) == (1, 1)
        await town.stop_service()
        town.service = second
        await town.until(lambda: bot.subscribed == 2 and len(bot.sockets) == 1, "the second one listens")
        await town.say("wecom", "zhangsan", "我的假期", chat=CHAT)
        await town.text("wecom", "zhangsan", "已收到", chat=CHAT)
    finally:
        town.service = None
        await second.stop()
