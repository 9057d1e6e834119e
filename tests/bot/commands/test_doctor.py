from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from bot.commands import doctor
from connectors.contract import Finding

DINGTALK = SimpleNamespace(name="dd", platform="dingtalk", proxy=None, base_url="http://127.0.0.1:9")
YUNZHIJIA = SimpleNamespace(name="yzj", platform="yunzhijia", proxy="http://10.0.0.8:3128", base_url="http://127.0.0.1:9")


@pytest.fixture
def told(monkeypatch):
    """What is said of an account whose connector found something; the proxies its calls were to go through."""

    def call(account, *findings):
        proxies = []

        async def diagnose():
            return findings

        async def close():
            pass

        def build(account, *, http, clock):
            proxies.append(http.proxy)
            return SimpleNamespace(diagnose=diagnose, close=close)

        monkeypatch.setattr(doctor.registry, "build", build)
        settings = SimpleNamespace(settings=SimpleNamespace(accounts=[account]))
        lines = asyncio.run(doctor._platforms(settings))
        return [doctor._shown(line) for line in lines], proxies

    return call


def test_the_key_that_is_missing_is_the_platforms_own(told):
    finding = Finding("cards", ok=False, code="no_template")
    assert "（card_template_id）" in told(DINGTALK, finding)[0][0]
    assert "（card_template）" in told(YUNZHIJIA, finding)[0][0]
    assert "robot_secret" in told(YUNZHIJIA, Finding("callback", ok=False, code="not configured"))[0][0]


@pytest.mark.parametrize("code", sorted(doctor._OURS))
def test_our_own_codes_are_not_shown_to_anybody(told, code):
    assert code not in told(DINGTALK, Finding("cards", ok=False, code=code))[0][0]


def test_a_way_that_is_blocked_is_said_in_chinese(told):
    finding = Finding("token", ok=False, detail={"words": "ClientConnectorDNSError"})
    assert told(DINGTALK, finding)[0] == ["✗ dd 取令牌：找不到这个主机名。检查网络、代理和应用设置。"]


def test_it_asks_the_way_the_service_does(told):
    assert told(YUNZHIJIA)[1] == ["http://10.0.0.8:3128"]


def test_a_quota_that_only_the_running_service_counts_is_not_told_as_unused(told):
    assert told(DINGTALK, Finding("calls", ok=True, code="ok", detail={"used": "0", "limit": "5000"}))[0] == []
