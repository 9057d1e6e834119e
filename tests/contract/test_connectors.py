"""What every connector must do, said once and tried with each platform's rig (rigs/README.md)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cards.model import Article, Button, Card, Choice, Field, Link, Markdown, News, Option, Style, Text, Tone, Urgent
from connectors.contract import Challenge
from connectors.errors import CardSpent, Rejected, Unsupported
from connectors.events import ButtonPressed, TextReceived, Unknown, dump, load
from connectors.refs import PersonRef

SLIP = Card(
    kind="approval.decide",
    title="请假申请",
    subtitle="张三 年假 2 天",
    source="机关事务中心",
    fields=(Field("申请人", "张三"), Field("时间", "5月6日至5月8日"), Field("事由", "回家")),
    buttons=(
        Button("同意", "a1.approve.item-1.3.0123456789abcdef01234567", Style.PRIMARY),
        Button("退回", "a1.return.item-1.3.76543210fedcba9876543210", Style.DANGER),
    ),
    url="https://bot.example.gov.cn/office/items/1",
)
CLOSED = replace(SLIP, buttons=(), state="李四已同意", tone=Tone.GOOD)
OPTIONS = tuple(Option(f"o{n}", f"第{n}项") for n in range(4))

SAMPLES = {
    "slip": SLIP,
    "closed": CLOSED,
    "without a page": replace(SLIP, url=""),
    "notice": replace(SLIP, buttons=()),
    "long": replace(SLIP, title="长" * 200, subtitle="很" * 300, note="注" * 900, quote="引" * 900),
    "many fields": replace(SLIP, fields=tuple(Field(f"第{n}个名字", "值" * 80) for n in range(15))),
    "many buttons": replace(SLIP, buttons=tuple(Button(f"按钮{n}", f"a1.b{n}.i.1.{n:024d}") for n in range(9))),
    "too many buttons": replace(SLIP, buttons=tuple(Button(f"{n}", f"a1.b{n}.i.1.{n:024d}") for n in range(40))),
    "a choice": replace(SLIP, choices=(Choice("kind", "类别", OPTIONS, ("o1",)),)),
    "check boxes": replace(SLIP, choices=(Choice("kind", "类别", OPTIONS, many=True),), buttons=SLIP.buttons[:1]),
    "two choices": replace(
        SLIP, choices=(Choice("a", "甲", OPTIONS), Choice("b", "乙", OPTIONS)), buttons=SLIP.buttons[:1]
    ),
    "a number": replace(SLIP, big=("5 天", "剩余年假")),
    "controls and signs": replace(SLIP, title="a\x00b\u2028]]>&lt;\\u0041🙂", subtitle='"quoted"\n\\'),
    "text": Text("收到"),
    "markdown": Markdown("周报", "# 待办\n> 3 项"),
    "link": Link("通知", "请阅", "https://bot.example.gov.cn/office/notices/1"),
    "news": News((Article("标题", "说明", "https://bot.example.gov.cn/1"),)),
    "urgent": Urgent("请立即处理"),
}


def admit(door, delivery, now):
    """Both steps, as the HTTP edge takes them."""
    door.verify(delivery, now=now)
    return door.read(delivery)


def taps(view):
    """The buttons that call back, as the phone shows them."""
    return [button for button in view.buttons if button.id and not button.dead and not button.url]


def newest(rig, *, kind=""):
    phone = next(phone for phone in rig.fake.phones() if phone.id == rig.user)
    shown = [message for chat in phone.chats.values() for message in chat.messages if not message.mine]
    return [message for message in shown if not kind or message.kind == kind][-1]


def called_back(rig):
    if not rig.connector.doors and not rig.connector.capabilities.stream:
        pytest.skip("nothing comes in from this account")


def me(rig):
    return PersonRef(rig.account, rig.person)


async def test_a_genuine_delivery_becomes_events_that_survive_storage(rig):
    for name, delivery in rig.good():
        door = rig.connector.doors[name]
        door.verify(delivery, now=rig.clock.now())
        found = door.read(delivery)
        assert found
        if isinstance(found, Challenge):
            assert door.answer(delivery, found, now=rig.clock.now()).body
            continue
        for event in found:
            assert event.account == rig.account
            assert event.key
            assert load(*dump(event)) == event


async def test_the_same_delivery_has_the_same_key(rig):
    called_back(rig)
    name, delivery = rig.good()[0]
    first, second = (rig.connector.doors[name].read(delivery)[0] for _ in range(2))
    assert first.key == second.key


async def test_hostile_deliveries_are_refused_with_the_right_status(rig):
    called_back(rig)
    hostile = rig.hostile()
    assert {"wrong_signature", "old", "missing", "oversize", "bad_utf8"} <= set(hostile)
    for name, (door_name, delivery, status) in hostile.items():
        door = rig.connector.doors[door_name]
        with pytest.raises(Rejected) as refused:
            admit(door, delivery, rig.clock.now())
        assert refused.value.status == status if status else 400 <= refused.value.status < 500, name


async def test_an_event_that_nobody_knows_is_kept(rig):
    called_back(rig)
    name, delivery = rig.unknown()
    door = rig.connector.doors[name]
    door.verify(delivery, now=rig.clock.now())
    (event,) = door.read(delivery)
    assert isinstance(event, Unknown)
    assert event.name
    assert event.raw


async def test_what_a_member_writes_arrives(rig):
    called_back(rig)
    await rig.fake.say(rig.user, "年假 5月6日到8日 回家")
    event = await rig.next(TextReceived)
    assert event.sender == me(rig)
    assert event.text == "年假 5月6日到8日 回家"


@pytest.mark.parametrize("name", SAMPLES)
async def test_every_sample_arrives_or_is_said_to_be_unsupported(rig, name):
    sample = SAMPLES[name]
    try:
        await rig.connector.send(me(rig), sample, ref="letter-1")
    except Unsupported:
        assert name in {"too many buttons", "without a page", "check boxes", "two choices", "a choice"}
        return
    shown = newest(rig)
    words = " ".join([shown.title, shown.text, *(article.title for article in shown.articles)])
    expected = getattr(sample, "title", "") or getattr(sample, "content", "")
    if isinstance(sample, News):
        expected = sample.articles[0].title
    assert expected.replace("\x00", "")[:4] in words or getattr(sample, "content", "")[2:6] in words


async def test_a_slip_travels_to_the_phone_and_the_tap_comes_back_and_the_card_closes(rig):
    if not rig.connector.capabilities.interactive_cards:
        pytest.skip("this account's cards are links")
    handle = await rig.connector.send(me(rig), SLIP, ref="letter-1")
    shown = newest(rig, kind="card")
    assert shown.title == "请假申请"
    assert [button.text for button in taps(shown)] == ["同意", "退回"]
    assert "申请人：张三" in " ".join([shown.text, *(f"{field.name}：{field.value}" for field in shown.fields)])

    await rig.fake.tap(rig.user, shown.id, taps(shown)[0].id, inputs={})
    event = await rig.next(ButtonPressed)
    assert event.sender == me(rig)
    assert event.payload == SLIP.buttons[0].payload
    assert event.message.id == "letter-1"

    handle = rig.connector.tapped(handle, event.code, now=rig.clock.now())
    await rig.connector.update(me(rig), handle, CLOSED, ref="letter-1")
    closed = newest(rig, kind="card")
    assert closed.id == shown.id
    assert closed.state == "李四已同意"
    assert taps(closed) == []
    assert closed.updates >= 1


async def test_a_card_can_be_closed_without_a_tap(rig):
    if not rig.connector.capabilities.interactive_cards:
        pytest.skip("this account's cards are links")
    handle = await rig.connector.send(me(rig), SLIP, ref="letter-1")
    await rig.connector.update(me(rig), handle, CLOSED, ref="letter-1")
    assert newest(rig, kind="card").state == "李四已同意"


async def test_a_card_that_cannot_be_changed_says_so_and_the_next_one_shows_the_state(rig):
    if rig.connector.capabilities.card_update:
        pytest.skip("this account's cards are changed in place")
    handle = await rig.connector.send(me(rig), SLIP, ref="letter-1")
    assert "https://bot.example.gov.cn/office/items/1" in (newest(rig).url, newest(rig).text)
    with pytest.raises(CardSpent):
        await rig.connector.update(me(rig), handle, CLOSED, ref="letter-1")
    await rig.connector.send(me(rig), CLOSED, ref="letter-2")
    assert "李四已同意" in newest(rig).text


async def test_where_nothing_can_be_tapped_a_slip_is_words_with_its_page_and_its_end_is_a_new_message(rig):
    if rig.connector.capabilities.interactive_cards:
        pytest.skip("its cards are tapped")
    handle = await rig.connector.send(me(rig), SLIP, ref="letter-1")
    shown = newest(rig)
    assert SLIP.title in f"{shown.title} {shown.text}"
    assert "5月6日至5月8日" in shown.text
    assert SLIP.url in f"{shown.url} {shown.text}"
    with pytest.raises(CardSpent):
        await rig.connector.update(me(rig), handle, CLOSED, ref="letter-1")


async def test_a_choice_comes_back_with_the_tap(rig):
    if not rig.connector.capabilities.card_choices:
        pytest.skip("this platform's cards have no choices")
    await rig.connector.send(me(rig), SAMPLES["a choice"], ref="letter-1")
    shown = newest(rig, kind="card")
    await rig.fake.tap(rig.user, shown.id, taps(shown)[0].id, inputs={"kind": ["o2"]})
    assert (await rig.next(ButtonPressed)).inputs["kind"] == ("o2",)


async def test_messages_whose_repeat_is_safe_show_once(rig):
    for name in ("slip", "text", "markdown", "link", "news"):
        sample = SAMPLES[name]
        if type(sample).__name__ not in rig.connector.capabilities.safe_repeat:
            continue
        before = len(all_shown(rig))
        for _ in range(2):
            await rig.connector.send(me(rig), sample, ref=f"again-{name}", repeated=True)
        assert len(all_shown(rig)) == before + 1, name


def all_shown(rig):
    phone = next(phone for phone in rig.fake.phones() if phone.id == rig.user)
    return [message for chat in phone.chats.values() for message in chat.messages if not message.mine]


async def test_the_directory_names_the_person(rig):
    if not rig.connector.capabilities.directory:
        pytest.skip("this platform has no directory")
    people = {person.id: person for person in await rig.connector.people()}
    departments = {department.id for department in await rig.connector.departments()}
    assert people[rig.person].name
    assert set(people[rig.person].departments) <= departments


async def test_a_revoked_token_is_renewed_without_anybody_noticing(rig):
    await rig.connector.send(me(rig), Text("一"), ref="one")
    rig.fake.revoke_tokens()
    await rig.connector.send(me(rig), Text("二"), ref="two")
    assert newest(rig).text == "二"
