"""What administrators see of the service, and what they do about what gave up."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from eyes import fits, opened, readable
from town import DOORS

from bot.commands import status
from cards.model import Text
from connectors.events import TextReceived
from connectors.refs import PersonRef
from handlers.mailroom import inbox, outbox
from handlers.mailroom.letters import Letter

PAGE = "/office/operation"
DEAD = f"{PAGE}/dead"



async def dead_letters(town, number, *, error="PlatformRefused: message/send 60011"):
    """Letters to 李四 that gave up just now, and a piece of due work that did."""
    now = int(town.clock.now().timestamp() * 1000)

    async def unit(tx):
        for one in range(number):
            letter = Letter(to=PersonRef("wecom-main", "lisi"), message=Text("很私密的话"), key=f"t{now}/{one}")
            await outbox.post(tx, letter, now=town.clock.now())
        await tx.execute(
            "UPDATE outbox SET state = 'dead', due_ms = ?, attempts = 4, error = ? WHERE key LIKE 't%'"
            " AND state = 'waiting'",
            now, error,
        )  # fmt: skip
        await tx.execute(
            "INSERT INTO due (key, kind, payload, state, due_ms, attempts, error, owner, lease_ms, fence)"
            " VALUES (?, 'mailroom.tidy', '{}', 'dead', ?, 12, 'KeyError', '', 0, 0)", f"d{now}", now,
        )  # fmt: skip

    await town.service.database.write(unit)


async def act(browser, **form):
    await browser.post(DEAD, {"token": browser.token, **form})


async def test_what_gave_up_is_told_once_shown_and_sent_again(open_town, browser):
    town = await open_town()
    await dead_letters(town, 3)
    await town.forward(minutes=5)
    card = await town.card("wecom", "chenjing", "有4件事试了多次没有办成")
    assert card.url.startswith(f"{town.address}{DEAD}")
    await dead_letters(town, 1)
    await town.forward(minutes=5)
    await town.settled()
    assert len(town.cards("wecom", "chenjing", "没有办成")) == 1, "a digest, no flood"
    await town.forward(minutes=55)
    await town.card("wecom", "chenjing", "有2件事试了多次没有办成")

    server = town.configuration.settings.server.model_copy(update={"host": "127.0.0.1", "port": town.port})
    settings = town.configuration.settings.model_copy(update={"server": server})
    town.service.watch.forget()
    ready, said = await status.asked(replace(town.configuration, settings=settings))
    assert ready
    assert ("bad", "有 6 件没有办成的等您处理") in said

    admin = browser(town, "wecom", "chenjing")
    await admin.get(f"{DEAD}?via={DOORS['wecom']}")
    assert "收信人不在应用的可见范围里" in admin.text
    assert "李四" in admin.text
    assert "很私密的话" not in admin.text
    rows = await town.rows("SELECT id FROM outbox WHERE state = 'dead' ORDER BY id")
    await act(admin, what="letter", id=str(rows[0]["id"]), do="discard", reason="  ")
    assert (admin.status, "请写明放弃的原因" in admin.text) == (422, True)
    await act(admin, what="letter", id=str(rows[0]["id"]), do="discard", reason="已当面告知")
    assert "已放弃" in admin.text
    await act(admin, what="letter", id=str(rows[0]["id"]), do="resume")
    assert admin.status == 404
    await act(admin, what="letter", do="resume_all")
    assert "3 件已重新开始" in admin.text
    await town.settled()
    assert len([one for one in town.messages("wecom", "lisi") if one.text == "很私密的话"]) == 3
    await admin.get(DEAD)
    await act(admin, what="due", do="resume_all")
    await town.forward(seconds=1)
    assert await town.rows("SELECT id FROM due WHERE state = 'dead'") == []
    assert len(await town.journal("mailroom.work_resumed")) == 5
    discarded = (await town.journal("mailroom.work_discarded"))[0]
    assert discarded["work"] == f"letter:{rows[0]['id']}"
    assert discarded["actor"] != "system"

    clerk = browser(town, "wecom", "zhangsan")
    for address in (PAGE, DEAD):
        await clerk.get(f"{address}?via={DOORS['wecom']}")
        assert (clerk.status, "只有管理员能看" in clerk.text) == (403, True)
    await act(clerk, what="letter", do="resume_all")
    assert clerk.status == 403


async def test_an_event_that_gave_up_is_handled_after_a_word(open_town, browser):
    town = await open_town()
    event = TextReceived(
        account="wecom-main", key="k1", at=town.clock.now(), sender=PersonRef("wecom-main", "zhangsan"), text="我的假期"
    )
    failed = partial(inbox.admit, event=event, trace="t", door="app", now=town.clock.now(), state=inbox.DEAD)
    await town.service.database.write(failed)
    await town.forward(minutes=5)
    await town.card("wecom", "chenjing", "有1件事试了多次没有办成")
    admin = browser(town, "wecom", "chenjing")
    await admin.get(f"{DEAD}?via={DOORS['wecom']}")
    assert "收到的话" in admin.text
    assert "我的假期" not in admin.text
    await act(admin, what="event", id="1", do="resume")
    await town.text("wecom", "zhangsan", "年休假")


async def test_what_still_waits_is_not_told_as_given_up(open_town, browser):
    town = await open_town()

    async def unit(tx):
        letter = Letter(to=PersonRef("wecom-main", "lisi"), message=Text("很私密的话"), key="t")
        await outbox.post(tx, letter, now=town.clock.now())
        later = int(town.clock.now().timestamp() * 1000) + 3_600_000
        await tx.execute(
            "UPDATE outbox SET attempts = 3, due_ms = ?, error = 'PlatformBusy: gettoken' WHERE key = 't'", later
        )

    await town.service.database.write(unit)
    admin = browser(town, "wecom", "chenjing")
    await admin.get(f"{PAGE}?via={DOORS['wecom']}")
    assert "平台没有接通" in admin.text
    assert "三天" not in admin.text


@pytest.mark.parametrize(("enabled", "said"), [(True, "还没有备份过"), (False, "没有开每天的备份")])
async def test_backups_that_nobody_asked_for_are_not_called_punctual(enabled, said, open_town, browser):
    town = await open_town()
    town.service.watch.backups = enabled
    admin = browser(town, "wecom", "chenjing")
    await admin.get(f"{PAGE}?via={DOORS['wecom']}")
    assert said in admin.text
    assert "备份按时" not in admin.text
    assert "一切正常" not in admin.text


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_the_overview_fits_a_phone(chromium, open_street):
    town = await open_street()
    await dead_letters(town, 2)
    for size in ("phone", "desk"):
        async with opened(chromium, town, "chenjing", PAGE, size=size) as page:
            await page.get_by_text("有 3 件没有办成的等您处理").wait_for()
            await fits(page)
            await readable(page)
            await page.get_by_role("link", name="去处理").click()
            await page.get_by_role("heading", name="文字 → 李四").first.wait_for()
            await fits(page)
            await readable(page)
