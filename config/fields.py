"""The small types that settings are made of, and what is wrong with a value, said once in the administrator's words.

A validator raises `wrong(what, hint)`; the loader adds file, line and key. Neither text ever repeats the value: it may
be a secret in the wrong place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A part of `office.yaml`: frozen, no unknown keys, and its inputs never printed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)


def wrong(what: str, hint: str = "", *, key: str = "") -> PydanticCustomError:
    """The error that a validator raises; both texts reach the administrator as they are.

    `key` names the part of the value to blame, for validators of a whole section.
    """
    return PydanticCustomError("office", "{what}", {"what": what, "hint": hint, "key": key})


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise wrong("没有这个时区", "写成 Asia/Shanghai") from error
    return value


def _https(value: str) -> str:
    """An address under which somebody's secrets travel: https, or plain http to this very machine (sandbox, tests)."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise wrong("应是完整的网址", "写成 https://主机名，例如 https://bot.example.gov.cn")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise wrong("网址里不能带账号、? 或 #", "只写 https://host[:port][/path]")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise wrong("网址必须以 https:// 开头，只有本机（127.0.0.1、localhost）可以用 http://", "改成 https://...")
    return value.rstrip("/")


def _proxy(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise wrong("代理应是完整的网址", "写成 http://host:port")
    return value


def _database(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    scheme, _, rest = url.partition("://")
    if scheme not in ("sqlite", "postgres") or not rest:
        raise wrong(
            "数据库地址只能以 sqlite:// 或 postgres:// 开头",
            "单位自用写 sqlite://data/office.db；多实例写 postgres://user:${DB_PASSWORD}@host:5432/office",
        )
    if scheme == "postgres" and not _is_address(url):
        hint = "写成 postgres://user:${DB_PASSWORD}@host:5432/office；密码里的 @ : / # ? 要写成 %40 %3A %2F %23 %3F"
        raise wrong("postgres:// 地址缺少主机名，或者端口不是数字", hint)
    return value


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _aes_key(value: SecretStr) -> SecretStr:
    # By shape only: the 43rd character carries two spare bits that the consoles often leave set (wecom.md 4.1).
    if not re.fullmatch(r"[A-Za-z0-9]{43}", value.get_secret_value()):
        raise wrong(
            f"EncodingAESKey 必须正好是 43 位英文字母和数字，现在是 {len(value.get_secret_value())} 位",
            "到平台后台的回调设置里整段复制，不要带空格和等号",
        )
    return value


def _callback_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9]{3,32}", value.get_secret_value()):
        raise wrong("回调 Token 必须是 3 到 32 位英文字母和数字", "到平台后台的回调设置里复制")
    return value


def _not_empty(value: SecretStr) -> SecretStr:
    if not value.get_secret_value():
        raise wrong("不能为空", "到平台后台复制后填到 secrets.env 里")
    return value


def _signing_key(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 32:
        raise wrong("签名密钥太短，至少 32 个字符", "用 officebot init 生成，或运行 openssl rand -hex 32")
    return value


def _named(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", value):
        raise wrong("名称只能用小写字母、数字和短横线，最多 32 位（它会出现在回调网址里）", "例如 wecom-main")
    return value


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the local day, `start` included and `end` not; `end` before `start` means over midnight."""

    start: time
    end: time


def _clock(value: Any) -> Any:
    # YAML 1.1 reads an unquoted 17:00 as the sexagesimal number 1020, which is the minute of the day that was meant.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    match = re.fullmatch(r"(\d{1,2})[:：](\d{2})", value.strip()) if isinstance(value, str) else None
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return time(int(match[1]), int(match[2]))
    if isinstance(value, time):
        return value
    raise wrong("应是一天里的时刻", '写成 "08:30"')


def _span(value: Any) -> Any:
    if isinstance(value, Span):
        return value
    parts = re.split(r"\s*[-~—–至到]\s*", value.strip()) if isinstance(value, str) else []
    if len(parts) != 2:
        raise wrong("应是一段时间", '写成 "08:30-12:00"')
    return Span(start=_clock(parts[0]), end=_clock(parts[1]))


def _plate(value: str) -> str:
    plain = "".join(value.split()).replace("·", "").upper()
    if not re.fullmatch(r"[\u4e00-\u9fa5][A-Z][A-Z0-9]{5,6}", plain):
        raise wrong("车牌号写得不对", "例如 粤A12345")
    return plain


def _equipment(value: str) -> str:
    if not value or len(value) > 20 or re.search(r"[\s,，、]", value):
        raise wrong("设备要一项一项写", "例如 equipment: [投影, 话筒, 视频连线]")
    return value


AccountName = Annotated[str, AfterValidator(_named)]
AesKey = Annotated[SecretStr, AfterValidator(_aes_key)]
CallbackToken = Annotated[SecretStr, AfterValidator(_callback_token)]
ClockTime = Annotated[time, BeforeValidator(_clock)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]
Equipment = Annotated[str, AfterValidator(_equipment)]
HttpsUrl = Annotated[str, AfterValidator(_https)]
PlateNumber = Annotated[str, AfterValidator(_plate)]
ProxyUrl = Annotated[str, AfterValidator(_proxy)]
Secret = Annotated[SecretStr, AfterValidator(_not_empty)]
SigningKey = Annotated[SecretStr, AfterValidator(_signing_key)]
TimeSpan = Annotated[Span, BeforeValidator(_span)]
TimezoneName = Annotated[str, AfterValidator(_timezone)]
