"""Interactive card, link, words: as high as the account can, lower when it cannot, once lower when it is refused."""

from __future__ import annotations

import pytest

from cards.model import Attachment, Button, Card, Choice, Field, Link, Markdown, Option, Text, Urgent
from connectors import errors
from connectors.contract import Capabilities
from connectors.refs import ChatRef, PersonRef
from handlers.mailroom import copies, ladder, outbox
from handlers.mailroom.ladder import Rung

LI, GROUP = PersonRef("dd", "li"), ChatRef("dd", "all")
PAGE = "https://bot.example.gov.cn/office/items/i3?via=dd"
ASKS = Card(
    kind="decide", title="张三的年假3天", fields=(Field("事由", "回家"),),
    buttons=(Button("同意", "a1.approve.i3.1.x"),), url=PAGE, replies="请回复“同意 3”或“驳回 3 理由”",
)  # fmt: skip
ALL = Capabilities(interactive_cards=True, cards_in_groups=True)
NONE = Capabilities(action_cards=False)


def seen(message, capabilities, *, to=LI, start=Rung.CARD):
    return [rung for rung, _ in ladder.rungs(message, to, capabilities, start=start)]


def test_a_card_with_buttons_begins_where_somebody_hears_them():
    assert seen(ASKS, ALL) == [Rung.CARD, Rung.LINK, Rung.TEXT]
    assert seen(ASKS, Capabilities()) == [Rung.CARD, Rung.LINK, Rung.TEXT]  # the connector's own action card
    assert seen(ASKS, NONE) == [Rung.LINK, Rung.TEXT]


def test_a_card_that_asks_nothing_is_shown_even_without_callbacks():
    closed = Card(kind="decide", title="张三的年假3天", state="已同意", buttons=ASKS.buttons, url=PAGE)
    assert seen(closed, NONE)[0] is Rung.CARD


def test_a_group_without_cards_gets_the_link():
    only_people = Capabilities(interactive_cards=True, action_cards=False)
    assert seen(ASKS, only_people, to=GROUP) == [Rung.LINK, Rung.TEXT]
    assert seen(ASKS, only_people) == [Rung.CARD, Rung.LINK, Rung.TEXT]


def test_without_a_page_there_is_no_link():
    kinds = Choice("k", "假种", (Option("a", "年假"),))
    choice = Card(kind="t", title="选一个", choices=(kinds,), replies="回复“年假”")
    assert seen(choice, NONE) == [Rung.TEXT]


def test_the_link_says_what_it_is_about_and_which_words_answer_it():
    (_, link), (_, words) = ladder.rungs(ASKS, LI, NONE)
    assert link == Link("张三的年假3天", "事由：回家\n请回复“同意 3”或“驳回 3 理由”", PAGE, "去办理")
    assert f"办理：{PAGE}" in words.content
    assert "请回复“同意 3”" in words.content


def test_a_long_card_keeps_its_reply_words_on_the_link():
    long = Card(kind="t", title="t", fields=(Field("事由", "很" * 900),), url=PAGE, replies="请回复“同意 3”")
    (_, link) = next(iter(ladder.rungs(long, LI, NONE, start=Rung.LINK)))
    assert link.description.endswith("…\n请回复“同意 3”")
    assert len(link.description) < 400


@pytest.mark.parametrize("message", [Link("通知", "开会", PAGE), Markdown("m", "**开会**"), Urgent("开会")])
def test_other_messages_have_words_below(message):
    assert seen(message, NONE) == [Rung.CARD, Rung.TEXT]
    assert "开会" in next(words.content for rung, words in ladder.rungs(message, LI, NONE) if rung is Rung.TEXT)


def test_words_and_files_have_nothing_below():
    assert ladder.below(Text("好"), LI, ALL, Rung.CARD) is None
    assert seen(Attachment("file", "m1"), NONE) == [Rung.CARD]
    assert ladder.below(Attachment("file", "m1"), LI, ALL, Rung.CARD) is None


class Strict:
    """Refuses the kinds of messages that it is told to, and keeps what it took."""

    account, platform = "dd", "fake"

    def __init__(self, *refuses, capabilities=ALL, unsupported=()):
        self.refuses, self.capabilities, self.unsupported = refuses, capabilities, unsupported
        self.taken, self.asked = [], []

    async def send(self, to, message, *, ref, repeated=False):
        self.asked.append(type(message))
        if isinstance(message, self.unsupported):
            raise errors.Unsupported("no way")
        if isinstance(message, self.refuses):
            raise errors.PlatformRefused("template withdrawn", code="4003")
        self.taken.append(message)
        return {"ref": ref}

    async def update(self, to, handle, card, *, ref):
        raise errors.CardSpent("said for good")

    def tapped(self, handle, code, *, now):
        return handle


@pytest.fixture
def with_platform(postman, write, watch):
    """`await with_platform(strict)` sends the card through it; returns the copy's id."""

    async def send(platform, card=ASKS):
        postman._connector = platform
        copy = await write(
            copies.open_copy, item="i3", person="p1", to=LI, kind="decide", card=card, version=1, now=watch()
        )
        await postman.empty()
        return copy

    return send


async def test_a_card_refused_for_good_goes_once_more_one_rung_lower(with_platform, write, watch, postman):
    platform = Strict(Card)
    copy = await with_platform(platform)
    assert platform.asked == [Card, Link]
    assert await write(outbox.counts) == {}
    await write(outbox.refresh, copy, Card(kind="decide", title="张三的年假3天", state="已同意"), now=watch())
    await postman.empty()
    assert [type(one) for one in platform.taken] == [Link, Text]  # the new state, not as the card that is refused


async def test_what_is_refused_lower_as_well_is_dead_and_shown(with_platform, write):
    platform = Strict(Card, Link, Text)
    await with_platform(platform)
    assert platform.asked == [Card, Link]
    (dead,) = await write(outbox.list_dead)
    assert "template withdrawn" in dead["error"]


async def test_a_platform_with_its_flags_off_gets_the_link_at_once(with_platform):
    platform = Strict(capabilities=NONE)
    await with_platform(platform)
    assert platform.asked == [Link]


async def test_what_a_connector_cannot_say_goes_down_to_words_in_one_attempt(with_platform):
    platform = Strict(unsupported=(Card, Link))
    await with_platform(platform)
    assert platform.asked == [Card, Link, Text]
    assert "请回复“同意 3”" in platform.taken[0].content


async def test_resent_by_the_operator_it_begins_at_the_top_again(with_platform, write, watch, postman):
    platform = Strict(Card, Link)
    await with_platform(platform)
    platform.refuses = ()
    (dead,) = await write(outbox.list_dead)
    assert await write(outbox.resend, dead["id"], now=watch())
    await postman.empty()
    assert [type(one) for one in platform.taken] == [Card]
