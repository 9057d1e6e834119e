"""“对账单”, “休假月表 5月”: the words that open a statement or a sheet on its page; for personnel anybody's."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import urlencode

from cards import desk as desk_cards
from cards import leave_owner, vocabulary
from cards import leave_statement as words
from cards.leave_sheet import title
from cards.model import Message, Text
from connectors.events import TextReceived
from handlers import senders
from handlers.context import Context
from handlers.leave import charge
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

PERSONNEL = "personnel"
_LONGEST = 60
_STATEMENT = re.compile(
    r"(?:(?P<who>[^\d\s的]{1,20}?)的?)??\s*(?:(?P<year>\d{4})年?)?\s*(?:的)?(?:(?:休假|假期|年假|请假)?对账单|(?:休假|请假)记录)\s*(?:(?P<after>\d{4})年?)?"
)
_PERIOD = r"(?:(?P<year>\d{4})年?)?\s*(?:(?P<month>\d{1,2}|上个?|这个?|本)月)?的?"
_SHEET = re.compile(
    rf"{_PERIOD}\s*(?:休假|请假|考勤)(?P<kind>月表|年表|报表|表)"
    r"\s*(?:(?P<after>\d{4})年?)?\s*(?:(?P<late>\d{1,2}|上个?|这个?|本)月)?"
)
_EXPORT = re.compile(
    rf"(?:请|帮我)?(?:导出|下载|打印)(?:一下)?\s*{_PERIOD}(?:全部|全员|大家|所有人|全单位|本单位)?的?\s*"
    r"(?:休假|请假|考勤)(?P<kind>情况|统计|汇总|明细|数据|月表|年表|报表|表)表?"
)
_UNTAKEN = re.compile(
    r"(?:还有)?(?:谁|哪些人|哪几个人|哪些同事)(?:的|还|有)*(?:年休?假)?还?(?:没有?|未)(?:休|请|用)[完掉过]?(?:年休?假)?的?"
    r"|(?:还有)?(?:谁|哪些人)的?(?:年休?假|假期|假)(?:快|要|将|就)*(?:到期|过期|作废)了?"
    r"|(?:导出|下载|看看?|查看?|打开)?(?:全单位|全员|全部|所有人|大家|本单位|全局|全体)(?:人员)?的?(?:年休?假|假期|休假|调休)?(?:的?余额|剩余|还剩多少)表?"
    r"|(?:导出|下载|打印)(?:年休?假|假期|休假|调休)?余额表?"
)
"""Who has not taken their leave yet, whose is about to end: everybody's balances, which only personnel may see."""

_ADJUST = re.compile(
    r"(?:人工|手工)?调整\s*(?P<who>[一-鿿·]{2,4}?)\s*的?(?:年休?假|调休|假期|休假|额度)\s*\S.*"
    r"|(?:请|帮我)?把\s*(?P<whose>[一-鿿·]{2,4}?)\s*的?(?:年休?假|调休|假期|休假|额度)(?:天数|额度|余额)?"
    r"(?:调整?|改|增?加|减少?)[到成为了]?\s*[\d一二两三四五六七八九十半.]+\s*个?(?:天|小时)"
    r"|给?\s*(?P<whom>[一-鿿·]{2,4}?)\s*(?:多?加|减|补|扣)\s*[\d一二两三四五六七八九十半.]+\s*个?(?:天|小时)的?(?:年休?假|调休|额度)"
)


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    text = vocabulary.plain(event.text)
    if len(text) > _LONGEST:
        return PASS
    if (adjust := _ADJUST.fullmatch(text)) is not None:
        return await _adjust(event, ctx, adjust["who"] or adjust["whose"] or adjust["whom"])
    statement, sheet = _STATEMENT.fullmatch(text), _SHEET.fullmatch(text) or _EXPORT.fullmatch(text)
    untaken = _UNTAKEN.fullmatch(text.rstrip("?？")) is not None
    if statement is None and sheet is None and not untaken:
        return PASS
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        return PASS
    answer = await _statement(ctx, person, statement) if statement else await _sheet(ctx, person, sheet)
    if answer is None:
        return PASS
    await senders.answer(ctx, event, answer, "paper")
    return None


async def _adjust(event: TextReceived, ctx: Context, name: str) -> Answer:
    """The ledger is put right with a reason and an approver, and not in a chat; PASS for what is nobody's name."""
    person = await directory.by_ref(ctx.tx, event.sender)
    found = await directory.named(ctx.tx, name)
    if person is None or not found:
        return PASS
    may = PERSONNEL in await directory.roles_of(ctx.tx, person.id)
    await senders.answer(ctx, event, Text(words.adjusting(name, may=may)), "paper")
    return None


async def _statement(ctx: Context, person: Person, asked: re.Match[str]) -> Message | None:
    """None for a statement of something that is nobody's name: a bank's is another matter."""
    year = int(asked["year"] or asked["after"] or charge.today(ctx).year)
    name = asked["who"] or ""
    if name in leave_owner.SELF or not name or name == person.name:
        return statement(ctx, person, year, own=True)
    found = await directory.named(ctx.tx, name)
    if not found:
        return None
    if PERSONNEL not in await directory.roles_of(ctx.tx, person.id):
        return Text(desk_cards.refusal("leave_hidden"))
    if len(found) > 1:
        which = "、".join(one.staff_no or "（没有工号）" for one in found)
        return Text(desk_cards.refusal("who_ambiguous", {"name": name, "which": which}))
    return statement(ctx, found[0], year, own=False)


def statement(ctx: Context, person: Person, year: int, *, own: bool) -> Message:
    """The way to somebody's statement of a year; whether the reader may see it, the page asks again."""
    if not ctx.office.public_url:
        return Text(words.nowhere())
    url = _address(ctx, "statement", year=year) if own else _address(ctx, "statement", year=year, person=person.id)
    return words.ready(name=person.name, year=year, url=url, own=own)


async def _sheet(ctx: Context, person: Person, asked: re.Match[str] | None) -> Message:
    """The sheet of a period; without one, everybody's balances."""
    if PERSONNEL not in await directory.roles_of(ctx.tx, person.id):
        return Text(words.sheet_not_allowed())
    if not ctx.office.public_url:
        return Text(words.nowhere())
    if asked is None:
        return words.people_ready(url=_address(ctx, "people"))
    year, month = _period(asked, charge.today(ctx))
    if month is not None and not 1 <= month <= 12:
        return Text(desk_cards.refusal("no_such_year"))
    url = _address(ctx, "sheets", year=year, month=month or "")
    return words.sheet_ready(title=title(year, month), url=url)


def _period(asked: re.Match[str], today: date) -> tuple[int, int | None]:
    """A month sheet without a month is last month's, which is the one that is finished."""
    said = asked.groupdict(default="")
    year = int(said["year"] or said.get("after") or today.year)
    named = said["month"] or said.get("late", "")
    before = today.replace(day=1) - timedelta(days=1)
    if named.isdigit():
        return year, int(named)
    if named in ("本", "这", "这个"):
        return today.year, today.month
    if named or said["kind"] == "月表":
        return before.year, before.month
    return year, None


def _address(ctx: Context, place: str, **query: object) -> str:
    return f"{ctx.office.public_url.rstrip('/')}/office/leave/{place}{'?' if query else ''}{urlencode(query)}"


ROUTES: Router = router((TextReceived, on_text))
