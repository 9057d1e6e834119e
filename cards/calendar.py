"""Rooms, vehicles and calendars as people read them: bookings, clashes and what is free instead, agendas, reminders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cards import words
from cards.model import Button, Card, Field, Style, Tone

SOURCE = "日程"
_KINDS = {"room": "会议室", "vehicle": "车辆", "driver": "驾驶员"}
_SHOWN = 6
_TAKEN_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Something that somebody has: `holder` in words, `张三（办公室）`."""

    name: str
    begin: datetime
    end: datetime
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClashView:
    """Why a booking fails: what is `taken`, out of `days` occurrences, and what could be had instead.

    `others` are (name, seats), `times` free times of the same thing that day, `swap` (whom to ask, where they may go).
    """

    taken: tuple[Taken, ...]
    days: int
    others: tuple[tuple[str, int], ...]
    times: tuple[tuple[datetime, datetime], ...]
    swap: tuple[str, str] | None
    kind: str
    wanted: tuple[datetime, datetime]


def clash(view: ClashView, *, now: datetime) -> str:
    head = f"共{view.days}次，其中{len(view.taken)}次有冲突，没有预订：" if view.days > 1 else "没有订上："
    lines = [head]
    lines += [
        f"· {one.name} {period(one.begin, one.end, now=now)} 已由{one.holder}预订" for one in view.taken[:_TAKEN_SHOWN]
    ]
    if len(view.taken) > _TAKEN_SHOWN:
        lines.append(f"· 还有{len(view.taken) - _TAKEN_SHOWN}次")
    if view.others:
        names = "、".join(f"{name}（{seats}人）" if seats else name for name, seats in view.others)
        lines.append(f"{'这些时间' if view.days > 1 else '这个时间'}空着的：{names}")
    if view.times:
        first = view.taken[0].name
        lines.append(f"{first}当天还空着：{'、'.join(clock(*one) for one in view.times)}")
    if view.swap:
        holder, room = view.swap
        lines.append(f"也可以和{holder}商量换到{room}。")
    if view.days == 1:
        lines.append(f"要等它空出来，请回复“候补 {view.taken[0].name} {_typed(*view.wanted)}”。")
    return "\n".join(lines)


def your_turn(name: str, begin: datetime, end: datetime, *, booking: int, now: datetime, subject: str = "") -> str:
    what = f"（{subject}）" if subject else ""
    return (
        f"您候补的{name}空出来了，已经替您订好{what}：{period(begin, end, now=now)}，预订号{booking}。"
        f"不需要了请回复“取消预订 {booking}”，下一位会接上。"
    )


def queued(name: str, begin: datetime, end: datetime, *, place: int, ahead: int, now: datetime) -> str:
    before = f"前面还有{ahead}位，" if ahead else ""
    return (
        f"已登记候补：{name} {period(begin, end, now=now)}，{before}空出来就按先后自动订给您并通知。"
        f"不等了请回复“取消候补 {place}”。"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingView:
    """One booking: what, when (all its times), for what; `off` are days of it on which nobody works."""

    number: int
    names: tuple[str, ...]
    times: tuple[tuple[datetime, datetime], ...]
    subject: str = ""
    people: int = 0
    state: str = "booked"
    off: tuple[date, ...] = ()
    late: bool = False


def booked(view: BookingView, *, now: datetime, cancel: str, url: str = "") -> Card:
    """What was booked, with the button to give it up. `cancel` is a packed action, "" when that is not offered."""
    first = view.times[0]
    fields = [Field("时间", period(*first, now=now))]
    if len(view.times) > 1:
        fields.append(Field("次数", f"共{len(view.times)}次，最后一次{words.moment(view.times[-1][0], now=now)}"))
    fields += [Field("用途", view.subject)] if view.subject else []
    fields += [Field("人数", f"{view.people}人")] if view.people else []
    note = f"其中{'、'.join(words.short(one, now.date()) for one in view.off[:4])}是休息日" if view.off else ""
    gone = view.state == "cancelled"
    return Card(
        kind="calendar.booked",
        source=SOURCE,
        title=f"{'已取消' if gone else '已预订'}：{'、'.join(view.names)}",
        subtitle=f"预订号{view.number}",
        fields=tuple(fields),
        note=note,
        buttons=(Button("取消预订", cancel, Style.DANGER),) if cancel and not gone else (),
        state="已取消" if gone else "",
        tone=Tone.NEUTRAL if gone else Tone.GOOD,
        url=url,
        replies=f"不用了请回复“取消预订 {view.number}”",
    )


def bookings(views: Sequence[BookingView], *, now: datetime, waits: Sequence[str] = ()) -> str:
    if not views and not waits:
        return "您没有预订。订会议室请直接说：“会议室 明天下午3点到5点 10人 投影”。"
    lines = ["您的预订："] if views else []
    for view in views:
        often = f"等{len(view.times)}次" if len(view.times) > 1 else ""
        what = f" {view.subject}" if view.subject else ""
        held = "（待审批）" if view.state == "held" else ""
        lines.append(f"{view.number}号 {'、'.join(view.names)} {period(*view.times[0], now=now)}{often}{what}{held}")
    lines += ["候补：", *waits] if waits else []
    lines.append("取消请回复“取消预订 编号”；只取消其中一天：“取消预订 编号 5月8日”。" if views else "")
    return "\n".join(line for line in lines if line)


def wait_line(place: int, name: str, begin: datetime, end: datetime, *, now: datetime) -> str:
    return f"候补{place} {name} {period(begin, end, now=now)}（不等了回复“取消候补 {place}”）"


def retired(name: str, times: Sequence[tuple[datetime, datetime]], *, now: datetime) -> str:
    """To somebody who has booked what is out of use now."""
    when = "、".join(period(*one, now=now) for one in times[:3])
    more = f"等{len(times)}次" if len(times) > 3 else ""
    return f"{name}已经停用，您预订的{when}{more}请换一个。"


def cancelled(number: int, times: Sequence[tuple[datetime, datetime]], *, left: int, now: datetime) -> str:
    """`times` were given up, `left` are still to come."""
    if left:
        gone = "、".join(period(*one, now=now) for one in times[:3])
        return f"{number}号预订已取消{gone}，其余{left}次不变。"
    return f"{number}号预订已取消，共{len(times)}次。" if len(times) > 1 else f"{number}号预订已取消。"


def taken_away(
    number: int, names: Sequence[str], times: Sequence[tuple[datetime, datetime]], *, by: str, now: datetime
) -> str:
    """To the one who had it, when whoever keeps such things gave it up in their place."""
    when = "、".join(period(*one, now=now) for one in times[:3])
    more = f"等{len(times)}次" if len(times) > 3 else ""
    return f"您预订的{'、'.join(names)} {when}{more}（预订号{number}）由{by}取消了，有疑问请与其联系。"


def nothing_to_cancel(number: int) -> str:
    return f"{number}号预订没有可以取消的时间，可能已经取消或者用过了。"


def left_queue(place: int) -> str:
    return f"已取消候补{place}。"


def served_already(place: int, booking: int) -> str:
    return f"候补{place}已经替您订上了。不需要了请回复“取消预订 {booking}”，下一位会接上。"


def free_list(
    kind: str, rows: Sequence[tuple[str, int, tuple[str, ...]]], begin: datetime, end: datetime, *, now: datetime
) -> str:
    """`rows` are (name, seats, equipment)."""
    word = _KINDS[kind]
    if not rows:
        return f"{period(begin, end, now=now)}没有空着的{word}。"
    lines = [f"{period(begin, end, now=now)}空着的{word}："]
    for name, seats, equipment in rows[:12]:
        about = "，".join([*([f"{seats}人"] if seats else []), *(["、".join(equipment)] if equipment else [])])
        lines.append(f"· {name}{f'（{about}）' if about else ''}")
    booking = [f"要订请说：“{rows[0][0]} 明天下午3点到5点 例会”。"] if word == _KINDS["room"] else []
    return "\n".join([*lines, *booking])


def kind_word(kind: str) -> str:
    return _KINDS[kind]


def none_of(kind: str) -> str:
    return f"本单位还没有登记{_KINDS[kind]}，请管理员写在 office.yaml 里。"


def book_when() -> str:
    return "没有看懂时间，请这样写：“会议室 明天下午3点到5点 10人 投影”，或者“会议室 每周五下午4点到5点 到年底 例会”。"


def any_fits(people: int, equipment: Sequence[str]) -> str:
    """Nothing of the office will do, whatever the time."""
    needs = [*([f"坐得下{people}人"] if people else []), *(f"有{one}" for one in equipment)]
    return f"没有{'、'.join(needs) or '合适'}的会议室。"


# Calendars


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One entry; `hidden` shows only that the time is taken. `number` 0 cannot be changed by its reader."""

    number: int
    title: str
    begin: datetime
    end: datetime
    all_day: bool = False
    place: str = ""
    hidden: bool = False
    state: str = "active"
    manual: bool = True


def agenda(whose: str, days: tuple[date, date], entries: Sequence[EntryView], *, now: datetime, url: str = "") -> Card:
    """`whose` is "" for one's own. Days are both included."""
    first, last = days
    when = (
        words.day(first, base=now.date())
        if first == last
        else f"{words.short(first, now.date())}至{words.short(last, now.date())}"
    )
    lines = tuple(
        Field(_when(one, several=first != last), _said(one, several=first != last)) for one in entries[:_SHOWN]
    )
    more = f"还有{len(entries) - _SHOWN}项，打开页面看全部" if len(entries) > _SHOWN else ""
    return Card(
        kind="calendar.agenda",
        source=SOURCE,
        title=f"{f'{whose}的' if whose else ''}日程 {when}",
        subtitle="" if entries else "没有安排",
        fields=lines,
        note=more or ("记一条请说：“日程 周五上午10点 接待调研组”" if not entries and not whose else ""),
        url=url,
    )


def entered(
    view: EntryView, *, whose: str, now: datetime, undo: str, others: Sequence[str] = (), times: int = 1,
    remind: datetime | None = None,
) -> Card:  # fmt: skip
    """After an entry was made, changed or cancelled, with the button that undoes that; `times` of a rule; `remind` is
    when whoever has it will be told."""
    gone = view.state != "active"
    did = "已取消" if gone else "已记到" if whose else "已记"
    fields = [Field("时间", entry_time(view, now=now))]
    fields += [Field("次数", f"共{times}次，这是第一次")] if times > 1 else []
    fields += [Field("地点", view.place)] if view.place else []
    fields += [Field("提醒", words.moment(remind, now=now))] if remind and not gone else []
    fields += [Field("编号", str(view.number))]
    fields += [Field("同时", "；".join(others))] if others else []
    whole = f"，以后的都取消请回复“取消日程 {view.number} 全部”" if times > 1 else ""
    return Card(
        kind="calendar.entered",
        source=SOURCE,
        title=f"{did}{f'{whose}的' if whose else ''}日程：{view.title}",
        fields=tuple(fields),
        buttons=(Button("撤销", undo),) if undo else (),
        replies=f"改时间请回复“改日程 {view.number} 周五下午3点”，取消请回复“取消日程 {view.number}”{whole}",
        tone=Tone.NEUTRAL if gone else Tone.GOOD,
    )


def series_cancelled(title: str, count: int) -> str:
    return f"“{title}”以后的{count}次都取消了。" if count else f"“{title}”没有还没到的日程。"


def undone(view: EntryView, *, now: datetime) -> str:
    if view.state != "active":
        return f"已撤销，日程里没有“{view.title}”了。"
    return f"已恢复：{view.title} {entry_time(view, now=now)}。"


def nothing_to_undo() -> str:
    return "没有可以撤销的日程改动。"


def reminder(view: EntryView, *, now: datetime, late_for: datetime | None = None) -> str:
    """Before it begins. `late_for` is when it should have been said, where the service was not running then."""
    place = f"，{view.place}" if view.place else ""
    words_ = f"日程提醒：{entry_time(view, now=now)} {view.title}{place}"
    if late_for is None:
        return words_
    over = "，现在已经结束" if view.end <= now else "，现在已经开始" if view.begin <= now else ""
    return f"{words_}（这条提醒晚到了，原定{words.moment(late_for, now=now)}{over}）"


def entry_clock(view: EntryView, day: date) -> str:
    """When on that day: what began before or goes on afterwards shows so."""
    if view.all_day:
        return "全天"
    first, last = local(view.begin), local(view.end)
    begin = f"{first:%H:%M}" if first.date() == day else "00:00"
    end = f"{last:%H:%M}" if last.date() == day else "24:00"
    return f"{begin}-{end}"


def entry_time(view: EntryView, *, now: datetime) -> str:
    if not view.all_day:
        return period(view.begin, view.end, now=now)
    first, last = local(view.begin).date(), (local(view.end) - timedelta(days=1)).date()
    if first == last:
        return f"{words.day(first, base=now.date())}全天"
    return f"{words.day(first, base=now.date())} 至 {words.day(last, base=first)}"


_LEVELS = {"none": "不可见", "busy": "只看忙闲", "full": "看全部"}


def shares(rows: Sequence[tuple[str, str, bool]], *, others: str) -> str:
    """`rows` are (who in words, level, writes); `others` is the level for everybody else."""
    lines = [f"· {who}：{_LEVELS[level]}{'，可代写' if writes else ''}" for who, level, writes in rows]
    lines.append(f"· 其他人：{_LEVELS[others]}")
    lines.append("修改请回复“共享日程 姓名 全部”，或者忙闲、代写、不可见；姓名也可以写“所有人”。")
    return "\n".join(["您的日程谁能看：", *lines])


def everybody() -> str:
    return "所有人"


def shared(who: str, level: str, *, writes: bool) -> str:
    return f"好的，{who}对您的日程：{_LEVELS[level]}{'，可代写' if writes else ''}。"


def feed_page(url: str, *, active: int) -> str:
    have = f"您现在有{active}个订阅地址。" if active else ""
    if not url:
        return f"{have}本单位没有设置外网地址，不能用手机日历订阅，请联系管理员。"
    return f"{have}打开页面生成订阅地址，手机自带日历、Outlook 都能用：{url} ；停用请回复“停用日历订阅”。"


def feeds_revoked(count: int) -> str:
    return f"已停用{count}个订阅地址，立即失效。" if count else "您没有启用的订阅地址。"


def feeds_revoked_for(name: str, count: int) -> str:
    return f"{name}的{count}个订阅地址已停用，立即失效。" if count else f"{name}没有启用的订阅地址。"


BUSY = "忙"
BOOKING = "预订"
LEAVE = "休假"
TRIP = "出差"


def feed_name(name: str) -> str:
    return f"{name}的日程"


def meeting_title(topic: str) -> str:
    return f"会议：{topic}"


def ride_title(to: str) -> str:
    return f"用车：{to}" if to else "用车"


def trip_title(places: str) -> str:
    return f"{TRIP}：{places}" if places else TRIP


# Times


def local(moment: datetime) -> datetime:
    return moment.astimezone(words.BEIJING)


def period(begin: datetime, end: datetime, *, now: datetime) -> str:
    """`5月6日（周三）15:00-17:00`; both days where it ends on another."""
    first, last = local(begin), local(end)
    head = words.day(first.date(), base=local(now).date())
    if first.date() == last.date():
        return f"{head}{first:%H:%M}-{last:%H:%M}"
    if last.hour == last.minute == 0 and (last.date() - first.date()).days == 1:
        return f"{head}{first:%H:%M}-24:00"
    return f"{head}{first:%H:%M} 至 {words.day(last.date(), base=first.date())}{last:%H:%M}"


def days_of(begin: datetime, end: datetime, *, now: datetime) -> str:
    """`4月28日（周二）`, `4月27日至5月3日`: whole days, `end` is the midnight after the last."""
    first, last, today = local(begin).date(), (local(end) - timedelta(minutes=1)).date(), local(now).date()
    if first == last:
        return words.day(first, base=today)
    return f"{words.short(first, today)}至{words.short(last, first)}"


def clock(begin: datetime, end: datetime) -> str:
    return f"{local(begin):%H:%M}-{local(end):%H:%M}"


def _typed(begin: datetime, end: datetime) -> str:
    """As somebody would type it."""
    first = local(begin)
    return f"{first.month}月{first.day}日 {clock(begin, end)}"


def _when(view: EntryView, *, several: bool) -> str:
    """At most five characters: more WeCom does not show."""
    first = local(view.begin)
    if several:
        return f"{first.month}/{first.day}"
    return "全天" if view.all_day else f"{first:%H:%M}"


def _said(view: EntryView, *, several: bool) -> str:
    span = "全天" if view.all_day else clock(view.begin, view.end)
    when = f"{span} " if several else ""
    until = "" if view.all_day or several else f"（到{local(view.end):%H:%M}）"
    place = f" @{view.place}" if view.place else ""
    number = f" #{view.number}" if view.number and view.manual else ""
    return f"{when}{view.title}{place}{until}{number}"
