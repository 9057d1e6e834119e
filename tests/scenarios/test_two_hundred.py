"""Two hundred people on two platforms: answers in any order, twice, late; an exact roster, only the silent chased."""

from __future__ import annotations

import random
from collections import Counter

from handlers.notice import rules, store
from handlers.transaction import from_ms

PEOPLE = 200
HEAD = "姓名,部门,职务,上级,参加工作时间,性别,手机,工号,企业微信,钉钉"
BOSSES = """孙立新,中心领导,主任,,1994-07-01,男,,001,sunlixin,
李四,办公室,办公室主任,孙立新,2006-07-01,男,,003,lisi,
王五,人事科,科长,孙立新,2001-07-01,女,,005,wangwu,
陈静,办公室,科员,李四,2018-07-01,女,,006,chenjing,"""


def crowd():
    rows = [HEAD, *BOSSES.splitlines()]
    for number in range(PEOPLE):
        account = f"clerk{number}," if number % 2 else f",clerk{number}"
        rows.append(f"职员{number},第{number % 10}科,科员,李四,2010-07-01,女,,{number + 1000},{account}")
    return "\n".join(rows) + "\n"


def place(number):
    return ("wecom" if number % 2 else "dingtalk"), f"clerk{number}"


async def test_two_hundred_answer_in_any_order_and_only_the_silent_are_reminded(open_town):
    town = await open_town(people=crowd())
    dice = random.Random(20260427)
    numbers = list(range(PEOPLE))
    dice.shuffle(numbers)
    prompt, late, silent = numbers[:140], numbers[140:160], numbers[160:]
    departments = "、".join(f"第{one}科" for one in range(10))
    await town.say("wecom", "sunlixin", f"通知 {departments}：请报送值班表。")
    draft = await town.card("wecom", "sunlixin", "请确认")
    await town.tap("wecom", "sunlixin", draft, "不涉密，提交")
    review = await town.open_card("wecom", "lisi", "请报送值班表")
    await town.tap("wecom", "lisi", review, "同意")
    await town.settled()
    await town.passing(lambda: _sent_to_all(town), "everybody has a card", seconds=5)
    (row,) = await town.rows("SELECT id, number FROM notice")
    for number in prompt:
        platform, user = place(number)
        await town.tap(platform, user, await town.open_card(platform, user, "请报送值班表"), "收到")
        if dice.random() < 0.3:  # and once more, in words
            await town.say(platform, user, f"收到 {row['number']}")
    await town.settled()
    for _ in range(4 * 24):
        await town.forward(hours=1)
    for number in late:
        platform, user = place(number)
        await town.say(platform, user, f"收到 {row['number']}")
    await town.settled()
    for _ in range(3 * 24):
        await town.forward(hours=1)
    await _roster_is_exact(town, row["id"], prompt, late, silent)
    await _nobody_is_bothered(town, prompt)


async def _sent_to_all(town):
    (row,) = await town.rows("SELECT COUNT(*) AS n FROM copy WHERE kind = 'notice.receipt'")
    return row["n"] == PEOPLE


async def _roster_is_exact(town, notice_id, prompt, late, silent):
    async def unit(tx):
        return await store.load(tx, notice_id), await store.receipts(tx, notice_id)

    notice, receipts = await town.service.database.read(unit)
    names = {row["id"]: row["name"] for row in await town.rows("SELECT id, name FROM person")}
    answered = {names[one.person] for one in receipts if rules.answered(notice, one)}
    assert answered == {f"职员{number}" for number in (*prompt, *late)}
    waited_for = {names[one.person] for one in rules.silent(notice, receipts)}
    assert waited_for == {f"职员{number}" for number in silent}
    assert len(await town.journal("notice.answered")) == len(prompt) + len(late)


async def _nobody_is_bothered(town, prompt):
    """Nobody who answered at once, nobody at night or on a day off; at most twice a day and three times in all."""
    names = {row["id"]: row["name"] for row in await town.rows("SELECT id, name FROM person")}
    rows = await town.rows("SELECT person, day, at_ms FROM notice_reminder")
    assert rows
    assert not {names[row["person"]] for row in rows} & {f"职员{number}" for number in prompt}
    assert max(Counter((row["person"], row["day"]) for row in rows).values()) <= 2
    assert max(Counter(row["person"] for row in rows).values()) <= 3
    hours = {from_ms(row["at_ms"]).astimezone(town.service.office.timezone).hour for row in rows}
    assert hours <= set(range(8, 18))
    assert not {row["day"] for row in rows} & {"2026-05-01", "2026-05-02", "2026-05-03"}
