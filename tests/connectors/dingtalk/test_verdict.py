"""Who must act on which answer; and the meters."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from config.accounts import DingtalkAccount
from connectors.dingtalk import verdict
from connectors.dingtalk.connector import doors
from connectors.dingtalk.quota import Quota, Window
from connectors.dingtalk.settings import from_account
from connectors.errors import PlatformBusy, PlatformRefused, Throttled, Unsure
from connectors.transport import Reply

NOW = datetime(2026, 1, 31, 15, 0, tzinfo=UTC)


def reply(data, status=200):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Reply(status, {}, body, data if isinstance(data, dict) else {})


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "", verdict.TokenDead),
        (400, "InvalidAuthentication", verdict.TokenDead),
        (400, "invalidClientIdOrSecret", PlatformRefused),
        (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied", PlatformRefused),
        (403, "Forbidden.AccessDenied.IpNotInWhiteList", PlatformRefused),
        (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", Throttled),
        (403, "Forbidden.AccessDenied.QpmLimitForApi", Throttled),
        (403, "Forbidden.AccessDenied.ApiCountLimitForOrg", verdict.QuotaUsedUp),
        (400, "send.too.fast", Throttled),
        (400, "system.busy", PlatformBusy),
        (400, "ServiceUnavailable", PlatformBusy),
        (400, "param.templateNotExist", PlatformRefused),
    ],
)
def test_the_new_family(status, code, kind):
    found = verdict.new_family(reply({"code": code, "message": "m"}, status), call="c")
    assert type(found) is kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"errcode": 40014}, verdict.TokenDead),
        ({"errcode": 42001}, verdict.TokenDead),
        ({"errcode": 88, "sub_code": "40014"}, verdict.TokenDead),
        ({"errcode": 88, "sub_code": "60011"}, PlatformRefused),
        ({"errcode": 90018}, Throttled),
        ({"errcode": 90002}, Throttled),
        ({"errcode": 90020}, verdict.QuotaUsedUp),
        ({"errcode": -1}, PlatformBusy),
        ({"errcode": 15}, Unsure),
        ({"errcode": 60121}, PlatformRefused),
        ({"errcode": 40035}, PlatformRefused),
    ],
)
def test_the_old_family(data, kind):
    assert type(verdict.old_family(reply(data), call="c")) is kind


def test_good_answers_are_good():
    assert verdict.new_family(reply({"x": 1}), call="c") is None
    assert verdict.old_family(reply({"errcode": 0}), call="c") is None


@pytest.mark.parametrize("blocked", [{"status": 1111, "wait": 5, "punish": "deny"}, b"<html>blocked</html>", b""])
def test_the_firewall_is_no_answer_and_silences_us_for_five_minutes(blocked):
    for family in (verdict.new_family, verdict.old_family):
        found = family(reply(blocked), call="c")
        assert isinstance(found, Throttled)
        assert found.retry_after == 300


def test_a_month_of_calls_is_counted_in_beijing_months():
    quota = Quota(10)
    for _ in range(7):
        quota.count("a", now=NOW)
    assert quota.level(now=NOW) == "high"
    quota.count("b", now=NOW)
    quota.count("b", now=NOW)
    assert quota.level(now=NOW) == "critical"
    quota.refuse(now=NOW)
    assert quota.level(now=NOW) == "used_up"
    assert quota.by_call == {"a": 7, "b": 2}
    assert quota.level(now=NOW + timedelta(hours=1)) == "ok"  # 1 February in Beijing, still January in UTC


def test_a_window_says_how_long_to_wait():
    window = Window(2, 60)
    assert [window.take(NOW), window.take(NOW + timedelta(seconds=10))] == [0, 0]
    assert window.take(NOW + timedelta(seconds=20)) == 40
    assert window.take(NOW + timedelta(seconds=60)) == 0


def test_settings_come_from_the_configured_account_and_do_not_print_secrets():
    account = DingtalkAccount.model_validate({
        "name": "dd", "platform": "dingtalk", "client_id": "dingapp", "client_secret": "very-secret",
        "corp_id": "dingcorp", "agent_id": 7, "robots": {"all": {"token": "robot-token", "secret": "SECx"}},
    })  # fmt: skip
    settings = from_account(account)
    assert (settings.robot_code, settings.agent_id, settings.transport) == ("dingapp", "7", "stream")
    assert settings.api_base == "https://api.dingtalk.com"
    assert settings.robots["all"].token == "robot-token"
    assert settings.client_secret == "very-secret"
    for secret in ("very-secret", "robot-token", "SECx"):
        assert secret not in repr(settings)


def test_a_bad_key_fails_at_the_start_and_not_on_a_request():
    keys = {"client_id": "c", "client_secret": "s", "corp_id": "c", "token": "t", "encoding_aes_key": "short"}
    section = SimpleNamespace(name="dd", **keys)
    with pytest.raises(ValueError, match="43"):
        doors(from_account(section))
