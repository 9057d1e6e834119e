"""A private deployment of the WeCom family (粤政易、政务微信) as one section of `office.yaml`; yuezhengyi.md 6.1.

Nothing of it has a default host: a request with an office's data must never fall back to the public WeCom.
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, model_validator

from config.fields import AccountName, AesKey, CallbackToken, HttpsUrl, ProxyUrl, Secret, Section, is_loopback, wrong


class SmartBot(Section):
    """The keys of a smart bot (智能机器人) that comes to us over its own long connection; wecom.md 10.2."""

    bot_id: str = ""
    bot_secret: Secret | None = None

    @model_validator(mode="after")
    def _bot_is_whole(self) -> Self:
        if bool(self.bot_id) != (self.bot_secret is not None):
            raise wrong("bot_id 和 bot_secret 必须同时填写", "两项都到智能机器人的「API 模式 - 长连接」设置里复制")
        return self


def socket_address(value: str) -> str:
    """An address of a long connection: wss, or plain ws to this very machine (sandbox, tests)."""
    parts = urlsplit(value)
    local = parts.scheme == "ws" and is_loopback(parts.hostname or "")
    if not parts.hostname or not (parts.scheme == "wss" or local):
        raise wrong("长连接地址必须以 wss:// 开头", "到智能机器人的设置页复制")
    return value


def _flag(value: Any) -> Any:
    # YAML reads an unquoted yes or no as a truth value.
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


Flag = Annotated[Literal["yes", "no", "unknown"], BeforeValidator(_flag)]


class Abilities(Section):
    """What the deployment can do, from the operator's interface document; `unknown` is for `officebot probe`."""

    callback: Flag = "no"
    template_card: Flag = "no"
    update_template_card: Flag = "no"
    taskcard: Flag = "unknown"
    textcard: Flag = "unknown"
    markdown: Flag = "unknown"
    appchat: Flag = "unknown"
    recall: Flag = "no"
    duplicate_check: Flag = "unknown"


class TifGateway(Section):
    """The smart gateway (智能网关) in front of the deployment; yuezhengyi.md 4."""

    paas_id: str = Field(min_length=1)
    token: Secret
    header_prefix: str = Field(default="x-tif-", pattern=r"^x-[a-z]{2,10}-$")
    signs_callbacks: bool = False
    addresses: tuple[str, ...] = ()


class TodoCall(Section):
    """One POST to the operator's list; `body` with {id}, {title}, {assignee}, {url}, {due} in its texts."""

    url: str
    body: dict[str, Any] = Field(default_factory=dict)


class TodoList(Section):
    """The unified to-do list of the platform (统一待办), as the operator's document describes it; yuezhengyi.md 6.5."""

    create: TodoCall
    complete: TodoCall
    delete: TodoCall | None = None
    headers: dict[str, Secret] = Field(default_factory=dict)
    success: str = Field(default="", pattern=r"^([A-Za-z_]\w*=\w*)?$")


class YuezhengyiAccount(SmartBot):
    """One app on 粤政易, or directly on a 政务微信 (then without `gateway` and `path_prefix`)."""

    name: AccountName
    platform: Literal["yuezhengyi"]
    base_url: str
    allow_http: bool = False
    path_prefix: str = Field(default="", pattern=r"^(/[A-Za-z0-9_-]+)*$")
    corp_id: str = Field(pattern=r"^[A-Za-z0-9_-]{6,64}$")
    agent_id: int = Field(ge=1)
    secret: Secret
    gateway: TifGateway | None = None
    ca_bundle: str = ""
    server_hostname: str = ""
    proxy: ProxyUrl | None = Field(default=None, repr=False)
    token_method: Literal["GET", "POST"] = "GET"
    userinfo_path: Literal["user/getuserinfo", "auth/getuserinfo"] = "user/getuserinfo"
    login: Literal["wecom", "gateway", "page"] = "wecom"
    oauth_base: HttpsUrl | None = None
    login_page: str = ""
    code_check: str = ""
    code_user: str = Field(default="userid", pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*){0,4}$")
    todo: TodoList | None = None
    page_base: HttpsUrl | None = None
    token: CallbackToken | None = None
    encoding_aes_key: AesKey | None = None
    receive_id: str = ""
    capabilities: Abilities = Abilities()
    per_member_a_minute: int = Field(default=10, ge=1, le=30)
    per_minute: int = Field(default=300, ge=1, le=10000)
    bot_url: str = ""
    robots: dict[str, Secret] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _host_is_private(self) -> Self:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise wrong("base_url 应是完整的网址", "运维方给的接口地址，例如 https://主机名:端口", key="base_url")
        if parts.hostname == "qyapi.weixin.qq.com":
            raise wrong("base_url 不能是公网企业微信", "填政务外网里的接口地址，由运维方提供", key="base_url")
        if parts.scheme == "http" and not (self.allow_http and _is_private(parts.hostname)):
            what = "base_url 必须以 https:// 开头；政务外网的内部地址要用 http:// 时，另写 allow_http: true"
            raise wrong(what, "只有 10.x、172.16-31.x、192.168.x 这样的内部地址可以", key="base_url")
        return self

    @model_validator(mode="after")
    def _authority_is_there(self) -> Self:
        if self.ca_bundle and not (Path(self.ca_bundle).is_absolute() and Path(self.ca_bundle).is_file()):
            raise wrong("没有这个证书文件", "写完整路径，例如 /etc/officebot/ca.pem", key="ca_bundle")
        return self

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if self.login == "wecom" and self.oauth_base is None:
            raise wrong("缺少 oauth_base", "网页登录地址，由运维方提供；没有默认值", key="oauth_base")
        if self.login == "gateway" and not (self.gateway and "{redirect}" in self.login_page):
            what = "login 为 gateway 时必须填写 gateway 和 login_page，login_page 里要有 {redirect}"
            hint = "例如 https://网关/_tif_wwlocal_login_/?agentid={agent_id}&url={redirect}"
            raise wrong(what, hint, key="login_page")
        if self.login == "page" and not (self._leads(self.login_page) and "{redirect}" in self.login_page):
            what = "login 为 page 时必须填写完整的 login_page，里面要有 {redirect}"
            hint = "由运维方提供，例如 https://主机/wwopen/sso/qrConnect?redirect_uri={redirect}&state={state}"
            raise wrong(what, hint, key="login_page")
        if self.code_check and not (self._leads(self.code_check) and "{code}" in self.code_check):
            what = "code_check 应是完整的网址，里面要有 {code}"
            raise wrong(what, "由运维方提供；不填就向接口地址查", key="code_check")
        return self

    @model_validator(mode="after")
    def _list_is_private(self) -> Self:
        for name in ("create", "complete", "delete"):
            call = getattr(self.todo, name) if self.todo else None
            if call is not None and not self._leads(call.url):
                raise wrong(f"todo.{name}.url 应是完整的网址", "由运维方提供，以 https:// 开头", key="todo")
        return self

    def _leads(self, page: str) -> bool:
        """A whole address, with TLS unless it is one of the extranet's own and plain http was allowed."""
        parts = urlsplit(page)
        plain = parts.scheme == "http" and self.allow_http and _is_private(parts.hostname or "")
        return bool(parts.hostname) and (parts.scheme == "https" or plain)

    @model_validator(mode="after")
    def _callback_can_be_proved(self) -> Self:
        wanted = self.capabilities.callback == "yes"
        if wanted and (self.token is None or self.encoding_aes_key is None):
            what = "capabilities.callback 为 yes 时必须填写 token 和 encoding_aes_key"
            raise wrong(what, "到应用的「接收消息」设置里复制；没有回调就写 no", key="capabilities")
        tapped = (self.capabilities.template_card, self.capabilities.taskcard)
        if not wanted and "yes" in tapped:
            what = "没有回调就收不到卡片上的点按：template_card 和 taskcard 不能是 yes"
            raise wrong(what, "写 callback: yes，或者把它们改成 no，由网页办理", key="capabilities")
        return self

    @model_validator(mode="after")
    def _bot_has_a_host(self) -> Self:
        if self.bot_id and not self.bot_url:
            raise wrong("缺少 bot_url", "智能机器人设置页上的长连接地址；没有默认值", key="bot_url")
        if self.bot_url:
            socket_address(self.bot_url)
        return self


def _is_private(host: str) -> bool:
    if is_loopback(host):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    # The extranet also numbers hosts from ranges that are not private by the book (yuezhengyi.md 2: 19.x).
    return address.is_private or host.startswith("19.")
