from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from config.accounts import DingtalkAccount, WecomAccount

DINGTALK = {"name": "dd", "platform": "dingtalk", "client_id": "ding1", "client_secret": "s", "corp_id": "c"}
WECOM = {"name": "wx", "platform": "wecom", "corp_id": "ww", "agent_id": 1, "secret": "s", "token": "ttt"}
KEY = "a" * 43


def refused(kind: type[WecomAccount] | type[DingtalkAccount], **values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(values)
    return caught.value.errors()[0]["msg"]


def test_the_robot_of_an_app_is_the_app():
    assert DingtalkAccount.model_validate(DINGTALK).robot_code == "ding1"
    assert DingtalkAccount.model_validate({**DINGTALK, "robot_code": "r"}).robot_code == "r"


def test_stream_needs_no_callback_keys_and_http_does():
    assert DingtalkAccount.model_validate(DINGTALK).transport == "stream"
    assert "encoding_aes_key" in refused(DingtalkAccount, **DINGTALK, transport="http")
    http = {**DINGTALK, "transport": "http", "token": "ttt", "encoding_aes_key": KEY}
    assert DingtalkAccount.model_validate(http).transport == "http"


def test_cards_over_http_need_a_route():
    http = {**DINGTALK, "transport": "http", "token": "ttt", "encoding_aes_key": KEY, "card_template_id": "t.schema"}
    assert "card_route_key" in refused(DingtalkAccount, **http)
    assert DingtalkAccount.model_validate({**http, "card_route_key": "officebot"}).card_route_key == "officebot"


def test_half_a_contact_callback_is_refused():
    whole = {**WECOM, "encoding_aes_key": KEY}
    assert "contact_token" in refused(WecomAccount, **whole, contact_token="ttt")
    assert "contact_token" in refused(WecomAccount, **whole, contact_encoding_aes_key=KEY)


@pytest.mark.parametrize("name", ["", "Main", "主", "a/b", "-a", "a" * 33])
def test_a_name_that_cannot_stand_in_an_address(name):
    assert refused(DingtalkAccount, **{**DINGTALK, "name": name})


@pytest.mark.parametrize("token", ["ab", "a" * 33, "with space", "密"])
def test_a_token_that_no_console_accepts(token):
    assert "Token" in refused(WecomAccount, **{**WECOM, "encoding_aes_key": KEY, "token": token})


@pytest.mark.parametrize("key", ["a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "+"])
def test_an_aes_key_of_another_shape(key):
    assert "43" in refused(WecomAccount, **WECOM, encoding_aes_key=key)


@pytest.mark.parametrize(
    "address", ["http://api.example.cn", "ftp://x", "api.example.cn", "https://u:p@x", "https://x/?a=1"]
)
def test_an_address_that_secrets_must_not_travel_to(address):
    assert refused(DingtalkAccount, **DINGTALK, api_base=address)


def test_sandbox_on_this_machine_may_be_plain_http_and_loses_its_last_slash():
    account = DingtalkAccount.model_validate(
        {**DINGTALK, "api_base": "http://[::1]:9000/", "oapi_base": "http://localhost:1"}
    )
    assert (account.api_base, account.oapi_base) == ("http://[::1]:9000", "http://localhost:1")


def test_accounts_do_not_change_and_do_not_tell():
    account = DingtalkAccount.model_validate(
        {**DINGTALK, "client_secret": "hush", "proxy": "http://me:hush@proxy:3128"}
    )
    assert "hush" not in repr(account)
    with pytest.raises(ValidationError):
        account.corp_id = "other"
