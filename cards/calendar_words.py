"""What people type about rooms, vehicles and calendars; the times in it are read by handlers/days/phrases."""

from __future__ import annotations

import re
from typing import Final

from cards import calendar_sync, reminders

MINE: Final = frozenset({"我的预订", "我的预定", "我订的会议室", "我的会议室", "我的候补"})
UNDO: Final = frozenset({"撤销日程", "撤销刚才的日程"})
SHARES: Final = frozenset({"日程共享", "共享日程", "我的日程共享", "谁能看我的日程"})
FEED: Final = frozenset({"日历订阅", "订阅日历", "日程订阅", "订阅日程"})
NO_FEED: Final = frozenset({"停用日历订阅", "取消日历订阅", "停用日程订阅", "停用订阅", "取消日程订阅"})

_CANCEL_BOOKING: Final = re.compile(r"(?:取消|退掉?|不要了?)预[订定]\s*(\d{1,9})\s*号?[\s,，]*(.*)", re.DOTALL)
_CANCEL_QUEUE: Final = re.compile(r"取消候补\s*(\d{1,9})\s*号?")
_QUEUE: Final = re.compile(r"(?:候补|排队等?)[\s:：]*(.+)", re.DOTALL)
_DISPATCH: Final = re.compile(r"派车[\s:：]+(.+)", re.DOTALL)
_CANCEL_ENTRY: Final = re.compile(r"取消日程\s*(\d{1,9})\s*号?")
_CANCEL_SERIES: Final = re.compile(r"取消日程\s*(\d{1,9})\s*号?[\s,，]*(?:全部|以后的|整个)")
_RESTORE_ENTRY: Final = re.compile(r"恢复日程\s*(\d{1,9})\s*号?")
_CHANGE_ENTRY: Final = re.compile(r"(?:改|修改|调整)日程\s*(\d{1,9})\s*号?[\s,，:：]*(.+)", re.DOTALL)
_SHARE: Final = re.compile(r"共享日程\s+(\S+)\s+(全部|忙闲|不可见|代写|取消)")
_FREE: Final = re.compile(
    r"(?=.*(?:有空|空闲|空着|空的|能用|可用|有没有|有(?:会议室|车|司机|驾驶员)(?:可?以?用)?(?:吗|么|没有?)))"
    r"(?=.*(?P<kind>会议室|车辆|车|驾驶员|司机)).{2,60}",
    re.DOTALL,
)
_ROOM_OPENS: Final = re.compile(r"(?:我要|我想|帮我|请|麻烦)*(?P<verb>预[订定]|订|借用?)?(?:一下|一个|一间|个|间)?\s*")
_ROOM: Final = "会议室"
_WRITE: Final = re.compile(r"(?:(?:记|添加|新增|增加|加|安排)(?:一[条个])?)?日程[\s:：]+(.+)", re.DOTALL)
_WRITE_FOR: Final = re.compile(
    r"给\s*(\S{2,12}?)\s*(?:记|添加|新增|增加|加|安排)?(?:一[条个])?日程[\s:：]*(.+)", re.DOTALL
)
_ASKS: Final = re.compile(
    r"(?P<head>.{0,24}?)的?(?:日程|行程)(?:安排|表)?|(?P<head2>.{0,24}?)(?:都?有(?:什么|啥|哪些|没有)(?:安排|日程|事|会)|的安排)"
)
_WHERE: Final = r"(?:几点|什么时候|在?哪(?:里|儿|个会议室)?)"
_MEETS: Final = re.compile(
    rf"(?P<head>.{{1,24}}?)(?:我们|咱们)?(?:的会议?(?:是|要|改)?{_WHERE}开?|{_WHERE}(?:开会|有会)|(?:有会议?|要?开会)(?:吗|么|没有?))"
)
_AT_LEISURE: Final = re.compile(
    r"(?!.*(?:会议室|车|司机|驾驶员|哪|谁|什么))(?P<head>.{1,24}?)(?:(?:有没有|有)(?:空|时间)|忙不忙|在忙|忙|方不方便|方便)"
    r"(?:[吗么][?？]?|[?？])?"
)
_PEOPLE: Final = re.compile(r"(\d{1,4}|[一二三四五六七八九十]{1,3})\s*个?[人位](?![员力行])")
_PLACE: Final = re.compile(r"(?:地点[:：]?\s*|[@＠])(\S{1,60})")
_LEAD: Final = re.compile(r"提前\s*(\d{1,3})\s*(分钟|个?小时|天)提醒(?:我)?")
_SILENT: Final = re.compile(r"(?:不用|不要|不)提醒")
_WEEKS: Final = re.compile(r"(本周|这周|这个?星期|本星期|下周|下个?星期)(?![一二三四五六日天1-7])")
_CLOCK: Final = re.compile(r"[\d一二三四五六七八九十]\s*[点时:：]")
_DIGITS: Final = "一二三四五六七八九"

_WHOLE: Final = MINE | UNDO | SHARES | FEED | NO_FEED | calendar_sync.HIDE | calendar_sync.SHOW

LEVELS: Final = {"全部": ("full", False), "忙闲": ("busy", False), "不可见": ("none", False), "代写": ("full", True)}
EVERYBODY: Final = frozenset({"所有人", "大家", "其他人"})
KINDS: Final = {"会议室": "room", "车辆": "vehicle", "车": "vehicle", "驾驶员": "driver", "司机": "driver"}


def concerns(text: str, names: frozenset[str]) -> bool:
    """Whether any of the words below might be meant; `names` are the office's rooms."""
    plain = text.strip()
    if len(plain) > 400:
        return False
    if plain in _WHOLE or asks(plain) is not None or free(plain) is not None or reminders.sets_up(plain) is not None:
        return True
    patterns = (
        _CANCEL_SERIES, _CANCEL_BOOKING, _CANCEL_QUEUE, _QUEUE, _DISPATCH, _CANCEL_ENTRY, _RESTORE_ENTRY,
        _CHANGE_ENTRY, _SHARE, _WRITE, _WRITE_FOR,
    )  # fmt: skip
    return any(one.fullmatch(plain) for one in patterns) or books(plain, names) is not None


def unmistakable(text: str) -> bool:
    """Whether no question of ours could have this for an answer: one's own calendar, asked for in its own words."""
    head = asks(text)
    return head is not None and own(head)


def no_choice(text: str, names: frozenset[str]) -> bool:
    """Whether this can only answer a question that is answered in free words: a room (`names`) with a time of day."""
    found = books(text, names)
    return found is not None and _CLOCK.search(found[1]) is not None


def cancel_booking(text: str) -> tuple[int, str] | None:
    """`取消预订 3 5月8日` as (number, the day if only one is meant)."""
    found = _CANCEL_BOOKING.fullmatch(text.strip())
    return (int(found[1]), found[2].strip()) if found else None


def cancel_queue(text: str) -> int | None:
    found = _CANCEL_QUEUE.fullmatch(text.strip())
    return int(found[1]) if found else None


def queue(text: str) -> str | None:
    found = _QUEUE.fullmatch(text.strip())
    return found[1].strip() if found else None


def dispatch(text: str) -> str | None:
    """`派车 粤A12345 吴刚 明天下午2点到5点 送材料`, without the first word."""
    found = _DISPATCH.fullmatch(text.strip())
    return found[1].strip() if found else None


def free(text: str) -> str | None:
    """`哪个会议室有空 明天下午3点到5点`, or `会议室` alone: the kind that is asked for."""
    found = _FREE.fullmatch(text.strip())
    return KINDS[found["kind"]] if found else KINDS[_ROOM] if is_room_alone(text) else None


def is_room_alone(text: str) -> bool:
    """Where an office has no rooms of its own, its form of that name is meant."""
    return text.strip() == _ROOM


def books(text: str, names: frozenset[str]) -> tuple[str, str, bool] | None:
    """`订三楼会议室 明天下午3点` as (the name or "", what follows, whether a verb was there); `names` are rooms."""
    plain = text.strip()
    opening = _ROOM_OPENS.match(plain)
    at = opening.end() if opening else 0
    verb = bool(opening and opening["verb"])
    for name in sorted(names, key=len, reverse=True):
        if plain.startswith(name, at):
            return name, plain[at + len(name) :].strip(" ,，:："), verb
    if plain.startswith(_ROOM, at):
        return "", plain[at + len(_ROOM) :].strip(" ,，:："), verb
    if verb:
        for name in sorted(names, key=len, reverse=True):
            if name in plain:
                return name, plain[at:].replace(name, " ", 1).strip(), True
        if _ROOM in plain:
            return "", plain[at:].replace(_ROOM, " ", 1).strip(), True
    return None


def cancel_entry(text: str) -> int | None:
    found = _CANCEL_ENTRY.fullmatch(text.strip())
    return int(found[1]) if found else None


def cancel_series(text: str) -> int | None:
    """`取消日程 12 全部`."""
    found = _CANCEL_SERIES.fullmatch(text.strip())
    return int(found[1]) if found else None


def restore_entry(text: str) -> int | None:
    found = _RESTORE_ENTRY.fullmatch(text.strip())
    return int(found[1]) if found else None


def change_entry(text: str) -> tuple[int, str] | None:
    found = _CHANGE_ENTRY.fullmatch(text.strip())
    return (int(found[1]), found[2].strip()) if found else None


def share(text: str) -> tuple[str, str] | None:
    """`共享日程 李四 全部` as (who, word of `LEVELS` or 取消)."""
    found = _SHARE.fullmatch(text.strip())
    return (found[1], found[2]) if found else None


def writes(text: str) -> tuple[str, str] | None:
    """`日程 周五上午10点 接待调研组` as ("", what); `给局长记日程 ...` names whose."""
    plain = text.strip()
    if (found := _WRITE_FOR.fullmatch(plain)) is not None:
        return found[1], found[2].strip()
    found = _WRITE.fullmatch(plain)
    return ("", found[1].strip()) if found else None


def asks(text: str) -> str | None:
    """`局长周三的日程`, `明天有什么安排`: whose and when, as one piece of text; None for anything else."""
    plain = re.sub(r"[?？。!！~～呢吗呀啊\s]+$", "", text.strip())
    found = _ASKS.fullmatch(plain)
    if found is None and (found := _MEETS.fullmatch(text.strip().rstrip("?？。 "))) is not None:
        return found["head"].strip()
    if found is None:
        return _asked_free(text.strip())
    head = found["head"] if found["head"] is not None else found["head2"]
    return re.sub(r"^(?:查|看|查看|看看|查询|查一下|看一下)", "", head or "").removesuffix("的").strip()


def _asked_free(text: str) -> str | None:
    """`李四下午有空吗`; `我有空` is no question."""
    found = _AT_LEISURE.fullmatch(text)
    is_question = found is not None and (text[-1] in "吗么?？" or "不" in text or "有没有" in text)
    return found["head"].removesuffix("现在").removesuffix("的").strip() if found and is_question else None


def week(text: str) -> tuple[int | None, str]:
    """(0 this week, 1 the next, None where no week is named; the text without it)."""
    found = _WEEKS.search(text)
    if found is None:
        return None, text
    return int(found[1].startswith("下")), (text[: found.start()] + text[found.end() :]).strip()


def people(text: str) -> tuple[int, str]:
    """How many are said to come, and the text without that."""
    found = _PEOPLE.search(text)
    if found is None:
        return 0, text
    count = int(found[1]) if found[1].isdigit() else _number(found[1])
    return count, f"{text[: found.start()]} {text[found.end() :]}"


def _number(text: str) -> int:
    if "十" not in text:
        return _DIGITS.index(text[0]) + 1
    tens, _, ones = text.partition("十")
    return (_DIGITS.index(tens) + 1 if tens else 1) * 10 + (_DIGITS.index(ones) + 1 if ones else 0)


def place(text: str) -> tuple[str, str]:
    found = _PLACE.search(text)
    return (found[1], f"{text[: found.start()]} {text[found.end() :]}") if found else ("", text)


def lead(text: str) -> tuple[int | None, str]:
    """Minutes before, -1 for no reminder, None where nothing is said of it; the text without that."""
    if (found := _LEAD.search(text)) is not None:
        unit = {"分": 1, "天": 1440}.get(found[2][0], 60)
        return int(found[1]) * unit, f"{text[: found.start()]} {text[found.end() :]}"
    if (found := _SILENT.search(text)) is not None:
        return -1, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def own(text: str) -> bool:
    """Whether `whose` means the speaker."""
    return text in ("", "我", "我的", "本人", "自己")
