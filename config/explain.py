"""Pydantic's findings in the administrator's words: line, key, what is wrong, what to write instead.

The input is looked at only to guess a misspelt choice, never repeated: it may be a secret in the wrong place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from inspect import isclass
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

from pydantic import Tag, ValidationError
from pydantic_core import ErrorDetails

from config import lines
from config.accounts import PLATFORMS
from config.fields import Section
from config.problems import ConfigProblem, guess, listed
from config.settings import Settings

_WHERE = {
    "office": "office: {name: 单位全称}",
    "accounts": "至少写一个平台账号，照 example.yaml 的样子",
    "security": 'security: {signing_key: "${OFFICEBOT_SIGNING_KEY}"}',
    "signing_key": 'signing_key: "${OFFICEBOT_SIGNING_KEY}"，值用 openssl rand -hex 32 生成',
    "corp_id": "corp_id: 企业微信在「我的企业」页最下方，钉钉在开发者后台首页",
    "base_url": "base_url: 接口地址，由粤政易（政务微信）的运维方提供，没有默认值",
    "agent_id": "agent_id: 在自建应用的详情页",
    "secret": 'secret: "${WECOM_SECRET}"，值在自建应用的详情页',
    "token": 'token: "${WECOM_TOKEN}"，值在应用的「接收消息」设置里',
    "encoding_aes_key": 'encoding_aes_key: "${WECOM_AES_KEY}"，值在应用的「接收消息」设置里',
    "client_id": "client_id: 在钉钉开发者后台「凭证与基础信息」",
    "client_secret": 'client_secret: "${DINGTALK_SECRET}"，值在「凭证与基础信息」',
    "account": "account: 上面 accounts 里的某个 name",
    "chat": "chat: 群的编号，或者 robot：群机器人名",
    "name": "name: 起一个名称",
}

_Words = tuple[str, str]
_UNKNOWN = "不认识这个配置项"


def explain(
    error: ValidationError,
    document: lines.Document,
    *,
    root: type[Section] = Settings,
    skip: Set[lines.Path] = frozenset(),
) -> list[ConfigProblem]:
    """`root` is what the document was read into; `skip` holds paths whose value is known to be missing already."""
    found = error.errors(include_url=False)
    echoes = {(*item["loc"][:-1], _meant(item, root)) for item in found if item["type"] == "extra_forbidden"}
    return [
        _problem(item, document, root)
        for item in found
        if _path(item["loc"]) not in skip and not _is_echo(item, found, missing=echoes)
    ]


def _is_echo(item: ErrorDetails, found: list[ErrorDetails], *, missing: Set[tuple[str | int, ...]]) -> bool:
    """Follows from another finding: a key is missing because misspelt, a list is empty because its items are bad."""
    if item["type"] == "missing":
        return item["loc"] in missing
    if item["type"] == "too_short":
        depth = len(item["loc"])
        return any(len(other["loc"]) > depth and other["loc"][:depth] == item["loc"] for other in found)
    return item["type"] == "default_factory_not_called"


def _path(loc: tuple[str | int, ...]) -> lines.Path:
    """Where the file has it. Pydantic names the kind of account, or of a form's `<shape>`, inside the path; the file
    does not."""
    if len(loc) > 2 and loc[0] == "accounts":
        return (*loc[:2], *loc[3:])
    return tuple(part for part in loc if not (isinstance(part, str) and part.startswith("<")))


def _problem(item: ErrorDetails, document: lines.Document, root: type[Section]) -> ConfigProblem:
    path = _path(item["loc"])
    if item["type"].startswith("union_tag"):
        path = (*path, "platform")
    if item["type"] == "office" and item["ctx"]["key"]:
        path = (*path, item["ctx"]["key"])
    what, hint = _words(item, root)
    return ConfigProblem(document.file, document.line(path), lines.shown(path), what, hint)


def _words(item: ErrorDetails, root: type[Section]) -> _Words:
    context: Mapping[str, Any] = item.get("ctx", {})
    if item["type"] == "office":
        return context["what"], context["hint"]
    if item["type"] == "extra_forbidden":
        known = listed(_known(item["loc"][:-1], root), most=30)
        return _UNKNOWN, _meant(item, root) or f"只能是 {known}"
    if item["type"] in _SAID:
        return _SAID[item["type"]](item, context)
    for prefix, words in _KINDS.items():
        if item["type"].startswith(prefix):
            return words
    return "这个值不能用", "对照 example.yaml 里这一项的写法"


def _missing(item: ErrorDetails, _context: Mapping[str, Any]) -> _Words:
    name = str(item["loc"][-1])
    return "缺少这一项", _WHERE.get(name, f"补上 {name}")


def _meant(item: ErrorDetails, root: type[Section]) -> str:
    return guess(str(item["loc"][-1]), _known(item["loc"][:-1], root))


def _choice(item: ErrorDetails, context: Mapping[str, Any]) -> _Words:
    choices = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
    return "不是允许的选择", guess(str(item["input"]), choices) or "、".join(choices)


def _platform(item: ErrorDetails, context: Mapping[str, Any]) -> _Words:
    tag = str(context["tag"])
    return "不认识这个平台", guess(tag, PLATFORMS) or "、".join(PLATFORMS)


_SAID: dict[str, Callable[[ErrorDetails, Mapping[str, Any]], _Words]] = {
    "missing": _missing,
    "literal_error": _choice,
    "union_tag_invalid": _platform,
    "union_tag_not_found": lambda _item, _context: ("缺少 platform", "platform: wecom 或 platform: dingtalk"),
    "greater_than_equal": lambda _item, context: ("数字太小", f"不小于 {context['ge']} 的数"),
    "less_than_equal": lambda _item, context: ("数字太大", f"不大于 {context['le']} 的数"),
    "string_too_long": lambda _item, context: ("太长", f"不超过 {context['max_length']} 个字"),
}
_KINDS: dict[str, _Words] = {
    "int": ("应是整数", "只写数字，例如 8080"),
    "string_type": ("应是文字", '两边加英文引号，例如 "123"'),
    "string_too_short": ("不能为空", "填上值，或删去这一行"),
    "too_short": ("至少要写一项", "以短横线加空格开头写一项"),
    "tuple": ("应是列表", "写成 [甲, 乙]，或每项一行、以短横线加空格开头"),
    "dict": ("应是一组配置项", "下一行缩进两格，写成 名称: 值"),
    "model": ("应是一组配置项", "下一行缩进两格，写成 名称: 值"),
}


def _known(loc: tuple[str | int, ...], root: type[Section]) -> Iterator[str]:
    """The keys that may stand at a place; none where the office names its own."""
    kind: Any = root
    for part in loc:
        kind = _into(kind, part)
    kind = _bare(kind)
    if isclass(kind) and issubclass(kind, Section):
        yield from kind.model_fields


def _into(kind: Any, part: str | int) -> Any:
    kind = _bare(kind)
    if isclass(kind) and issubclass(kind, Section):
        field = kind.model_fields.get(str(part))
        return field.annotation if field else None
    if get_origin(kind) is dict:
        return _bare(get_args(kind)[1])
    if get_origin(kind) is tuple:
        return _bare(get_args(kind)[0])
    if str(part).startswith("<"):  # one shape of several, by the tag that the form's model gave it
        return next((_bare(one) for one in get_args(kind) if Tag(str(part)) in getattr(one, "__metadata__", ())), None)
    return PLATFORMS.get(str(part))  # the account union: the part is its platform


def _bare(kind: Any) -> Any:
    """Without what is only said about the type; an optional type is its one other."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    others = [one for one in get_args(kind) if one is not type(None)]
    return _bare(others[0]) if get_origin(kind) is UnionType and len(others) == 1 else kind
