"""A fifth, tiny, invented platform: one folder and one line in the registry make it work (style.md 6).

The whole of it stands below: a door that proves a password, a connector that keeps what it is told to send. Nothing
else of the program knows it: its account is a section of `office.yaml`, its people a column of the staff list.
"""

from __future__ import annotations

import json
import sys
from types import ModuleType

import pytest
from town import staff

from cards.model import Card
from connectors import registry
from connectors.contract import Capabilities, HttpAnswer
from connectors.errors import Rejected, Unsupported
from connectors.events import TextReceived
from connectors.refs import PersonRef

SECTION = """
  - name: pigeon-main
    platform: pigeon
    options: {password: coo}

"""
URL = "/callback/pigeon-main/loft"


class Loft:
    def __init__(self, password):
        self.password = password

    def verify(self, delivery, *, now):
        if delivery.headers.get("x-password") != self.password:
            raise Rejected("password")

    def read(self, delivery):
        slip = json.loads(delivery.body)
        sender = PersonRef(delivery.account, slip["from"])
        return [TextReceived(account=delivery.account, key=slip["id"], at=delivery.received, sender=sender,
                             text=slip["text"])]  # fmt: skip

    def answer(self, delivery, reply, *, now):
        return HttpAnswer(body=b"coo")


class Pigeon:
    platform, capabilities = "pigeon", Capabilities(action_cards=False)

    def __init__(self, account):
        self.account, self.flown = account.name, []
        self.doors = {"loft": Loft(account.options["password"].get_secret_value())}

    async def send(self, to, message, *, ref, repeated=False):
        if isinstance(message, Card):
            raise Unsupported("a pigeon carries words")
        self.flown.append((to.id, getattr(message, "content", "") or f"{message.title} {message.description}"))
        return {}

    async def close(self): ...

    async def announce(self, callbacks): ...


@pytest.fixture
async def town(open_town, monkeypatch):
    module = ModuleType("pigeon_connector")
    module.build = lambda account, *, http, clock: Pigeon(account)
    monkeypatch.setitem(sys.modules, "pigeon_connector", module)
    monkeypatch.setitem(registry.BUILDERS, "pigeon", "pigeon_connector")
    heads, *rows = staff().splitlines()
    people = [f"{heads},pigeon-main", *(f"{row},{'p-zhang' if '张三' in row.split(',')[0] else ''}" for row in rows)]
    homes = [row.replace("zhangsan,", ",") if row.startswith("张三") else row for row in people]
    office = lambda text: text.replace("\npeople:", f"{SECTION}people:")  # noqa: E731
    return await open_town(people="\n".join(homes) + "\n", office=office)


async def slip(town, text, *, number="1", password="coo"):
    body = json.dumps({"id": number, "from": "p-zhang", "text": text})
    return await town.post(URL, data=body, headers={"X-Password": password})


async def test_words_come_in_by_its_door_and_go_out_by_its_connector(town):
    pigeon = town.service.connectors["pigeon-main"]
    assert await slip(town, "年假 5月6日到8日 回家") == (200, b"coo")
    await town.until(lambda: any("请确认" in said for _, said in pigeon.flown), "a slip in words")
    assert {to for to, _ in pigeon.flown} == {"p-zhang"}


async def test_a_delivery_that_comes_twice_is_one_request(town):
    pigeon = town.service.connectors["pigeon-main"]
    for _ in range(2):
        assert (await slip(town, "年假 5月6日到8日 回家"))[0] == 200
    await town.until(lambda: any("请确认" in said for _, said in pigeon.flown), "a slip in words")
    assert len(await town.rows("SELECT id FROM item")) == 1


async def test_what_its_door_does_not_prove_is_refused(town):
    status, _ = await slip(town, "年假", password="guess")
    assert status == 403
    assert await town.rows("SELECT id FROM item") == []
