"""Quick opinions: whose they are, in which order they come, and that nobody sees another's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cards import approval as approval_cards
from handlers import errors
from handlers.approval import engine, store
from handlers.approval.engine import Decision, Request, Verb
from handlers.approval.language import book
from handlers.approval.language.form_model import Field, Form, Type
from handlers.approval.talk import opinions
from handlers.audit.facts import Origin
from handlers.context import Context, Office

FORM = Form(
    form="room", title="借会议室", fields={"a": Field(title="甲", type=Type.TEXT)}, opinions=("同意，用后锁门",)
)


def decision(text, *, person="li", verb=Verb.APPROVE, now):
    return Decision(step=0, person=person, verb=verb, at=now, opinion=text)


def context(tx, now, **office):
    return Context(
        tx=tx, now=now, trace="t", origin=Origin(person="li", door="test", trace="t"), office=Office(**office)
    )


@pytest.fixture
def run(database, now):
    """`await run(function)`: `function(ctx, item)` in a transaction, with an item of the form."""

    async def running(function, *, later=timedelta(), **office):
        async def unit(tx):
            ctx = context(tx, now + later, **office)
            version = await book.keep(tx, FORM, now=now)
            item = store.Item(
                request=Request(id="i1", applicant="zhang"), form="room", form_version=version, number=7, fields={},
                created=now, changed=now,
            )  # fmt: skip
            return await function(ctx, item)

        return await database.write(unit)

    return running


async def test_own_then_the_forms_then_learned_then_the_offices(run, now):
    async def written(ctx, item):
        await opinions.add(ctx, "li", "已阅，请办公室阅办")
        for text in ("按规定办", "按规定办", "只写过一次"):
            await opinions.learn(ctx, decision(text, now=now))
        return await opinions.offered(ctx, "li", item)

    offered = await run(written, opinions=("同意",))
    assert offered == ("已阅，请办公室阅办", "同意，用后锁门", "按规定办", "同意")


async def test_what_one_person_writes_nobody_else_is_offered(run, now):
    async def written(ctx, item):
        await opinions.add(ctx, "li", "李四自己的话")
        for _ in range(3):
            await opinions.learn(ctx, decision("李四常写的话", now=now))
        with pytest.raises(errors.BadRequest, match="opinion_gone"):
            await opinions.chosen(ctx, "wang", item, approval_cards.mark("李四常写的话"))
        return await opinions.offered(ctx, "wang", item)

    assert not any("李四" in text for text in await run(written))


async def test_never_more_than_a_card_has_room_for(run):
    async def written(ctx, item):
        for number in range(15):
            await opinions.add(ctx, "li", f"意见{number}")
        return await opinions.offered(ctx, "li", item)

    assert len(await run(written)) == opinions.MOST


async def test_what_was_not_used_for_long_is_not_offered_any_more(run, now):
    async def written(ctx, item):
        for _ in range(3):
            await opinions.learn(ctx, decision("过时的话", now=now))

    await run(written)
    assert "过时的话" in await run(lambda ctx, item: opinions.offered(ctx, "li", item))
    late = timedelta(days=200)
    assert "过时的话" not in await run(lambda ctx, item: opinions.offered(ctx, "li", item), later=late)


async def test_a_settled_decision_and_the_system_teach_nothing(run, now):
    async def written(ctx, item):
        for _ in range(2):
            settled = Decision(step=0, person="li", verb=Verb.APPROVE, at=now, opinion="点过的话", tapped=now)
            await opinions.learn(ctx, settled)
            await opinions.learn(ctx, decision("系统的话", person=engine.SYSTEM, now=now))
        return await ctx.tx.fetch("SELECT * FROM opinion")

    assert list(await run(written)) == []


async def test_by_number_and_never_by_a_guess(run):
    async def meant(ctx, item):
        with pytest.raises(errors.BadRequest, match="which_opinion"):
            await opinions.meant(ctx, "li", item, "5")
        with pytest.raises(errors.BadRequest, match="which_opinion"):
            await opinions.meant(ctx, "li", item, "意见88")
        asked = await opinions.meant(ctx, "li", item, "1", asked=True)
        return asked, await opinions.meant(ctx, "li", item, "意见1"), await opinions.meant(ctx, "li", item, "5号再议")

    assert await run(meant) == ("同意，用后锁门", "同意，用后锁门", "5号再议")


async def test_kept_taken_off_and_forgotten(run, now):
    async def lived(ctx, item):
        await opinions.add(ctx, "li", "甲")
        await opinions.add(ctx, "li", "乙")
        await opinions.add(ctx, "li", "甲")
        assert await opinions.own(ctx.tx, "li") == ["甲", "乙"]
        assert await opinions.remove(ctx.tx, "li", "1") == "甲"
        with pytest.raises(errors.BadRequest, match="no_opinion"):
            await opinions.remove(ctx.tx, "li", "9")
        with pytest.raises(errors.BadRequest, match="opinion_too_long"):
            await opinions.add(ctx, "li", "长" * 101)
        await opinions.learn(ctx, decision("学到的", now=now))
        return await opinions.forget(ctx.tx, "li"), await opinions.own(ctx.tx, "li")

    assert await run(lived) == (1, ["乙"])
