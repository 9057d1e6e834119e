"""One request whose people live on different platforms, in all orders of the platforms: one item, one log.

A platform joins by its line in `town.DOORS`; where its phones hear no taps, people use the links and pages. Everybody
has an account on each, and a word (“以后发到 …”) spreads them anew before each request, so one town tells every order.
"""

from __future__ import annotations

import itertools
import re

import pytest
from hands import Client
from town import DOORS, IDS, STAFF

from cards.accounts import PLATFORMS
from handlers.approval import rebuilding, store
from handlers.audit import log

FORM = """
form: across
title: 协作单
aliases: []
category: 办公
basis: [本单位管理规定]
rule: 由直接上级和单位负责人依次审批，办完抄送人事和监督员。
secrecy: plain
retention_years: 10
summary: "{what}"
fields:
  what: {title: 事由, type: text, required: true, max_length: 60}
route:
  - step: manager
    title: 部门负责人审批
    who: {manager_of: applicant}
    if_empty: {role: admin}
  - step: unit
    title: 单位负责人审批
    who: {role: unit_leader}
    if_empty: {role: admin}
cc: [personnel, inspector]
"""
NAMES = {"zhang": "张三", "li": "李四", "sun": "孙立新", "wang": "王五", "chen": "陈静"}
"""The applicant, the two approvers in their order, who is informed, and the inspector."""


def everywhere():
    """staff.csv with everybody on every platform that the town has."""
    heads, *rows = STAFF.splitlines()
    cells = {who: ",".join([name] * len(DOORS)) for who, name in IDS.items()}
    return "\n".join([heads, *(row.format(**cells) for row in rows)]) + "\n"


def with_inspector(office):
    return office.replace("roles:\n", "roles:\n  inspector: [陈静]\n  unit_leader: [孙立新]\n", 1)


@pytest.fixture
async def town(open_town, tmp_path):
    forms = tmp_path / "office0" / "forms"
    forms.mkdir(parents=True)
    (forms / "across.yaml").write_text(FORM, encoding="utf-8")
    return await open_town(people=everywhere(), office=with_inspector)


def taps(town, platform):
    return town.service.connectors[DOORS[platform]].capabilities.interactive_cards


async def spread(town, places):
    """Each says, on a platform that hears words, where they are to be written to from now on."""
    for who, platform in places.items():
        here = platform if taps(town, platform) else "wecom"
        await town.say(here, IDS[who], f"以后发到{PLATFORMS[platform]}")
    await town.until(lambda: _preferred(town, places), "everybody is written to there")


async def _preferred(town, places):
    found = {row["name"]: row["prefer"] for row in await town.rows("SELECT name, prefer FROM person")}
    return all(found[NAMES[who]] == DOORS[platform] for who, platform in places.items())


async def ask(town, platform, number):
    if taps(town, platform):
        await town.say(platform, "zhangsan", f"协作单 第{number}件")
        await town.tap(platform, "zhangsan", await town.open_card(platform, "zhangsan", "请确认"), "提交")
        return
    async with Client(town, "zhangsan") as hands:
        await hands.open(f"/office/forms/across?via={DOORS[platform]}")
        await hands.send("/office/forms/across", once=hands.hidden("once"), what=f"第{number}件")
        assert hands.status == 200, hands.text


async def approve(town, platform, who, number):
    if taps(town, platform):
        await town.tap(platform, IDS[who], await town.open_card(platform, IDS[who], f"第{number}件"), "同意")
        return
    link = await town.text(platform, IDS[who], f"第{number}件")
    async with Client(town, IDS[who]) as hands:
        await hands.open(link.url)
        await hands.send(f"{hands.path}/acts", version=hands.hidden("version"), verb="approve")
        assert hands.status == 200, hands.text


async def test_every_order_of_the_platforms_is_one_item_with_one_log(town, database_url):
    """All orders on SQLite; on PostgreSQL one of eight, in which each platform is everybody's once."""
    orders = list(itertools.permutations(DOORS))
    if not database_url.startswith("sqlite"):
        orders = orders[::9]
    for number, order in enumerate(orders, start=1):
        places = {who: order[index % len(order)] for index, who in enumerate(NAMES)}
        await spread(town, places)
        await ask(town, places["zhang"], number)
        await approve(town, places["li"], "li", number)
        await approve(town, places["sun"], "sun", number)
        await town.until(lambda number=number: _state(town, number, "approved"), f"item {number} is decided")
        await in_order(town, number, places)
        for who, platform in places.items():
            await town.until(lambda who=who, platform=platform, number=number: told(town, platform, who, number),
                             f"{NAMES[who]} sees on {platform} how item {number} ended")  # fmt: skip
        await town.forward(minutes=2)  # so many messages a minute for one person are allowed
    await town.quiet()
    await final(town)
    assert len(await town.rows("SELECT id FROM item WHERE state <> 'draft'")) == len(orders)
    assert not await town.rows("SELECT id FROM outbox WHERE state = 'dead'")


def told(town, platform, who, number):
    """Whether the newest message about the item on this phone says how it ended: the applicant's, an approver's,
    a copy's and the inspector's alike."""
    shown = town.cards(platform, IDS[who], f"第{number}件")
    return shown and "已同意" in f"{shown[-1].title} {shown[-1].state} {shown[-1].text}"


async def _state(town, number, state):
    return await town.rows("SELECT id FROM item WHERE number = ? AND state = ?", number, state)


async def in_order(town, number, places):
    """One log: the acts in their order, each by the account it came from, and the tables are what the log says."""

    async def unit(tx):
        item = await store.numbered(tx, number)
        facts = await log.read(tx, item.id)
        decided = [fact.origin.account for fact in facts if fact.kind == "approval.step_decided"]
        return item.request == rebuilding.rebuilt(facts), decided

    same, accounts = await town.service.database.read(unit)
    assert same
    assert accounts[-2:] == [DOORS[places["li"]], DOORS[places["sun"]]]
    rows = await town.rows(
        "SELECT p.name, c.account, c.kind FROM copy c JOIN person p ON p.id = c.person JOIN item i ON i.id = c.item"
        " WHERE i.number = ?",
        number,
    )
    where = {(NAMES[who], DOORS[platform]) for who, platform in places.items()}
    assert {(row["name"], row["account"]) for row in rows} <= where | {("张三", DOORS["wecom"])}
    assert {row["name"] for row in rows} == set(NAMES.values())


async def final(town):
    """The newest card of every item on every phone asks for nothing, and no to-do is open.

    WeCom lets a card be changed once per tap: an older one may stand above it, which answers with the present state.
    """
    for platform, user in itertools.product(DOORS, IDS.values()):
        shown = {}
        for message in town.cards(platform, user, "第"):
            shown[re.search(r"第(\d+)件", message.title)[1]] = message
        assert [one.title for one in shown.values() if _acts(one)] == [], f"{platform} {user}"
    todos = [one for user in IDS.values() for one in town.messages("yunzhijia", user, chat="todo")] if (
        "yunzhijia" in DOORS
    ) else []  # fmt: skip
    assert all(one.state == "已办" for one in todos)


def _acts(message):
    return message.buttons and not all(button.dead for button in message.buttons)
