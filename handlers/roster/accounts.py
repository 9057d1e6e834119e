"""One person, many accounts, in the chat: 我的账号, 绑定 云之家, 绑定 482913, 以后发到企业微信.

Digits are shown on an account that is registered and typed on the one that is to be: whoever types them has both in
hand. Wrong digits are no `RuleError`, because counting them must not be rolled back.
"""

from __future__ import annotations

from collections.abc import Sequence

from cards import accounts as words
from cards.accounts import Place
from cards.model import Message, Text
from connectors.events import TextReceived
from connectors.refs import PersonRef
from handlers import senders
from handlers.audit import log
from handlers.context import Context
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.people import changes, directory, facts, link_codes, linking
from handlers.people.directory import Person
from handlers.people.link_codes import Code
from handlers.people.plan import Known
from handlers.roster import rules
from handlers.routing import PASS, Answer, Router, router


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        return await _stranger(event, ctx)
    if digits := words.code_in(event.text, bare=False):
        return await _typed(event, ctx, person, digits)
    if words.asks(event.text):
        return await _list(event, ctx, person)
    if target := words.link_to(event.text):
        return await _ask(event, ctx, person, target)
    if place := words.prefers(event.text):
        return await _prefer(event, ctx, person, place)
    return PASS


async def _stranger(event: TextReceived, ctx: Context) -> Answer:
    """An account that is nobody's: digits may make it somebody's; who only asks is told how."""
    if digits := words.code_in(event.text, bare=True):
        return await _typed(event, ctx, None, digits)
    if words.asks(event.text) or words.link_to(event.text):
        return await _say(ctx, event, Text(words.stranger()))
    return PASS


async def _list(event: TextReceived, ctx: Context, person: Person) -> Answer:
    places, others = await _places(ctx, person)
    return await _say(ctx, event, words.mine(person.name, places, others, office=ctx.office.name))


async def _ask(event: TextReceived, ctx: Context, person: Person, said: str) -> Answer:
    """Shows digits to type on the platform that was named; words that name none are another area's."""
    own = rules.of(ctx.office)
    target = said if said in own.platforms else words.platform_said(said)
    if not target:
        return PASS
    if event.chat is not None:
        return await _say(ctx, event, Text(words.in_group()))
    places, others = await _places(ctx, person)
    platform = own.platforms.get(target, target)
    if platform not in own.platforms.values():
        return await _say(ctx, event, Text(words.no_such_platform(said, [words.platform(one) for one in others])))
    have = {one.platform for one in places}
    if target == event.account or (target not in own.platforms and platform in have):
        why = "same" if own.platforms.get(event.account) == platform else "has_one"
        return await _say(ctx, event, Text(words.refused(why, here=platform)))
    if all(one in own.deaf for one, other in own.platforms.items() if target in (one, other)):
        return await _say(ctx, event, Text(words.refused("deaf", here=platform)))
    code = Code(person=person.id, target=target, asked=event.sender)
    digits = await link_codes.issue(ctx.tx, code, key=ctx.office.card_key, now=ctx.now)
    asked = facts.LinkAsked(person=person.id, account=event.account, target=target)
    await log.record(ctx.tx, asked, origin=ctx.origin, now=ctx.now)
    minutes = int(link_codes.LIFE.total_seconds() // 60)
    await _say(ctx, event, Text(words.code(digits, platform, minutes=minutes)))
    return None


async def _typed(event: TextReceived, ctx: Context, person: Person | None, digits: str) -> Answer:
    """Digits came in on `event.sender`; links it, or says and records why not."""
    own = rules.of(ctx.office)
    here = own.platforms.get(event.account, "")
    if event.chat is not None:
        return await _say(ctx, event, Text(words.in_group()))
    if await link_codes.locked(ctx.tx, event.sender, now=ctx.now):
        return await _refuse(event, ctx, "locked", person=person, here=here)
    code = await link_codes.look(ctx.tx, digits, key=ctx.office.card_key, now=ctx.now)
    if code is None:
        await link_codes.wrong(ctx.tx, event.sender, platform=here, now=ctx.now)
        return await _refuse(event, ctx, "wrong", person=person, here=here)
    present = await changes.present(ctx.tx)
    wanted = next((one for one in present if one.id == code.person), None)
    why = _why_not(event, code, wanted, person, here)
    if why:
        return await _refuse(event, ctx, why, person=person, here=here, code=code, digits=digits)
    assert wanted is not None
    if not await link_codes.use(ctx.tx, digits, key=ctx.office.card_key, now=ctx.now):
        return await _refuse(event, ctx, "wrong", person=person, here=here)
    plan = linking.link(present, wanted.id, event.sender)
    await changes.apply(ctx.tx, plan, now=ctx.now, origin=ctx.origin)
    there = own.platforms.get(wanted.person.prefer or code.asked.account, "")
    await _say(ctx, event, Text(words.linked(wanted.person.name, here, there)))
    await _tell(ctx, code.asked, Text(words.linked_there(here, event.sender.id)), key=_key(event))
    return None


def _why_not(event: TextReceived, code: Code, wanted: Known | None, person: Person | None, here: str) -> str:
    if wanted is None or not wanted.person.active:
        return "left"
    if person is not None and person.id == code.person:
        return "same"
    if code.target not in (event.account, here):
        return "elsewhere"
    if person is not None:
        return "taken"
    return "has_one" if wanted.on(event.account) else ""


async def _refuse(
    event: TextReceived,
    ctx: Context,
    why: str,
    *,
    person: Person | None,
    here: str,
    code: Code | None = None,
    digits: str = "",
) -> Answer:
    """Said to who typed it and, where it was the wrong one, to who asked; the digits are then used up."""
    if why != "same":
        refusal = facts.LinkRefused(
            person=person.id if person else "", account=event.account, why=why, platform_id=event.sender.id
        )
        await log.record(ctx.tx, refusal, origin=ctx.origin, now=ctx.now)
    name = person.name if person else ""
    await _say(ctx, event, Text(words.refused(why, here=here, name=name)))
    if code is not None and why in ("taken", "has_one", "left"):
        await link_codes.close(ctx.tx, digits, key=ctx.office.card_key)
    if code is not None and why in ("taken", "has_one"):
        await _tell(ctx, code.asked, Text(words.warned(why, here)), key=_key(event))
    return None


async def _prefer(event: TextReceived, ctx: Context, person: Person, said: str) -> Answer:
    own = rules.of(ctx.office)
    platform = words.platform_said(said)
    if said not in own.platforms and not platform:
        return PASS
    places, _ = await _places(ctx, person)
    found = next((one for one in places if said == one.account or platform == one.platform), None)
    if found is None:
        names = [words.platform(one.platform) for one in places]
        return await _say(ctx, event, Text(words.no_such_place(said, names)))
    plan = linking.prefer(await changes.present(ctx.tx), person.id, found.account)
    await changes.apply(ctx.tx, plan, now=ctx.now, origin=ctx.origin)
    several = sum(one.platform == found.platform for one in places) > 1
    await _say(ctx, event, Text(words.preferred(words.place(found, several=several))))
    return None


async def _places(ctx: Context, person: Person) -> tuple[Sequence[Place], Sequence[str]]:
    """Their accounts, where messages go first; and the office's platforms on which they have none."""
    own = rules.of(ctx.office)
    platforms = own.platforms
    refs = [ref for ref in await directory.accounts(ctx.tx, person) if ref.account in platforms]
    places = [
        Place(ref.account, platforms[ref.account], ref.id, preferred=index == 0) for index, ref in enumerate(refs)
    ]
    have = {one.platform for one in places}
    heard = [platform for account, platform in platforms.items() if account not in own.deaf]
    return places, list(dict.fromkeys(one for one in heard if one not in have))


async def _say(ctx: Context, event: TextReceived, message: Message) -> Answer:
    await outbox.post(ctx.tx, Letter(to=event.sender, message=message, key=f"{_key(event)}:account"), now=ctx.now)
    return None


async def _tell(ctx: Context, to: PersonRef, message: Message, *, key: str) -> None:
    await outbox.post(ctx.tx, Letter(to=to, message=message, key=f"{key}:there"), now=ctx.now)


def _key(event: TextReceived) -> str:
    return senders.reply_key(event)


ROUTES: Router = router((TextReceived, on_text))
