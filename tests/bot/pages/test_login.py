"""Signing in through the platform: who comes in, who does not, and what is recorded of both."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from town import DOORS, staff

PLATFORMS = pytest.mark.parametrize("platform", ["wecom", "dingtalk"])


@PLATFORMS
async def test_somebody_of_the_office_comes_in_and_it_is_recorded(open_town, browser, platform):
    town = await open_town(people=staff(li=platform))
    leader = browser(town, platform, "lisi")
    await leader.get(f"/office/?via={DOORS[platform]}")
    assert leader.status == 200
    assert "李四" in leader.text
    cookie = next(one for one in leader.jar if one.key == "office")
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert [one["account"] for one in await town.journal("people.signed_in")] == [DOORS[platform]]


@PLATFORMS
async def test_a_member_who_is_in_no_list_of_ours_is_refused_in_words(open_town, browser, platform):
    town = await open_town(people=staff(li=platform))
    await town.service.database.write(
        lambda tx: tx.execute("DELETE FROM person_account WHERE platform_id = ?", "lisi")
    )
    stranger = browser(town, platform, "lisi")
    await stranger.get(f"/office/?via={DOORS[platform]}")
    assert stranger.status == 403
    assert "不在本单位名册里" in stranger.text
    refused = await town.journal("people.sign_in_refused")
    assert [(one["why"], one["account"]) for one in refused] == [("stranger", DOORS[platform])]
    assert not [one for one in stranger.jar if one.key == "office"]


async def test_an_outsider_is_refused_in_words(open_town, browser):
    town = await open_town()
    outsider = browser(town, "wecom", "somebody-else")
    await outsider.get("/office/?via=wecom-main")
    assert outsider.status == 403
    assert "不是本单位" in outsider.text
    assert [one["why"] for one in await town.journal("people.sign_in_refused")] == ["outsider"]


@PLATFORMS
async def test_a_code_that_a_link_preview_used_up_begins_the_sign_in_anew(open_town, browser, platform):
    town = await open_town(people=staff(li=platform))
    leader = browser(town, platform, "lisi")
    asked = await to_our_door(leader, platform)
    connector = town.service.connectors[DOORS[platform]]
    await connector.login(parse_qs(urlsplit(asked).query)["code"][0])
    await leader.get(asked)
    assert leader.status == 200
    assert leader.path == "/office/"


@PLATFORMS
async def test_a_state_is_good_once_and_in_one_browser(open_town, browser, platform):
    town = await open_town(people=staff(li=platform))
    leader, thief = browser(town, platform, "lisi"), browser(town, platform, "lisi")
    asked = await to_our_door(leader, platform)
    await thief.get(asked)
    assert thief.status == 400
    assert "登录没有完成" in thief.text
    await leader.get(asked)
    assert leader.status == 200
    leader.jar.clear(lambda cookie: cookie.key == "office")
    await leader.get(asked)
    assert leader.status == 400


async def test_two_tabs_sign_in_at_once(open_town, browser):
    town = await open_town()
    leader = browser(town, "wecom", "lisi")
    first = await to_our_door(leader, "wecom", onward="/office/?list=mine")
    second = await to_our_door(leader, "wecom", onward="/office/?list=decided")
    await leader.get(first)
    assert leader.path == "/office/?list=mine"
    await leader.get(second)
    assert leader.path == "/office/?list=decided"


async def test_a_session_ends_and_signs_in_again_by_itself(open_town, browser):
    town = await open_town()
    leader = browser(town, "wecom", "lisi")
    await leader.get("/office/?via=wecom-main")
    await town.forward(hours=12)
    async with leader.session.get(town.address + "/office/?list=mine", allow_redirects=False) as response:
        assert response.status == 303
        assert response.headers["Location"].startswith("/office/login?next=")
    await leader.get("/office/?list=mine&via=wecom-main")
    assert leader.path == "/office/?list=mine&via=wecom-main"
    assert leader.status == 200


async def test_a_leaver_is_out_at_once(open_town, browser):
    town = await open_town()
    leader = browser(town, "wecom", "lisi")
    await leader.get("/office/?via=wecom-main")
    await town.service.database.write(lambda tx: tx.execute("UPDATE person SET active = 0 WHERE name = ?", "李四"))
    await leader.get("/office/?via=wecom-main")
    assert leader.status == 403


async def test_signing_out_ends_the_session(open_town, browser):
    town = await open_town()
    leader = browser(town, "wecom", "lisi")
    await leader.get("/office/?via=wecom-main")
    await leader.post("/office/logout", {"token": leader.token})
    assert "已退出" in leader.text
    assert not [one for one in leader.jar if one.key == "office"]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/office/",
        "/callback/wecom-main/app",
        "/office/../x\nSet",
        "javascript:alert(1)",
    ],
)
async def test_the_sign_in_leads_to_no_page_but_ours(open_town, browser, address):
    town = await open_town()
    leader = browser(town, "wecom", "lisi")
    await leader.get(f"/office/login?via=wecom-main&next={quote(address)}")
    assert leader.status == 200
    assert leader.path == "/office/"


async def test_without_a_platform_one_is_offered(open_town, browser):
    town = await open_town()
    page = browser(town, "wecom", "lisi")
    await page.get("/office/items/i1")
    assert "从哪里登录" in page.text
    assert "企业微信" in page.text
    assert "钉钉" in page.text


async def to_our_door(page, platform, onward="/office/"):
    """The address with code and state to which the platform sends this browser; not opened yet."""
    where = await page._one("GET", f"/office/login?via={DOORS[platform]}&next={quote(onward)}")
    while "code=" not in urlsplit(where).query or "/office/login/back" not in where:
        where = await page._one("GET", where)
    return where
