"""One record per platform account of the office; a connector is built from its own record and reads nothing else.

They stand here and not in the connectors' folders because imports go one way and `office.yaml` is typed in one place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Discriminator, Field, SecretStr, Tag, model_validator

from config.fields import AccountName, AesKey, CallbackToken, HttpsUrl, ProxyUrl, Secret, Section, is_loopback, wrong
from config.wecom_family import SmartBot, YuezhengyiAccount, socket_address


class WecomAccount(SmartBot):
    """One self-built app (自建应用) of one corp; wecom.md 2-4. `base_url` differs in private editions."""

    name: AccountName
    platform: Literal["wecom"]
    corp_id: str = Field(min_length=1)
    agent_id: int = Field(ge=1)
    secret: Secret
    token: CallbackToken
    encoding_aes_key: AesKey
    base_url: HttpsUrl = "https://qyapi.weixin.qq.com"
    oauth_base: HttpsUrl = "https://open.weixin.qq.com"
    proxy: ProxyUrl | None = Field(default=None, repr=False)
    contact_secret: Secret | None = None
    contact_token: CallbackToken | None = None
    contact_encoding_aes_key: AesKey | None = None
    robots: dict[str, Secret] = Field(default_factory=dict)
    bot_url: Annotated[str, AfterValidator(socket_address)] = "wss://openws.work.weixin.qq.com"

    @model_validator(mode="after")
    def _contact_door_is_whole(self) -> Self:
        if (self.contact_token is None) != (self.contact_encoding_aes_key is None):
            raise wrong(
                "contact_token 和 contact_encoding_aes_key 必须同时填写", "两项都到「通讯录同步」的回调设置里复制"
            )
        return self


class DingtalkRobot(Section):
    """A custom group robot (自定义机器人): its access token, and its signing secret, which begins with SEC."""

    token: Secret
    secret: Secret | None = None


def _client_id(data: dict[str, Any]) -> str:
    return str(data.get("client_id", ""))


class DingtalkAccount(Section):
    """One internal app (企业内部应用) with its robot; dingtalk.md 1. The app's own robot code is its client id."""

    name: AccountName
    platform: Literal["dingtalk"]
    client_id: str = Field(min_length=1)
    client_secret: Secret
    corp_id: str = Field(min_length=1)
    robot_code: str = Field(default_factory=_client_id, min_length=1)
    agent_id: int | None = Field(default=None, ge=1)
    transport: Literal["stream", "http"] = "stream"
    token: CallbackToken | None = None
    encoding_aes_key: AesKey | None = None
    card_template_id: str = ""
    card_route_key: str = ""
    api_secret: SecretStr | None = None
    api_base: HttpsUrl = "https://api.dingtalk.com"
    oapi_base: HttpsUrl = "https://oapi.dingtalk.com"
    proxy: ProxyUrl | None = Field(default=None, repr=False)
    robots: dict[str, DingtalkRobot] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _http_push_can_be_verified(self) -> Self:
        if self.transport != "http":
            return self
        if self.token is None or self.encoding_aes_key is None:
            raise wrong(
                "transport 为 http 时必须填写 token 和 encoding_aes_key",
                "到开发者后台「事件订阅」里复制；没有公网地址的单位改用 transport: stream",
            )
        if self.card_template_id and not self.card_route_key:
            raise wrong("transport 为 http 并且使用互动卡片时必须填写 card_route_key", "自己起一个名，例如 officebot")
        return self


class YunzhijiaAccount(Section):
    """One light app with its public account on one tenant of Yunzhijia; yunzhijia.md 1, 2 and 13.

    `base_url` differs in private clouds. Each secret opens one family of calls and nothing else; whatever has none is
    done the next best way (no card templates: text with the page's address).
    """

    name: AccountName
    platform: Literal["yunzhijia"]
    eid: str = Field(min_length=1)
    app_id: str = Field(min_length=1)
    app_secret: Secret
    pub: str = Field(min_length=1)
    pub_secret: Secret
    base_url: HttpsUrl = "https://www.yunzhijia.com"
    pubsend_path: str = Field(default="/pubacc/pubsendV2", pattern=r"^/[\w./-]+$")
    proxy: ProxyUrl | None = Field(default=None, repr=False)
    sign_key: Secret | None = None
    card_template: str = ""
    card_base_template: str = ""
    card_selects: bool = False
    card_key: Secret | None = None
    im_secret: Secret | None = None
    robot_secret: Secret | None = None
    robot_url: Secret | None = None
    websocket: bool = False
    robots: dict[str, Secret] = Field(default_factory=dict)
    approval_app_id: str = ""
    approval_secret: Secret | None = None
    approval_aes_key: Secret | None = None
    calendar_secret: Secret | None = None
    calendar_key: Secret | None = None
    files_secret: Secret | None = None

    @model_validator(mode="after")
    def _cards_are_whole(self) -> Self:
        if self.card_template and not (self.card_base_template and self.card_key and self.im_secret):
            raise wrong(
                "使用消息卡片时还要填写 card_base_template、card_key 和 im_secret",
                "两个模板编号到卡片搭建平台复制，card_key 自己定一个，im_secret 是「IM服务」资源的密钥",
            )
        return self

    @model_validator(mode="after")
    def _robot_is_whole(self) -> Self:
        if self.websocket and self.robot_url is None:
            raise wrong("websocket 为 true 时必须填写 robot_url", "到对话机器人的设置页复制发送地址")
        for key, url in {"robot_url": self.robot_url, **self.robots}.items():
            if url is not None and not _robot_address(url.get_secret_value()):
                raise wrong(f"{key} 应是机器人的完整发送地址", "整条复制，以 https:// 开头，带 yzjtoken")
        return self

    @model_validator(mode="after")
    def _calendar_key_is_long(self) -> Self:
        if self.calendar_key is not None and not re.fullmatch(r"[\w-]{16,128}", self.calendar_key.get_secret_value()):
            raise wrong(
                "calendar_key 应是 16 到 128 位的字母、数字、下划线或短横线",
                "自己定一个别人猜不到的，填进时间助手的回调地址：…/callback/账号/calendar?key=这个值",
            )
        return self

    @model_validator(mode="after")
    def _approval_key_fits(self) -> Self:
        if self.approval_aes_key is not None and len(self.approval_aes_key.get_secret_value().encode()) != 16:
            raise wrong("approval_aes_key 应是 16 个字符", "到智能审批「流程设计 - 开发者选项」里复制")
        return self


def _robot_address(text: str) -> bool:
    parts = urlsplit(text)
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    return bool(safe and parts.hostname and "yzjtoken=" in parts.query)


class OtherAccount(Section):
    """An account of a platform that has no record here: its connector looks into `options` itself.

    All values are kept as secrets, because nobody here knows which of them are.
    """

    name: AccountName
    platform: str = Field(pattern=r"^[a-z][a-z0-9_]{1,19}$")
    options: dict[str, Secret]
    proxy: ProxyUrl | None = Field(default=None, repr=False)


def _record(account: Any) -> str | None:
    """Which record it is: by its platform; `other` for one that we do not know and that brings its own options."""
    given = account if isinstance(account, Mapping) else getattr(account, "__dict__", {})
    platform = given.get("platform")
    if not isinstance(platform, str):
        return None
    return "other" if platform not in PLATFORMS and "options" in given else platform


Account = Annotated[
    Annotated[WecomAccount, Tag("wecom")]
    | Annotated[DingtalkAccount, Tag("dingtalk")]
    | Annotated[YunzhijiaAccount, Tag("yunzhijia")]
    | Annotated[YuezhengyiAccount, Tag("yuezhengyi")]
    | Annotated[OtherAccount, Tag("other")],
    Discriminator(_record),
]

PLATFORMS: dict[str, type[Section]] = {
    "wecom": WecomAccount, "dingtalk": DingtalkAccount, "yunzhijia": YunzhijiaAccount,
    "yuezhengyi": YuezhengyiAccount,
}  # fmt: skip
