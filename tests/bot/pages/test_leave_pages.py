"""The pages about leave as each reader gets them: what they show, what they keep back, what they write down."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from town import staff

PEOPLE = staff()


@pytest.fixture
async def town(open_town):
    """张三 is away from 6 to 8 May, asked for the afternoon of 20 May."""
    town = await open_town(people=PEOPLE)
    for text in ("年假 5月6日到8日 回家", "年假 5月20日下午"):
        await town.say("wecom", "zhangsan", text)
        await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "请确认"), "提交")
        if "20日" not in text:
            await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的年假3天"), "同意")
        await town.settled()
    return town


async def opened(browser, town, user, path):
    one = browser(town, "wecom", user)
    await one.get(f"{path}{'&' if '?' in path else '?'}via=wecom-main")
    return one


async def person(town, name):
    return (await town.rows("SELECT id FROM person WHERE name = ?", name))[0]["id"]


def listed(page):
    """The list of the calendar as text."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.partition('id="who"')[2]).split())


async def test_a_colleague_sees_that_somebody_is_away_and_nothing_more(browser, town):
    page = await opened(browser, town, "chenjing", "/office/team?month=2026-05")
    assert "张三 不在 5月6日（周三） 至 5月8日（周五）" in listed(page)
    assert "年假" not in listed(page)
    assert "20日" not in listed(page)
    assert "/office/items/" not in page.text


async def test_the_leader_sees_the_kind_and_what_waits_and_that_is_written_down_once(browser, town):
    page = await opened(browser, town, "lisi", "/office/team?month=2026-05")
    assert "张三 年假 5月6日" in listed(page)
    assert "待批 5月20日（周三）下午" in listed(page)
    await page.get("/office/team?month=2026-05")
    facts = await town.journal("leave.read")
    assert [(fact["what"], fact["detail"]) for fact in facts] == [("calendar", "2026-05")]


async def test_another_department_is_not_to_be_asked_for(browser, town):
    page = await opened(browser, town, "chenjing", "/office/team?month=2026-05&department=人事科")
    assert "人事科" not in page.text


async def test_personnel_choose_a_department_and_a_day(browser, town):
    page = await opened(browser, town, "wangwu", "/office/team?month=2026-05&day=2026-05-06")
    assert "5月6日不在的人（1人）" in listed(page)
    assert "年假" in listed(page)
    await page.get("/office/team?month=2026-05&department=人事科")
    assert "没有人不在" in listed(page)


async def test_an_address_that_nobody_meant_shows_a_month(browser, town):
    page = await opened(browser, town, "chenjing", "/office/team")
    for query in ("month=x", "month=99999-01", "month=0001-01", "month=2026-05&day=x", "department=%00"):
        await page.get(f"/office/team?{query}")
        assert page.status == 200, query


async def test_approved_trips_are_in_the_calendar_for_the_traveller_and_the_companions(browser, town):
    zhang, chen = await person(town, "张三"), await person(town, "陈静")
    fields = {"period": {"start": "2026-05-12", "start_half": "pm", "end": "2026-05-13", "end_half": "pm"},
              "companions": [chen]}  # fmt: skip
    await town.service.database.write(
        lambda tx: tx.execute(
            "INSERT INTO item (id, number, form, form_version, applicant, state, version, current, fields_json,"
            " route_json, rest_json, created_ms, changed_ms)"
            " VALUES ('itrip', 99, 'trip', '', ?, 'approved', 1, 0, ?, '[]', '{}', ?, ?)",
            zhang, json.dumps(fields), town._ms(), town._ms(),
        )
    )  # fmt: skip
    page = await opened(browser, town, "lisi", "/office/team?month=2026-05")
    assert "张三 出差 5月12日（周二）下午 至 5月13日（周三）" in listed(page)
    assert "陈静 出差" in listed(page)


async def test_my_year_is_drawn_and_every_figure_leads_to_its_explanation(browser, town):
    page = await opened(browser, town, "zhangsan", "/office/leave")
    for said in ("6.5天", "已休3天", "在批0.5天", "可用6.5天", "12月31日到期", "满10年", "国务院令第514号"):
        assert said in page.text
    assert 'href="#why"' in page.text
    assert 'href="#entries"' in page.text
    assert "style=" not in page.text


async def test_looking_at_ones_leave_writes_nothing(browser, town):
    before = await town.rows("SELECT COUNT(*) AS n FROM leave_entry")
    page = await opened(browser, town, "chenjing", "/office/leave?year=2026")
    assert "5天" in page.text
    assert await town.rows("SELECT COUNT(*) AS n FROM leave_entry") == before
    assert await town.journal("leave.read") == []


async def test_a_year_or_day_that_is_none_is_said_in_words(browser, town):
    page = await opened(browser, town, "zhangsan", "/office/leave/statement")
    for query in ("year=1", "year=9999", "year=x", "on=2026-02-30", "on=2025-05-01&year=2026", "known_at=x"):
        await page.get(f"/office/leave/statement?{query}")
        assert page.status == 422, query
        assert "这个日期或年份看不了" in page.text


async def test_the_leave_of_others_is_for_personnel_and_who_looked_is_written_down(browser, town):
    zhang = await person(town, "张三")
    for path in ("/office/leave", "/office/leave/statement"):
        colleague = await opened(browser, town, "lisi", f"{path}?person={zhang}")
        assert colleague.status == 403
        assert "只有本人和人事能看" in colleague.text
        personnel = await opened(browser, town, "wangwu", f"{path}?person={zhang}")
        assert "张三：2026年休假" in personnel.text
    assert [fact["what"] for fact in await town.journal("leave.read")] == ["balance", "statement"]


async def test_as_known_before_the_request_shows_none_of_it(browser, town):
    page = await opened(browser, town, "zhangsan", "/office/leave/statement?known_at=2026-04-27T08:59")
    assert "5月6日" not in page.text
    assert "首次申请时入账" in page.text


async def issued(browser, town, user="zhangsan", **fields):
    """A paper of one's own; (browser, serial, code)."""
    page = await opened(browser, town, user, "/office/leave/statement")
    await page.post("/office/leave/statement", {"token": page.token, "year": "2026", **fields}, follow=False)
    found = re.fullmatch(r"/office/leave/statement/([0-9A-Z-]+)\.pdf\?code=([0-9A-Z-]+)", page.headers["Location"])
    return page, found[1], found[2]


async def test_a_paper_has_its_font_and_is_made_again_from_its_number(browser, town):
    page, serial, code = await issued(browser, town)
    for _ in range(2):
        async with page.session.get(f"{town.address}/office/leave/statement/{serial}.pdf?code={code}") as response:
            data = await response.read()
            assert (response.status, response.content_type) == (200, "application/pdf")
        assert b"/FontFile2" in data
    (fact,) = await town.journal("leave.statement_issued")
    assert fact["statement"] == serial
    assert "figures" in fact
    assert "sha256" in fact["figures"]


async def test_an_honest_paper_agrees_until_something_happens_and_then_says_what(browser, town):
    page, serial, code = await issued(browser, town)
    await page.get(f"/office/leave/check/{serial}?code={code}")
    assert "<strong>一致</strong>" in page.text
    town.clock.forward(timedelta(minutes=5))
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的年假0.5天"), "同意")
    await town.settled()
    await page.get(f"/office/leave/check/{serial}?code={code.lower()}")
    assert "当时无误，此后有变动" in page.text
    assert "已休：纸上 3天，现在 3.5天" in page.text


async def test_an_altered_code_and_an_invented_number_are_found(browser, town):
    page, serial, code = await issued(browser, town)
    other = ("B" if code[0] == "A" else "A") + code[1:]
    await page.get(f"/office/leave/check/{serial}?code={other}")
    assert "校验码不对" in page.text
    assert "纸上应当是" not in page.text
    async with page.session.get(
        f"{town.address}/office/leave/statement/{serial}.pdf?code={other}", allow_redirects=False
    ) as response:
        assert response.status == 303
    await page.get("/office/leave/check/2026-NOTTHERE?code=AAAA-AAAA-AAAA")
    assert page.status == 404
    assert "没有这个编号的对账单" in page.text


async def test_a_corrected_file_is_named_on_the_page_that_checks(browser, town):
    page, serial, code = await issued(browser, town, user="chenjing")
    await town.service.database.write(
        lambda tx: tx.execute("UPDATE person SET first_work_date = '2010-07-01' WHERE name = '陈静'")
    )
    await page.get(f"/office/leave/check/{serial}?code={code}")
    assert "与记录不一致" in page.text
    assert "可用：纸上 5天，现在 10天" in page.text


async def test_somebody_else_with_the_paper_in_hand_learns_that_it_is_genuine_and_no_figures(browser, town):
    _, serial, code = await issued(browser, town)
    page = await opened(browser, town, "lisi", f"/office/leave/check/{serial}?code={code}")
    assert "<strong>一致</strong>" in page.text
    assert "张三" not in page.text
    assert "6.5天" not in page.text
    async with page.session.get(f"{town.address}/office/leave/statement/{serial}.pdf?code={code}") as response:
        assert response.status == 403


async def test_a_forged_request_gives_out_no_paper(browser, town):
    page = await opened(browser, town, "zhangsan", "/office/leave/statement")
    await page.post("/office/leave/statement", {"token": "0" * 64, "year": "2026"}, follow=False)
    assert page.status == 403
    assert await town.journal("leave.statement_issued") == []


async def test_personnel_find_people_by_what_is_to_be_done(browser, town):
    page = await opened(browser, town, "wangwu", "/office/leave/people")
    names = re.compile(r'class="row-title" href="[^"]+">([^<]+)<')
    assert set(names.findall(page.text)) == {"孙立新", "王五", "李四", "张三", "陈静"}
    wanted = {
        "only=waiting": {"张三"}, "q=004": {"张三"}, "q=陈": {"陈静"}, "department=人事科": {"王五"},
        "only=provisional": set(), "only=expiring": set(), "only=nonsense&page=-3": set(names.findall(page.text)),
    }  # fmt: skip
    for query, people in wanted.items():
        await page.get(f"/office/leave/people?{query}")
        assert set(names.findall(page.text)) == people, query
    town.clock.forward(timedelta(days=190))  # November: the year's end is near
    again = await opened(browser, town, "wangwu", "/office/leave/people?only=expiring")
    assert {"张三", "陈静"} <= set(names.findall(again.text))


async def test_sheets_are_for_personnel_and_a_download_is_written_down(browser, town):
    clerk = await opened(browser, town, "zhangsan", "/office/leave/sheets?year=2026&month=5")
    assert clerk.status == 403
    page = await opened(browser, town, "wangwu", "/office/leave/sheets?year=2026&month=5")
    assert "2026年5月休假情况（5人）" in page.text
    assert await town.journal("leave.sheet_exported") == []
    async with page.session.get(f"{town.address}/office/leave/sheets/file?year=2026&month=5") as response:
        data = await response.read()
        assert response.status == 200
        assert "attachment" in response.headers["Content-Disposition"]
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    (fact,) = await town.journal("leave.sheet_exported")
    assert (fact["sheet"], fact["people"], fact["actor"]) == ("leave-2026-05", 5, await person(town, "王五"))
    await page.get("/office/leave/sheets?year=2026&month=13")
    assert page.status == 422
