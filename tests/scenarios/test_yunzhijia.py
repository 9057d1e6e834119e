"""An office on Yunzhijia: taps, the list of to-dos, pages by ticket, a bad day; with cards, with links, by socket."""

from __future__ import annotations

import aiohttp
from town import IDS, STAFF, staff
from yarl import URL

from bot.dispatch import Dispatcher
from connectors.sandbox.faults import Fault

REQUEST = "年假 5月6日到8日 回家"
LEADER = {"people": staff(li="yunzhijia")}


def everywhere():
    """Everybody on WeCom and on Yunzhijia."""
    heads, *rows = STAFF.splitlines()
    cells = {who: f"{name},,{name}," for who, name in IDS.items()}
    return "\n".join([heads, *(row.format(**cells) for row in rows)]) + "\n"


def without_cards(office):
    """The same account where nobody has made a template: messages become text with a link."""
    return "\n".join(line for line in office.splitlines() if not line.strip().startswith("card_"))


def todos(town):
    return town.messages("yunzhijia", "lisi", chat="todo")


async def asked(town):
    await town.say("wecom", "zhangsan", REQUEST)
    await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "请确认"), "提交")


async def approved(town):
    await town.until(lambda: town.cards("wecom", "zhangsan", "年假3天：已同意"), "the applicant's card shows it")


async def test_a_decision_on_the_card_ends_the_to_do(open_town):
    town = await open_town(**LEADER)
    await asked(town)
    card = await town.open_card("yunzhijia", "lisi", "张三的年假3天")
    (item,) = todos(town)
    assert not item.state
    await town.tap("yunzhijia", "lisi", card, "同意")
    await approved(town)
    await town.until(lambda: todos(town)[0].state == "已办", "the to-do is done")
    await town.quiet()
    private = town.fake("yunzhijia").cards.cards[card.id]
    assert "已同意" in private.base["title"] + private.base["state"]  # both states were told
    assert not any(private.private["lisi"][f"b{n}_payload"] for n in range(2, 7))


async def test_one_tap_in_the_list_of_to_dos_agrees(open_town, monkeypatch):
    # What takes longer is named to nobody (`yunzhijia.md` 4), and a busy machine is no failure.
    monkeypatch.setitem(Dispatcher.__init__.__kwdefaults__, "budget", 60.0)
    town = await open_town(**LEADER)
    await asked(town)
    await town.until(lambda: todos(town), "the to-do")
    (item,) = todos(town)
    assert await town.tap("yunzhijia", "lisi", item, "同意") == ""
    await approved(town)
    assert todos(town)[0].state == "已办"
    decision = (await town.journal("approval.step_decided"))[-1]
    assert decision["account"] == "yzj-main"


async def test_a_tap_that_comes_twice_decides_once(open_town):
    town = await open_town(**LEADER)
    await asked(town)
    card = await town.open_card("yunzhijia", "lisi", "张三的年假3天")
    town.fake("yunzhijia").faults.add(Fault("duplicate", "callback", "card"))
    await town.tap("yunzhijia", "lisi", card, "同意")
    await approved(town)
    await town.settled()
    assert len(await town.journal("approval.step_decided")) == 2  # the applicant's own step and the leader's


async def test_while_the_platform_is_away_the_letter_waits_and_the_card_comes_once(open_town):
    town = await open_town(**LEADER)
    fake = town.fake("yunzhijia")
    fake.faults.add(Fault("down", "api", "", times=-1))
    await asked(town)
    await town.until(lambda: fake.trace.lines, "the platform was tried")
    fake.faults.clear()
    await town.passing(lambda: town.cards("yunzhijia", "lisi", "张三的年假3天"), "the card comes later", minutes=1)
    assert len(town.cards("yunzhijia", "lisi", "张三的年假3天")) == 1


async def test_a_lost_answer_does_not_show_the_card_twice(open_town):
    town = await open_town(**LEADER)
    town.fake("yunzhijia").faults.add(Fault("lost", "api", "pubsend"))
    await asked(town)
    await town.until(lambda: town.cards("yunzhijia", "lisi", "张三的年假3天"), "the card")
    held = "SELECT id FROM outbox WHERE state = 'waiting'"
    await town.passing(lambda: _none(town, held), "the repeat is taken for sent", seconds=20)
    assert len(town.cards("yunzhijia", "lisi", "张三的年假3天")) == 1


async def _none(town, sql):
    return not await town.rows(sql)


async def test_without_templates_a_leader_decides_by_word(open_town):
    town = await open_town(**LEADER, office=without_cards)
    await asked(town)
    said = await town.text("yunzhijia", "lisi", "张三的年假3天")
    assert said.kind == "link"
    assert "/office/items/" in said.url
    assert "同意 1" in said.text
    await town.say("yunzhijia", "lisi", "同意 1")
    await approved(town)
    await town.until(lambda: todos(town)[0].state == "已办", "the to-do is done")
    await town.text("yunzhijia", "lisi", "已同意")


async def test_the_link_opens_the_page_for_whoever_the_ticket_names_and_once(open_town):
    town = await open_town(**LEADER, office=without_cards)
    await asked(town)
    said = await town.text("yunzhijia", "lisi", "张三的年假3天")
    opened = URL(town.fake("yunzhijia").opened("lisi", said.url))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(opened) as answer:
            page = await answer.text()
            assert answer.status == 200
            assert "ticket" not in str(answer.url)
        assert "张三" in page
        other = URL(town.fake("yunzhijia").opened("lisi", f"{town.address}/office/"))
        async with browser.get(other) as answer:  # signed in already: the ticket is used up all the same, and gone
            assert (answer.status, answer.url.query.get("ticket")) == (200, None)
        assert other.query["ticket"] not in town.fake("yunzhijia").world.tickets
    async with aiohttp.ClientSession() as thief, thief.get(opened) as answer:
        assert answer.status == 401
        assert "请在云之家里打开" in await answer.text()


async def test_over_the_robot_s_socket_no_address_of_ours_is_called(open_town):
    town = await open_town(
        people=staff(zhang="yunzhijia"),
        office=lambda text: text.replace("    robot_secret", "    websocket: true\n    robot_secret"),
    )
    await town.say("yunzhijia", "zhangsan", REQUEST)
    await town.card("yunzhijia", "zhangsan", "请确认：年假3天")
    fake = town.fake("yunzhijia")
    await fake.disconnect()
    await town.passing(lambda: fake.gateway.sockets, "the socket is opened again", seconds=2)
    await town.say("yunzhijia", "zhangsan", "我的假期")
    await town.card("yunzhijia", "zhangsan", "年假余额")


async def test_an_entry_stands_in_the_platform_s_calendar_and_a_hand_there_is_asked_about(open_town):
    """The hint says only that something changed; what changed is read, and the owner is asked."""
    town = await open_town(people=staff(zhang="yunzhijia"))
    fake = town.fake("yunzhijia")
    await town.say("yunzhijia", "zhangsan", "日程 周五上午10点 接待调研组 @三楼")
    await town.passing(lambda: fake.schedules("zhangsan"), "it stands there", seconds=1)
    ((id_, title),) = fake.schedules("zhangsan")
    assert title == "接待调研组"
    assert "地点：三楼" in fake.api.works.kept[id_].fields["content"]
    await town.settled()
    await town.forward(minutes=5)
    await fake.delete_schedule(id_)
    await town.settled()
    await town.forward(seconds=10)
    asked = await town.open_card("yunzhijia", "zhangsan", "日历不一致")
    await town.tap("yunzhijia", "zhangsan", asked, "恢复为本系统的")
    await town.passing(lambda: fake.schedules("zhangsan"), "it stands there again", seconds=1)


async def test_a_push_of_the_platform_s_own_approval_is_taken_in_once(open_town):
    town = await open_town(**LEADER)
    fake = town.fake("yunzhijia")
    fake.faults.add(Fault("duplicate", "callback", "approval"))
    await fake.emit("approval", {"nodeType": "END", "actionType": "reach", "eventId": "ev-7"})
    await fake.idle()
    (row,) = await town.rows("SELECT * FROM inbox WHERE kind = 'ObjectChanged'")
    assert "end.reach" in row["body"]


TURN = [{"oid": "lisi"}, {"oid": "wangwu"}]
FLOW = {"title": "采购", "applicant": "zhangsan", "status": "RUNNING", "currentApprovers": TURN}


async def pushed(town, node="USER", **fields):
    await town.fake("yunzhijia").emit("approval", {"nodeType": node, "actionType": "reach", **fields})
    await town.fake("yunzhijia").idle()


async def read_so_often(town, times):
    async def read():
        return len(await town.journal("mirror.approval_read")) == times

    await town.passing(read, f"the flow was read and written down {times} times", seconds=2)
    return (await town.journal("mirror.approval_read"))[-1]


async def test_an_approval_of_the_platform_s_own_is_read_again_written_down_and_told_where_people_are(open_town):
    """The push says that it is over; the platform says whose turn it is. Told is whoever is written to elsewhere."""
    town = await open_town(people=everywhere())
    await town.say("wecom", "wangwu", "以后发到云之家")
    await town.until(lambda: town.rows("SELECT id FROM person WHERE prefer = 'yzj-main'"), "王五 is written to there")
    fake = town.fake("yunzhijia")
    fake.api.flows["flow-1"] = FLOW
    await pushed(town, "END")
    fact = await read_so_often(town, 1)
    assert (fact["state"], len(fact["waiting"]), fact["strangers"]) == ("running", 2, 0)
    told = await town.text("wecom", "lisi", "云之家审批：采购")
    assert told.url.endswith("/cloudflow-mobile/approval/def-1/form-flow-1/flow-1")
    await pushed(town)  # again, and nothing is new

    async def read_twice():
        asked = [line for line in fake.trace.lines if line.name.endswith("getFlowStatus")]
        done = await town.rows("SELECT id FROM due WHERE kind = 'mirror.read' AND state = 'done'")
        return len(asked) == 2 and done

    await town.passing(read_twice, "it was read again", seconds=2)
    assert len(await town.journal("mirror.approval_read")) == 1
    fake.api.flows["flow-1"] = FLOW | {"status": "FINISH", "currentApprovers": []}
    await pushed(town, "END")
    assert (await read_so_often(town, 2))["state"] == "approved"
    await town.text("wecom", "zhangsan", "云之家审批已通过：采购")
    assert len(town.cards("wecom", "lisi", "云之家审批")) == 1
    assert not town.cards("yunzhijia", "lisi", "云之家审批")
    await town.settled()
    assert not [one for at in ("wecom", "yunzhijia") for one in town.cards(at, "wangwu", "云之家审批")]
    calls = {line.name.rpartition("/")[2] for line in fake.trace.lines if "/workflow/" in line.name}
    assert calls == {"getFlowStatus", "viewFormInstByFlowInstId", "findFlows"}  # nothing of it is decided by us


async def test_a_push_about_nothing_that_the_platform_knows_is_no_fact(open_town):
    """Whoever learned the key can make us look, and no more."""
    town = await open_town(**LEADER)
    await pushed(town, "END", flowInstId="flow-forged")

    async def looked():
        return await town.rows("SELECT id FROM due WHERE kind = 'mirror.read' AND state = 'done'")

    await town.passing(looked, "it was looked for", seconds=2)
    assert await town.journal("mirror.approval_read") == []
