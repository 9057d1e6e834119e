"""`officebot decode PLATFORM`: a raw callback and its keys in, the plain event or the exact reason for refusal out.

For the administrator whose callback "does not work", and for the developer with a recording in hand. Nothing is sent
anywhere. The age of the callback is told and not judged: a recording is always old.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click
from pydantic import ValidationError

from bot.commands import options
from config.accounts import PLATFORMS
from connectors import events, registry
from connectors.clock import SystemClock
from connectors.contract import Challenge, Delivery, Door
from connectors.errors import Rejected
from connectors.transport import Http

_REASONS = {
    "signature": "签名不对：Token 和后台填的不一样，或者内容被改过",
    "timestamp": "时间戳不是数字，或者没有带上",
    "too old": "时间和本机相差太多",
    "base64": "密文不是 base64：复制时少了字符，或者网址里的 + 变成了空格",
    "block size": "密文长度不对：没有复制完整",
    "padding": "解不开：EncodingAESKey 和后台填的不一样",
    "buffer": "解不开：EncodingAESKey 和后台填的不一样",
    "length": "解不开：EncodingAESKey 和后台填的不一样",
    "receive id": "收件方不对：企业 ID（或 Client ID）和这条回调的不一样",
}
_STAMPS = ("timestamp", "timeStamp", "x-ddpaas-signature-timestamp")
_BLANKS: Mapping[str, Mapping[str, Any]] = {
    "wecom": {"corp_id": "ww", "agent_id": 1, "secret": "-", "token": "t", "encoding_aes_key": "A" * 43},
    "dingtalk": {"client_id": "d", "client_secret": "-", "corp_id": "d", "token": "ttt", "encoding_aes_key": "A" * 43},
    "yuezhengyi": {
        "base_url": "https://yzy.invalid", "oauth_base": "https://yzy.invalid", "corp_id": "wl----", "agent_id": 1,
        "secret": "-", "token": "ttt", "encoding_aes_key": "A" * 43, "capabilities": {"callback": "yes"},
    },
    "yunzhijia": {
        "eid": "-", "app_id": "-", "app_secret": "-", "pub": "-", "pub_secret": "-", "robot_secret": "-",
        "sign_key": "-", "approval_aes_key": "-" * 16, "card_template": "-", "card_base_template": "-",
        "card_key": "-", "im_secret": "-",
    },
}


@click.command(help="把一条原始回调和它的密钥翻译成明文事件，或者说出被拒绝的确切原因。不联网。")
@click.argument("platform", metavar="平台", type=click.Choice(sorted(_BLANKS)))
@click.option("--url", default="", metavar="网址", help="平台请求的完整网址（带 ? 后面的参数）。")
@click.option("--body", type=click.File("rb"), default=None, metavar="文件", help="请求内容的文件；- 表示标准输入。")
@click.option("-H", "--header", "headers", multiple=True, metavar="名:值", help="请求头，可以写多个。")
@click.option(
    "--door",
    default="",
    metavar="入口",
    help="企业微信：app；钉钉：events、robot、card；云之家：robot、card、approval、todo。",
)
@click.option("--key", "keys", multiple=True, metavar="名=值", help="密钥，如 token=… encoding_aes_key=… corp_id=…")
@click.option("--account", default="", metavar="账号", help="用配置里的这个账号的密钥。")
@options.config_option
@options.json_option
def command(
    platform: str, url: str, body: Any, headers: tuple[str, ...], door: str, keys: tuple[str, ...], account: str,
    config_file: Path, as_json: bool,
) -> int:  # fmt: skip
    connector = registry.build(_account(platform, account, keys, config_file), http=Http(), clock=SystemClock())
    name = door or next(iter(connector.doors))
    if name not in connector.doors:
        raise click.UsageError(f"没有「{name}」这个入口，可以写：{'、'.join(connector.doors)}")
    delivery = _delivery(name, url, body.read() if body else b"", headers)
    outcome = _decode(connector.doors[name], delivery)
    if as_json:
        options.print_json(outcome)
    else:
        _print(outcome)
    return 0 if outcome["ok"] else 1


def _account(platform: str, account: str, keys: tuple[str, ...], config_file: Path) -> Any:
    if account:
        for one in options.configuration(config_file).settings.accounts:
            if one.name == account and one.platform == platform:
                return one
        raise click.UsageError(f"配置里没有叫「{account}」的{platform}账号")
    given = dict(pair.partition("=")[::2] for pair in keys)
    try:
        return PLATFORMS[platform].model_validate(
            {"name": "decode", "platform": platform, **_BLANKS[platform], **given}
        )
    except ValidationError as error:
        wrong = "、".join(sorted({str(one["loc"][0]) if one["loc"] else "密钥" for one in error.errors()}))
        more = "每一项写 --key 名=值；已经写在 office.yaml 里的，用 --account 账号"
        raise click.UsageError(f"密钥没有写，或者写法不对：{wrong}。{more}。") from None


def _delivery(door: str, url: str, body: bytes, headers: tuple[str, ...]) -> Delivery:
    query = dict(parse_qsl(urlsplit(url).query if "?" in url else url, keep_blank_values=True))
    return Delivery(
        account="decode",
        door=door,
        method="POST" if body else "GET",
        query=query,
        headers={name.strip().lower(): value.strip() for name, _, value in (h.partition(":") for h in headers)},
        body=body,
        received=datetime.now(UTC),
    )


def _decode(door: Door, delivery: Delivery) -> dict[str, Any]:
    sent = _sent(delivery)
    try:
        door.verify(delivery, now=sent or delivery.received)
        found = door.read(delivery)
    except Rejected as refused:
        return {"ok": False, "reason": refused.reason, "status": refused.status}
    age = round((delivery.received - sent).total_seconds()) if sent else None
    if isinstance(found, Challenge):
        return {"ok": True, "age_seconds": age, "challenge": found.text}
    shown = [{"kind": kind, **json.loads(text)} for kind, text in map(events.dump, found)]
    return {"ok": True, "age_seconds": age, "events": shown}


def _sent(delivery: Delivery) -> datetime | None:
    """The callback's own time stamp: seconds for WeCom, milliseconds for DingTalk and Yunzhijia."""
    for source in (delivery.query, delivery.headers):
        for name in _STAMPS:
            if (text := source.get(name, "")).isdigit() and len(text) <= 14:
                return _instant(text)
    return _said(delivery.body)


def _instant(digits: str) -> datetime:
    return datetime.fromtimestamp(int(digits) / (1000 if len(digits) > 11 else 1), UTC)


def _said(body: bytes) -> datetime | None:
    """Yunzhijia's robot has its time in the body, where the signature covers it."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    text = str(found.get("time", "")) if isinstance(found, dict) else ""
    return _instant(text) if text.isdigit() and len(text) <= 14 else None


def _print(outcome: dict[str, Any]) -> None:
    if not outcome["ok"]:
        reason = outcome["reason"]
        click.echo(f"被拒绝（HTTP {outcome['status']}，{reason}）：{_REASONS.get(reason, '内容不是这个平台的格式')}。")
        return
    click.echo(
        "签名正确，可以解开。" + (f"这条回调是 {outcome['age_seconds']} 秒前的。" if outcome["age_seconds"] else "")
    )
    if "challenge" in outcome:
        click.echo(f"平台在验证网址，应当原样回答：{outcome['challenge']}")
        return
    for event in outcome["events"]:
        click.echo(json.dumps(event, ensure_ascii=False, indent=2))
