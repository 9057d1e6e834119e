from __future__ import annotations

from datetime import timedelta

import pytest

from cards.model import Card
from connectors import errors
from connectors.contract import Capabilities
from connectors.refs import PersonRef
from handlers.mailroom import copies, outbox
from handlers.mailroom.answers import Answers
from handlers.mailroom.deliver import Postman

LI = PersonRef("dd", "li")


def words(platform, person="li"):
    return [said for to, said in platform.arrived if to.id == person]


def down(ref, attempt):
    raise errors.PlatformBusy("HTTP 503", call="send")


async def open_copy(write, watch, title="请假"):
    card = Card(kind="test", title=title)
    return await write(copies.open_copy, item="i1", person="p1", to=LI, kind="test", card=card, version=1, now=watch())


async def refresh(write, watch, copy, title, **options):
    await write(outbox.refresh, copy, Card(kind="test", title=title), now=watch(), **options)


async def test_a_letter_arrives_once(post, postman, platform):
    await post("li", "你好")
    await postman.empty()
    await postman.empty()
    assert words(platform) == ["你好"]


async def test_the_same_key_twice_is_one_letter(post, postman, platform):
    await post("li", "一", key="k")
    await post("li", "二", key="k")
    await postman.empty()
    assert words(platform) == ["一"]


async def test_a_lane_keeps_its_order(post, postman, platform):
    for number in range(20):
        await post("li", str(number))
    await postman.empty()
    assert words(platform) == [str(number) for number in range(20)]


async def test_an_urgent_lane_goes_first(database, write, post, watch):
    await post("li", "later")
    await post("wang", "now", urgent=True)
    claimed = await write(outbox.claim, account="dd", owner="one", now=watch(), limit=1)
    assert [letter.to.id for letter in claimed] == ["wang"]


async def test_a_letter_for_later_does_not_hold_up_its_lane(post, postman, platform, watch):
    await post("li", "evening", not_before=watch() + timedelta(hours=8))
    await post("li", "morning")
    await postman.empty()
    assert words(platform) == ["morning"]
    watch.forward(hours=8)
    await postman.empty()
    assert words(platform) == ["morning", "evening"]


async def test_a_platform_down_for_an_hour_gets_everything_in_order_and_nothing_twice(post, postman, platform, watch):
    platform.plan = down
    for number in range(6):
        await post("li", str(number))
        await post("wang", str(100 + number))
    for _ in range(60):
        await postman.empty()
        watch.forward(minutes=1)
    assert platform.arrived == []
    platform.plan = lambda ref, attempt: None
    watch.forward(minutes=10)
    await postman.empty()
    assert words(platform) == [str(number) for number in range(6)]
    assert words(platform, "wang") == [str(100 + number) for number in range(6)]
    assert platform.repeated == []


async def test_pauses_grow_so_that_an_hour_costs_few_attempts(post, postman, platform, watch):
    platform.plan = down
    await post("li", "x")
    for _ in range(3600):
        if watch.at.second % 10 == 0:
            await postman.empty()
        watch.forward(seconds=10)
    assert platform.attempts < 150  # ten hours: about one in ten minutes, plus the first quick ones


async def test_gives_up_after_three_days_and_shows_it(post, postman, platform, watch, write):
    platform.plan = down
    await post("li", "x")
    for _ in range(80):
        await postman.empty()
        watch.forward(hours=1)
    dead = await write(outbox.list_dead)
    assert [row["recipient"] for row in dead] == ["li"]
    platform.plan = lambda ref, attempt: None
    assert await write(outbox.resend, dead[0]["id"], now=watch())
    await postman.empty()
    assert words(platform) == ["x"]


async def test_throttling_costs_no_attempt(post, postman, platform, watch, write):
    def limited(ref, attempt):
        raise errors.Throttled("429", retry_after=30)

    platform.plan = limited
    await post("li", "x")
    for _ in range(10):
        await postman.empty()
        watch.forward(seconds=31)
    claimed = await write(outbox.claim, account="dd", owner="one", now=watch(), limit=1)
    assert platform.attempts == 10
    assert claimed[0].attempts == 1


async def test_a_refusal_is_dead_at_once_and_the_lane_goes_on(post, postman, platform, write):
    def strict(ref, attempt):
        if attempt == 1:
            raise errors.PlatformRefused("invaliduser", code="81013")

    platform.plan = strict
    await post("li", "bad")
    await post("li", "good")
    await postman.empty()
    assert words(platform) == ["good"]
    assert "81013" in (await write(outbox.list_dead))[0]["error"]


async def test_a_lost_answer_is_repeated_as_a_possible_repeat(post, postman, platform, watch):
    def lossy(ref, attempt):
        if attempt == 1:
            raise errors.Unsure("timeout")

    platform.plan = lossy
    await post("li", "x")
    await postman.empty()
    watch.forward(minutes=1)
    await postman.empty()
    assert platform.repeated == ["x"]


async def test_a_platform_that_knows_refs_is_not_told_of_repeats(post, postman, platform, watch):
    def lossy(ref, attempt):
        if attempt == 1:
            raise errors.Unsure("timeout")

    platform.capabilities = Capabilities(safe_repeat=frozenset({"Text"}))
    platform.plan = lossy
    await post("li", "x")
    await postman.empty()
    watch.forward(minutes=1)
    await postman.empty()
    assert words(platform) == ["x"]
    assert platform.repeated == []


async def test_after_a_crash_in_the_air_the_letter_is_repeated_as_such(database, post, write, platform, watch):
    await post("li", "x")
    await write(outbox.claim, account="dd", owner="killed", now=watch(), limit=5)
    watch.forward(minutes=2)
    await Postman(database, platform, watch, owner="next").empty()
    assert platform.repeated == ["x"]


async def test_a_late_worker_changes_nothing(database, post, write, platform, watch):
    await post("li", "x")
    (late,) = await write(outbox.claim, account="dd", owner="slow", now=watch(), limit=5)
    watch.forward(minutes=2)
    (current,) = await write(outbox.claim, account="dd", owner="quick", now=watch(), limit=5)
    await write(outbox.refused, late, "no", now=watch())
    assert await write(outbox.sent, current, {}, now=watch())
    assert not await write(outbox.list_dead)


async def test_the_clock_moved_past_the_lease_does_not_make_a_worker_repeat_itself(post, write, watch):
    await post("li", "x")
    await write(outbox.claim, account="dd", owner="one", now=watch(), limit=5)
    watch.forward(days=1)
    assert await write(outbox.claim, account="dd", owner="one", now=watch(), limit=5) == []


async def test_two_workers_share_the_lanes(database, post, write, watch):
    for person in ("a", "b", "c", "d"):
        await post(person, f"for {person}")
        await post(person, f"again for {person}")
    first = await write(outbox.claim, account="dd", owner="one", now=watch(), limit=2)
    second = await write(outbox.claim, account="dd", owner="two", now=watch(), limit=9)
    assert sorted(letter.to.id for letter in first + second) == ["a", "b", "c", "d"]


async def test_a_new_state_before_sending_replaces_the_card(write, watch, postman, platform):
    copy = await open_copy(write, watch)
    await refresh(write, watch, copy, "已同意")
    await postman.empty()
    assert words(platform) == ["已同意"]
    assert platform.attempts == 1


async def test_a_new_state_after_sending_updates_the_card(write, watch, postman, platform):
    copy = await open_copy(write, watch)
    await postman.empty()
    await refresh(write, watch, copy, "一")
    await refresh(write, watch, copy, "二")
    await postman.empty()
    assert platform.shown[copy] == "二"
    assert platform.attempts == 2  # the first update was never worth sending


async def test_a_new_state_while_the_card_is_in_the_air_follows_it(database, write, watch, platform):
    copy = await open_copy(write, watch)
    await write(outbox.claim, account="dd", owner="killed", now=watch(), limit=5)
    await refresh(write, watch, copy, "已同意")
    watch.forward(minutes=2)
    await Postman(database, platform, watch, owner="next").empty()
    assert words(platform) == ["请假"]
    assert platform.shown[copy] == "已同意"


async def test_one_time_codes_of_taps_reach_the_update_and_are_used_once(write, watch, postman, platform):
    copy = await open_copy(write, watch)
    await postman.empty()
    await write(copies.tapped, copy, "code-1", now=watch())
    await refresh(write, watch, copy, "一")
    await postman.empty()
    await refresh(write, watch, copy, "二")
    await postman.empty()
    assert platform.used == ["code-1"]


async def test_a_spent_card_is_replaced_and_both_refs_lead_to_the_copy(write, watch, postman, platform):
    def spent(ref, attempt):
        if attempt == 2:
            raise errors.CardSpent("no code")

    platform.plan = spent
    copy = await open_copy(write, watch)
    await postman.empty()
    await refresh(write, watch, copy, "已同意")
    await postman.empty()
    assert words(platform) == ["请假", "已同意"]
    assert platform.shown[f"{copy}-2"] == "已同意"
    found = await write(copies.find, f"{copy}-2")
    assert found.id == copy
    assert found.ref.id == f"{copy}-2"
    await refresh(write, watch, copy, "已销假")
    await postman.empty()
    assert platform.shown[f"{copy}-2"] == "已销假"


async def test_of_several_spent_cards_with_one_face_one_is_replaced(write, watch, postman, platform):
    """After three days without a decision a former proxy got the same closed card three times."""

    def spent(ref, attempt):
        if ref in held and attempt > len(held):
            raise errors.CardSpent("no code")

    held = [await open_copy(write, watch) for _ in range(3)]
    platform.plan = spent
    await postman.empty()
    await write(outbox.refresh_all, dict.fromkeys(held, Card(kind="test", title="等李四审批")), now=watch())
    await postman.empty()
    assert words(platform) == ["请假"] * 3 + ["等李四审批"]
    await write(outbox.refresh_all, dict.fromkeys(held, Card(kind="test", title="已同意")), now=watch())
    await postman.empty()
    assert words(platform) == ["请假"] * 3 + ["等李四审批"]
    assert platform.shown[f"{held[0]}-2"] == "已同意"


async def test_a_card_that_the_platform_cannot_show_goes_as_text(write, watch, postman, platform):
    class Plain(type(platform)):
        async def send(self, to, message, *, ref, repeated=False):
            if isinstance(message, Card):
                raise errors.Unsupported("cards")
            return await super().send(to, message, ref=ref, repeated=repeated)

    platform.__class__ = Plain
    await open_copy(write, watch, "请假 3 天")
    await postman.empty()
    assert words(platform)[0].startswith("请假 3 天")


async def test_a_card_whose_letter_died_is_sent_with_the_next_state(write, watch, postman, platform):
    def strict(ref, attempt):
        if attempt <= 2:  # as a card, and in words
            raise errors.PlatformRefused("no permission")

    platform.plan = strict
    copy = await open_copy(write, watch)
    await postman.empty()
    await refresh(write, watch, copy, "已同意")
    await postman.empty()
    assert words(platform) == ["已同意"]


async def test_the_answer_to_a_tap_saves_the_update_where_it_carries_the_card(database, write, watch, platform):
    platform.capabilities = Capabilities(answer_carries_card=True)
    postman = Postman(database, platform, watch, owner="one")
    copy = await open_copy(write, watch)
    await postman.empty()
    postman._answers.note(copy)
    await refresh(write, watch, copy, "已同意", skip_answer=True)
    await postman.empty()
    assert platform.attempts == 1


@pytest.mark.parametrize("told", [True, False])
async def test_another_instance_says_that_its_answer_has_shown_the_card(database, write, watch, platform, told):
    platform.capabilities = Capabilities(answer_carries_card=True)
    postman = Postman(database, platform, watch, owner="one", answers=Answers(patience=0.0))
    copy = await open_copy(write, watch)
    await postman.empty()
    await refresh(write, watch, copy, "已同意", skip_answer=True)
    if told:
        await write(outbox.went_out, copy)
    await postman.empty()
    assert platform.attempts == (1 if told else 2)


async def test_an_answer_that_never_went_out_is_made_up_for(database, write, watch, platform):
    platform.capabilities = Capabilities(answer_carries_card=True)
    postman = Postman(database, platform, watch, owner="one")
    postman._answers._patience = 0.01
    copy = await open_copy(write, watch)
    await postman.empty()
    await refresh(write, watch, copy, "已同意", skip_answer=True)
    await postman.empty()
    assert platform.shown[copy] == "已同意"


async def test_what_was_sent_long_ago_is_emptied_and_stays_known(post, postman, platform, watch, write):
    await post("li", "x")
    await postman.empty()
    watch.forward(days=90)
    assert await write(outbox.prune, before=watch() - timedelta(days=30)) == 1
    await post("li", "x")
    await postman.empty()
    assert words(platform) == ["x"]
