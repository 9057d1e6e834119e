"""One record per platform account of the office; a connector is built from its own record and reads nothing else.

They stand here and not in the connectors' folders because imports go one way and `office.yaml` is typed in one place.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, model_validator

from config.fields import AccountName, AesKey, CallbackToken, HttpsUrl, ProxyUrl, Secret, Section, wrong


class WecomAccount(Section):
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


Account = Annotated[WecomAccount | DingtalkAccount, Field(discriminator="platform")]

PLATFORMS: dict[str, type[Section]] = {"wecom": WecomAccount, "dingtalk": DingtalkAccount}
PLANNED = {"yunzhijia": "云之家", "yuezhengyi": "粤政易"}
