"""Words about calendars: asking, entering, changing, undoing, sharing, subscribing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from cards import actions, vocabulary
from cards import calendar as calendar_cards
from cards import calendar_words as words
from cards import reminders as reminder_words
from cards.model import Card
from handlers import errors
from handlers.calendar import agenda, asked, entry_store, feeds, rules, settings, watching
from handlers.calendar.entry_store import Entry, Share
from handlers.calendar.rules import Level, Period
from handlers.calendar.speaking import Speaker, begins_with, someone
from handlers.context import Context
from handlers.days import phrases
from handlers.days.phrases import recurring
from handlers.mailroom import copies, outbox
from handlers.people import directory
from handlers.people.directory import Person

UNDO: Final = "undo-entry"
ENTERED: Final = "calendar.entered"
_MOST_DAYS = 31


async def ask(speaker: Speaker, text: str) -> bool:
    """`我的日程`, `明天有什么安排`, `局长周三的日程`, `下周的日程`."""
    head = words.asks(await directory.with_leader(speaker.ctx.tx, speaker.person, text))
    if head is None:
        return False
    named, rest = await begins_with(speaker.ctx, head)
    days, whose = days_meant(speaker, rest)
    if days is None:
        return False
    if not words.own(whose):
        named = named if named and whose in named.post else await someone(speaker.ctx, whose)
    owner = named or speaker.person
    await show(speaker, owner, days)
    return True


async def show(speaker: Speaker, owner: Person, days: Period) -> None:
    """A card of that time of somebody's calendar, as far as the speaker may see it."""
    ctx = speaker.ctx
    zone = ctx.office.timezone
    entries = await agenda.seen_by(ctx, owner.id, speaker.person, days)
    await watching.looked(ctx, owner.id)
    first, last = days.begin.astimezone(zone).date(), (days.end - timedelta(minutes=1)).astimezone(zone).date()
    own = owner.id == speaker.person.id
    path = f"calendar?day={first}" if own else f"calendar?day={first}&who={owner.id}"
    whose = "" if own else owner.name
    await speaker.answer(calendar_cards.agenda(whose, (first, last), entries, now=ctx.now, url=speaker.page(path)))


def days_meant(speaker: Speaker, head: str) -> tuple[Period | None, str]:
    """(the days that are meant, whose): today where none is named, None where what is named is no stretch of days."""
    zone = speaker.ctx.office.timezone
    shift, rest = words.week(head)
    if shift is not None:
        monday = speaker.today - timedelta(days=speaker.today.weekday()) + timedelta(weeks=shift)
        return Period(rules.local_midnight(monday, zone), rules.local_midnight(monday + timedelta(days=7), zone)), rest
    reading = phrases.read(head, today=speaker.today, calendar=speaker.ctx.office.calendar)
    if len(reading.spans) > 1:
        return None, head
    if not reading.spans:
        begin = rules.local_midnight(speaker.today, zone)
        return Period(begin, begin + timedelta(days=1)), head
    span = reading.spans[0]
    if span.open_ended or (span.end - span.start).days >= _MOST_DAYS:
        return None, head
    end = rules.local_midnight(span.end + timedelta(days=1), zone)
    return Period(rules.local_midnight(span.start, zone), end), reading.rest.strip(" 的")


async def write(speaker: Speaker, text: str) -> bool:
    """`日程 周五上午10点 接待调研组`, `给局长记日程 周三下午3点 听取汇报 @三楼会议室 提前30分钟提醒`."""
    found = words.writes(text)
    if found is None:
        return False
    whose, what = found
    owner = await writing_for(speaker.ctx, speaker.person, whose)
    lead, plain = words.lead(what)
    place, plain = words.place(plain)
    when = asked.times(plain, speaker.about)
    if when is None:
        raise errors.BadRequest("entry_when")
    title = " ".join(when.rest.split())
    if not title and not whose:
        day = when.periods[0].begin.astimezone(speaker.ctx.office.timezone).date()
        begin = rules.local_midnight(day, speaker.ctx.office.timezone)
        await show(speaker, speaker.person, Period(begin, begin + timedelta(days=1)))
        return True
    remind = settings.of(speaker.ctx).remind_before if lead is None else lead
    new = Entry(
        uid="", owner=owner.id, period=when.periods[0], all_day=when.all_day, title=title, place=place, remind=remind
    )
    entered = await agenda.enter_series(speaker.ctx, new, when.periods)
    await confirm(speaker, owner, entered[0], times=len(entered))
    return True


async def remind(speaker: Speaker, text: str) -> bool:
    """`提醒我 明天上午9点 交周报`: once, as an entry of that time; what comes again is `handlers.notice`'s."""
    group, said = reminder_words.sets_up(text) or ("", "")
    if not said or group or recurring.read(said, today=speaker.today) is not None:
        return False
    when = asked.once(said, speaker.about)
    title = " ".join(when.rest.split()) if when else ""
    if when is None or not title:
        return False
    if when.periods[0].end <= speaker.ctx.now or (not when.all_day and when.periods[0].begin <= speaker.ctx.now):
        raise errors.BadRequest("reminder_past")
    new = Entry(uid="", owner=speaker.person.id, period=when.periods[0], all_day=when.all_day, title=title, remind=0)
    entered = await agenda.enter_series(speaker.ctx, new, when.periods)
    await confirm(speaker, speaker.person, entered[0])
    return True


async def writing_for(ctx: Context, by: Person, whose: str) -> Person:
    """Whose calendar that is, if `by` may write in it. Raises NotAllowed(not_writer) and as `someone`."""
    if words.own(whose):
        return by
    owner = await someone(ctx, whose)
    if not (await agenda.sight(ctx, owner.id, by))[1]:
        raise errors.NotAllowed(code="not_writer", name=owner.name)
    return owner


async def change(speaker: Speaker, text: str) -> bool:
    """`改日程 12 周五下午3点`, `取消日程 12`, `取消日程 12 全部`, `恢复日程 12`."""
    whole = words.cancel_series(text)
    moved, gone, back = words.change_entry(text), words.cancel_entry(text), words.restore_entry(text)
    if whole is not None:
        return await _cancel_series(speaker, whole)
    if moved is None and gone is None and back is None:
        return False
    ctx = speaker.ctx
    number = moved[0] if moved else gone if gone is not None else back or 0
    one = await agenda.writable(ctx, number, speaker.person)
    if moved:
        after = await agenda.change(ctx, one, _moved(speaker, one, moved[1]))
    elif gone is not None:
        after = await agenda.cancel(ctx, one)
    else:
        after = await agenda.change(ctx, one, replace(one, state=entry_store.ACTIVE))
    owner = await directory.load(ctx.tx, one.owner)
    await confirm(speaker, owner or speaker.person, after)
    return True


async def _cancel_series(speaker: Speaker, number: int) -> bool:
    """`取消日程 12 全部`: what is to come of what was entered together."""
    one = await agenda.writable(speaker.ctx, number, speaker.person)
    active = [each for each in await agenda.series(speaker.ctx, one) if each.state == entry_store.ACTIVE]
    for each in active:
        await agenda.cancel(speaker.ctx, each)
    await speaker.answer(calendar_cards.series_cancelled(one.title, len(active)))
    return True


def _moved(speaker: Speaker, one: Entry, text: str) -> Entry:
    """The entry at another time (as long as before, unless an end is said), perhaps with other words."""
    place, plain = words.place(text)
    when = asked.once(plain, speaker.about)
    if when is None:
        if not plain.strip() and not place:
            raise errors.BadRequest("entry_when")
        return replace(one, title=plain.strip() or one.title, place=place or one.place)
    period = when.periods[0]
    if when.open_end and not one.all_day:
        period = Period(period.begin, period.begin + one.period.length)
    title = " ".join(when.rest.split()) or one.title
    return replace(one, period=period, all_day=when.all_day, title=title, place=place or one.place)


async def undo(speaker: Speaker, text: str) -> bool:
    """`撤销日程`: the speaker's last entry or change, within a day."""
    if vocabulary.plain(text) not in words.UNDO:
        return False
    one = await agenda.last_undoable(speaker.ctx, speaker.person)
    if one is None:
        raise errors.BadRequest("nothing_to_undo")
    await _undone(speaker, one)
    return True


async def on_undo(speaker: Speaker, action: actions.Action) -> Card | None:
    """The button under an entry that was just made or changed; an older state is not undone by it."""
    number = int(action.item.removeprefix("e")) if action.item.removeprefix("e").isdigit() else 0
    one = await agenda.writable(speaker.ctx, number, speaker.person)
    if one.sequence != action.version:
        raise errors.StaleCard(entry=number)
    return await _undone(speaker, one)


async def _undone(speaker: Speaker, one: Entry) -> Card | None:
    ctx = speaker.ctx
    if not one.sequence:  # what was entered together is taken back together
        for other in await agenda.series(ctx, one):
            if other.id != one.id and not other.sequence:
                await agenda.cancel(ctx, other)
    after = await agenda.undo(ctx, one)
    owner = await directory.load(ctx.tx, one.owner)
    card = _card(speaker, owner or speaker.person, after, undo="")
    for copy in await copies.of_item(ctx.tx, f"entry-{one.id}"):
        if copy.person == speaker.person.id:
            await outbox.refresh(ctx.tx, copy.id, card, now=ctx.now)
    await speaker.answer(calendar_cards.undone(agenda.view(after), now=ctx.now))
    return card


async def confirm(speaker: Speaker, owner: Person, one: Entry, *, times: int = 1) -> None:
    """What was entered or changed, on a card whose button undoes it."""
    ctx = speaker.ctx
    meets = [each for each in await agenda.meets(ctx, owner.id, one.period, but=one.id) if one.state != "cancelled"]
    others = [f"{calendar_cards.clock(each.period.begin, each.period.end)} {each.title}" for each in meets[:3]]
    card = _card(speaker, owner, one, undo=speaker.packed(UNDO, f"e{one.id}", one.sequence), others=others, times=times)
    await copies.open_copy(
        ctx.tx, item=f"entry-{one.id}", person=speaker.person.id, to=speaker.to, kind=ENTERED, card=card,
        version=one.sequence, now=ctx.now, urgent=True,
    )  # fmt: skip


def _card(
    speaker: Speaker, owner: Person, one: Entry, *, undo: str, others: list[str] | None = None, times: int = 1
) -> Card:
    whose = "" if owner.id == speaker.person.id else owner.name
    when = agenda.remind_when(speaker.ctx, one)
    return calendar_cards.entered(
        agenda.view(one), whose=whose, now=speaker.ctx.now, undo=undo, others=others or (), times=times,
        remind=when if when and when > speaker.ctx.now else None,
    )  # fmt: skip


async def share(speaker: Speaker, text: str) -> bool:
    """`日程共享`; `共享日程 李四 全部`."""
    ctx = speaker.ctx
    if vocabulary.plain(text) in words.SHARES:
        await speaker.answer(await share_list(ctx, speaker.person))
        return True
    found = words.share(text)
    if found is None:
        return False
    who, word = found
    level, writes = words.LEVELS.get(word, (settings.of(ctx).others_see.value, False))
    reader, name = "all", calendar_cards.everybody()
    if who not in words.EVERYBODY:
        person = await someone(ctx, who)
        if person.id == speaker.person.id:
            raise errors.BadRequest("not_yourself")
        reader, name = f"person:{person.id}", person.name
    await agenda.set_share(ctx, speaker.person.id, Share(reader, Level(level), writes))
    await speaker.answer(calendar_cards.shared(name, level, writes=writes))
    return True


async def share_list(ctx: Context, person: Person) -> str:
    given = await entry_store.shares(ctx.tx, person.id)
    rows = [(await reader_name(ctx, one.reader), one.level.value, one.writes) for one in given if one.reader != "all"]
    others = next((one.level for one in given if one.reader == "all"), settings.of(ctx).others_see)
    return calendar_cards.shares(rows, others=others.value)


async def reader_name(ctx: Context, reader: str) -> str:
    kind, _, id = reader.partition(":")
    if kind == "all":
        return calendar_cards.everybody()
    person = await directory.load(ctx.tx, id) if kind == "person" else None
    return person.name if person else id


async def feed(speaker: Speaker, text: str) -> bool:
    """`日历订阅`: where an address is made (not in the chat, where it would stay); `停用日历订阅`: all dead at once."""
    plain = vocabulary.plain(text)
    if plain in words.FEED:
        active = len(await entry_store.feeds(speaker.ctx.tx, speaker.person.id))
        await speaker.answer(calendar_cards.feed_page(speaker.page("calendar/feeds"), active=active))
        return True
    if plain in words.NO_FEED:
        await speaker.answer(calendar_cards.feeds_revoked(await feeds.revoke_all(speaker.ctx, speaker.person.id)))
        return True
    return False
