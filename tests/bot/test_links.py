"""What a link is bound to, and which addresses in a message are ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from bot import links
from cards.model import Button, Card, Link, Text
from connectors.contract import Capabilities
from connectors.refs import ChatRef, PersonRef

NOW = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)
KEY, LISI, WANG = b"k" * 32, PersonRef("yzy-main", "lisi"), PersonRef("yzy-main", "wangwu")
OURS = "https://bot.example.gov.cn"


def came(address):
    parts = urlsplit(address)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def trouble(address, *owners, now=NOW, key=KEY):
    path, query = came(address)
    return links.trouble(path, query, owners, key=key, now=now)


def test_it_is_its_owners_for_three_days():
    address = links.signed(f"{OURS}/office/items/1?done=yes", to=LISI, key=KEY, now=NOW)
    assert trouble(address, WANG, LISI) is None
    assert trouble(address, LISI, now=NOW + links.LIFE - timedelta(seconds=1)) is None
    assert trouble(address, LISI, now=NOW + links.LIFE) == "link_expired"
    assert came(address)[1]["via"] == "yzy-main"
    assert "lisi" not in address


@pytest.mark.parametrize("owners", [(), (WANG,), (PersonRef("wecom-main", "lisi"),)])
def test_it_is_nobody_elses(owners):
    assert trouble(links.signed(f"{OURS}/office/items/1", to=LISI, key=KEY, now=NOW), *owners) == "link_forwarded"


@pytest.mark.parametrize(("old", "new"), [("/1?", "/2?"), ("u=1", "u=2"), ("&k=", "&k=0")])
def test_nothing_of_it_can_be_altered(old, new):
    address = links.signed(f"{OURS}/office/items/1", to=LISI, key=KEY, now=NOW).replace(old, new, 1)
    assert trouble(address, LISI) == "link_forwarded"
    assert trouble(address, LISI, key=b"o" * 32) == "link_forwarded"


def test_a_plain_address_is_no_links_business():
    assert trouble(f"{OURS}/office/items/1", LISI) is None


class Kept:
    def __init__(self, **able):
        self.page_base = able.pop("page_base", "")
        self.capabilities = Capabilities(web_login=True, **able)
        self.sent = []

    async def send(self, to, message, *, ref, repeated=False):
        self.sent.append(message)
        return {}


async def sent(message, to=LISI, **able):
    kept = Kept(**able)
    surroundings = {"office": lambda: SimpleNamespace(public_url=OURS + "/", card_key=KEY)}
    addressed = links.Addressed(kept, clock=SimpleNamespace(now=lambda: NOW), **surroundings)
    await addressed.send(to, message, ref="r")
    return kept.sent[0]


async def test_every_address_of_ours_is_bound_and_no_other():
    text = f"详情：{OURS}/office/items/1。办法见 https://www.example.gov.cn/office/x 和 {OURS}/office/forms/seal"
    found = (await sent(Text(text))).content
    assert found.count("&k=") == 2
    assert "https://www.example.gov.cn/office/x 和" in found
    card = await sent(Card(kind="k", title="t", url=f"{OURS}/office/items/1",
                           buttons=(Button("网页", url=f"{OURS}/office/items/1"),)))  # fmt: skip
    assert trouble(card.url, LISI) is None
    assert trouble(card.buttons[0].url, LISI) is None


async def test_where_cards_are_tapped_and_in_groups_an_address_stays_as_it_is():
    link = Link("t", "d", f"{OURS}/office/items/1")
    assert await sent(link, interactive_cards=True) == link
    assert await sent(link, to=ChatRef("yzy-main", "c")) == link


async def test_phones_get_the_address_that_they_can_reach():
    link = await sent(Link("t", "d", f"{OURS}/office/items/1"), page_base="https://gateway.example.gov.cn/")
    assert link.url.startswith("https://gateway.example.gov.cn/office/items/1?via=")
