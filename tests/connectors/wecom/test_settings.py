"""The account's section as the configuration gives it: secrets opened, defaults filled, nothing shown."""

from __future__ import annotations

from types import SimpleNamespace

from pydantic import SecretStr

from connectors.wecom.settings import HOST, OAUTH_HOST, from_account

LEAST = {
    "name": "wecom-main", "corp_id": "ww1", "agent_id": "1000002", "secret": SecretStr("s3cret"),
    "token": SecretStr("tok"), "encoding_aes_key": SecretStr("k" * 43), "base_url": None,
}  # fmt: skip


def test_secrets_are_opened_and_missing_parts_get_defaults():
    settings = from_account(SimpleNamespace(**LEAST))
    assert (settings.secret, settings.token, settings.agent_id) == ("s3cret", "tok", 1000002)
    assert (settings.base_url, settings.oauth_base) == (HOST, OAUTH_HOST)
    assert (settings.contact_secret, dict(settings.robots)) == ("", {})
    assert settings.receives


def test_hosts_lose_their_last_slash_and_robots_their_wrapping():
    given = LEAST | {"base_url": "https://wx.example.gov.cn/", "robots": {"all": SecretStr("key")}, "token": None}
    settings = from_account(SimpleNamespace(**given))
    assert settings.base_url == "https://wx.example.gov.cn"
    assert settings.robots == {"all": "key"}
    assert not settings.receives


def test_the_configurations_own_record_fits():
    from config.accounts import WecomAccount

    account = WecomAccount(
        name="wecom-main", platform="wecom", corp_id="ww1", agent_id=1000002, secret="s3cret-s3cret", token="tok",
        encoding_aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", robots={"all": "robot-key"},
    )  # fmt: skip
    settings = from_account(account)
    assert (settings.account, settings.secret, settings.robots) == ("wecom-main", "s3cret-s3cret", {"all": "robot-key"})


def test_nothing_secret_shows_in_a_print():
    shown = repr(from_account(SimpleNamespace(**LEAST | {"robots": {"all": "robot-key"}})))
    assert not any(word in shown for word in ("s3cret", "tok'", "kkk", "robot-key"))
