"""Calendars, rooms and subscription addresses in a browser, and the feed as calendar programs read it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import aiohttp
import icalendar
import pytest


@pytest.fixture
async def town(open_town):
    return await open_town()


async def signed_in(town, browser, user, path):
    one = browser(town, "wecom", user)
    await one.get(f"{path}?via={one.via}")
    return one


async def feed(address):
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return answer.status, answer.headers, await answer.read()


def events(body):
    return {str(one["SUMMARY"]): one for one in icalendar.Calendar.from_ical(body).walk("VEVENT")}


async def test_an_entry_is_made_and_cancelled_on_the_page(town, browser):
    zhang = await signed_in(town, browser, "zhangsan", "/office/calendar")
    typed = {"title": "接待调研组", "day": "2026-04-29", "start": "10:00", "end": "11:30", "place": "三楼"}
    await zhang.post("/office/calendar", {"token": zhang.token, **typed})
    assert "10:00-11:30" in zhang.text
    assert "接待调研组" in zhang.text
    number = re.search(r"/office/calendar/(\d+)/cancel", zhang.text)[1]
    chen = await signed_in(town, browser, "chenjing", "/office/calendar")
    await chen.get("/office/calendar?day=2026-04-29&who=张三")
    assert "接待调研组" not in chen.text
    assert "忙" in chen.text
    await chen.post(f"/office/calendar/{number}/cancel", {"token": chen.token})
    assert "您不能改它" in chen.text
    await zhang.post(f"/office/calendar/{number}/cancel", {"token": zhang.token})
    assert "接待调研组" not in zhang.text


async def test_a_room_is_booked_on_the_page_and_everybody_sees_by_whom(town, browser):
    zhang = await signed_in(town, browser, "zhangsan", "/office/rooms")
    typed = {"room": "", "day": "2026-04-29", "start": "09:00", "end": "10:00", "people": "18", "subject": "支部会"}
    await zhang.post("/office/rooms", {"token": zhang.token, **typed})
    chen = await signed_in(town, browser, "chenjing", "/office/rooms")
    await chen.get("/office/rooms?day=2026-04-29")
    assert "09:00-10:00" in chen.text
    assert "张三 办公室" in chen.text
    assert "支部会" not in chen.text
    await chen.post("/office/rooms", {"token": chen.token, **typed, "room": "二楼会议室"})
    assert "没有订上" in chen.text


async def test_a_feed_is_read_by_calendar_programs_until_it_is_revoked(town, browser):
    await town.say("wecom", "zhangsan", "日程 4月29日晚11点到4月30日凌晨1点 值班 @值班室")
    await town.text("wecom", "zhangsan", "已记")
    await town.say("wecom", "zhangsan", "日程 4月30日 学习, 第1组; 交流")
    await town.until(lambda: len(town.cards("wecom", "zhangsan", "已记")) == 2, "both are entered")
    zhang = await signed_in(town, browser, "zhangsan", "/office/calendar/feeds")
    await zhang.post("/office/calendar/feeds", {"token": zhang.token})
    address = re.search(r'value="(http[^"]+/ics/[^"]+\.ics)"', zhang.text)[1]
    status, headers, body = await feed(address)
    assert (status, headers["Cache-Control"]) == (200, "no-store")
    found = events(body)
    night, day = found["值班"], found["学习, 第1组; 交流"]
    assert night["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert night["DTSTART"].dt.astimezone(UTC) == datetime(2026, 4, 29, 15, tzinfo=UTC)
    assert night["DTEND"].dt.astimezone(UTC) == datetime(2026, 4, 29, 17, tzinfo=UTC)
    assert (day["DTSTART"].dt, day["DTEND"].dt) == (date(2026, 4, 30), date(2026, 5, 1))
    (zone,) = icalendar.Calendar.from_ical(body).walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Shanghai"
    await town.say("wecom", "zhangsan", "取消日程 1")
    await town.card("wecom", "zhangsan", "已取消")
    again = events((await feed(address))[2])["值班"]
    assert (again["UID"], again["STATUS"], again["SEQUENCE"]) == (night["UID"], "CANCELLED", 1)
    await town.say("wecom", "zhangsan", "停用日历订阅")
    await town.text("wecom", "zhangsan", "立即失效")
    assert (await feed(address))[0] == 404
    tokens = await town.rows("SELECT token_hash FROM ics_feed")
    assert all(row["token_hash"] not in address for row in tokens)
    letters = await town.rows("SELECT message FROM outbox")
    assert not any("/ics/" in row["message"] for row in letters)
