"""`officebot doctor`: what is wrong with a running office, in plain words, each with what to do."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
import click

from bot import packaging
from bot.commands import options
from bot.database import schema
from cards import causes
from config import loader
from config.loader import Configuration
from connectors import registry
from connectors.clock import SystemClock
from connectors.contract import Finding
from connectors.errors import PlatformError
from connectors.transport import Http

_LEAST_DISK = 1024**3
_MOST_SKEW = 120

_NAMES = {
    "token": "取令牌",
    "callback_addresses": "回调地址段",
    "departments": "读部门",
    "members": "读成员",
    "callback": "回调设置",
    "callbacks": "回调设置",
    "flags": "平台能力",
    "cards": "互动卡片",
    "directory": "读通讯录",
    "calls": "本月接口额度",
    "pushes": "本月推送额度",
    "token_im": "取「IM服务」的令牌",
    "token_team": "取「智能审批」的令牌",
    "token_work": "取「时间助手」的令牌",
    "token_files": "取「文件服务」的令牌",
}
_ADVICE = {
    "unprobed": "还没有试过，运行 officebot probe 账号 --to 测试人员，或者照接口文档写 yes、no",
    "40001": "Secret 不对，到应用详情页重新复制",
    "40013": "企业 ID 不对，到「我的企业」页核对",
    "60020": "本机的出口地址不在「企业可信IP」里，把提示里的 IP 加进去",
    "48002": "应用没有这个接口的权限，到后台开通",
    "60011": "应用的可见范围不包括要读的人，到后台调整",
    "no_template": "没有填卡片模板（{template}），卡片会变成带链接的消息；用不到可以不管",
    "keys_missing": "token 和 encoding_aes_key 没有填全",
    "not configured": "{callback} 没有填，收不到消息",
    "used_up": "用完了，下个月才恢复；急用就向平台申请提高额度",
    "invalidClientIdOrSecret": "Client ID 或 Client Secret 不对，到应用的「凭证与基础信息」核对",
    "Forbidden.AccessDenied.AccessTokenPermissionDenied": "应用没有这个接口的权限，到「权限管理」申请",
}


_OURS = frozenset({"unprobed", "no_template", "keys_missing", "not configured", "used_up"})
"""Codes that no platform gave: the advice says it all."""
_FIELDS = {
    "dingtalk": {"template": "card_template_id", "callback": "token 和 encoding_aes_key"},
    "yunzhijia": {"template": "card_template", "callback": "robot_secret（或者写 websocket: true）"},
}

_GATEWAY_NO = "HTTP 403"  # no platform of ours says it so; a gateway in front does


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report; `advice` is empty when all is well."""

    what: str
    ok: bool
    found: str = ""
    advice: str = ""


@click.command(help="逐项检查配置、数据库、磁盘、时钟、平台连接和权限，用大白话说明怎么修。")
@options.config_option
@options.json_option
def command(config_file: Path, as_json: bool) -> int:
    lines = asyncio.run(_examine(config_file))
    if as_json:
        options.print_json({"ok": all(line.ok for line in lines), "lines": [asdict(line) for line in lines]})
    else:
        for line in lines:
            click.echo(_shown(line))
    return 0 if all(line.ok for line in lines) else 1


async def _examine(config_file: Path) -> list[Line]:
    lines = list(_packages())
    findings = loader.examine(config_file, env=os.environ, today=options.today())
    serious = [problem for problem in findings.problems if problem.serious]
    lines.append(
        Line("配置", not serious, f"{len(serious)} 个问题", "运行 officebot check 看每一处怎么改" if serious else "")
    )
    if findings.configuration is None:
        return lines
    lines.append(_disk(findings.configuration))
    lines.append(await _database(findings.configuration))
    lines += await _platforms(findings.configuration)
    lines += await _reachable(findings.configuration)
    return lines


def _packages() -> Iterator[Line]:
    for name, owners in packaging.strangers().items():
        advice = f"在单独的虚拟环境里重新安装 officebot；这里还装了 {'、'.join(owners)}"
        yield Line(f"程序包 {name}", ok=False, found="和别的软件重名", advice=advice)


def _disk(configuration: Configuration) -> Line:
    path = configuration.settings.sqlite_path()
    folder = Path(path).parent if path else configuration.base
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    advice = "" if free >= _LEAST_DISK else f"清理 {folder} 所在的磁盘，至少留出 1 GB"
    return Line("磁盘", free >= _LEAST_DISK, f"剩余 {free / 1024**3:.1f} GB", advice)


async def _database(configuration: Configuration) -> Line:
    try:
        state = await schema.schema_state(configuration.settings.database.url.get_secret_value())
    except schema.FAILURES as error:
        return Line("数据库", ok=False, found=f"连不上：{causes.why(error)}", advice="核对 office.yaml 的 database.url")
    advice = {
        "older": "运行 officebot migrate",
        "empty": "运行 officebot migrate",
        "newer": "数据库比程序新，请安装新版 officebot",
    }.get(str(state), "")
    return Line("数据库", not advice, "表是最新的" if not advice else "表的版本和程序不一致", advice)


async def _platforms(configuration: Configuration) -> list[Line]:
    lines = []
    for account in configuration.settings.accounts:
        http = Http(proxy=account.proxy)
        try:
            lines += await _platform(account, http)
        finally:
            await http.close()
    return lines


async def _platform(account: Any, http: Http) -> list[Line]:
    connector = registry.build(account, http=http, clock=SystemClock())
    try:
        findings: Sequence[Finding] = await connector.diagnose()
    except PlatformError as error:
        return [Line(account.name, ok=False, found=str(error), advice="检查网络和代理设置")]
    finally:
        await connector.close()
    # What was used of a quota is counted by the service that runs; a fresh count here would always be 0.
    told = [finding for finding in findings if not (finding.ok and "limit" in finding.detail)]
    lines = [_platform_line(account, finding) for finding in told]
    return [*lines, *await _clock(account, http)]


def _platform_line(account: Any, finding: Finding) -> Line:
    what = f"{account.name} {_NAMES.get(finding.what, finding.what)}"
    if finding.ok:
        return Line(what, ok=True)
    words = finding.detail.get("words", "")
    words = causes.network(words)
    if words == _GATEWAY_NO:
        return Line(what, ok=False, found="网关不认（HTTP 403）", advice="核对 gateway 的 paas_id、token 和本机的时间")
    fields = _FIELDS.get(account.platform, _FIELDS["dingtalk"])
    advice = _ADVICE.get(finding.code, "检查网络、代理和应用设置").format(**fields)
    code = "" if finding.code in _OURS else finding.code
    return Line(what, ok=False, found=" ".join(part for part in (code, words) if part), advice=advice)


async def _clock(account: Any, http: Http) -> list[Line]:
    """The platform's own clock, from any answer's Date header: callbacks are refused when ours is off by minutes."""
    address = getattr(account, "base_url", None) or account.api_base
    try:
        async with http.session.get(address, proxy=http.proxy, allow_redirects=False) as response:
            theirs = parsedate_to_datetime(response.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return []
    skew = round(abs((datetime.now(UTC) - theirs).total_seconds()))
    advice = "" if skew <= _MOST_SKEW else "本机时间不准，请打开时间同步（chrony 或 systemd-timesyncd）"
    return [Line(f"{account.name} 时钟", skew <= _MOST_SKEW, f"和平台相差 {skew} 秒", advice)]


async def _reachable(configuration: Configuration) -> list[Line]:
    public = configuration.settings.server.public_url
    if not public:
        return []
    http = Http()
    try:
        async with http.session.get(f"{public.rstrip('/')}/healthz") as response:
            ok = response.status == 200
            found = f"HTTP {response.status}"
    except (aiohttp.ClientError, TimeoutError) as error:
        ok, found = False, causes.network(type(error).__name__)
    finally:
        await http.close()
    advice = "" if ok else "服务没有在运行，或者反向代理没有把 /healthz 和 /callback/ 转过来"
    return [Line(f"公网地址 {public}", ok, found, advice)]


def _shown(line: Line) -> str:
    mark = "✓" if line.ok else "✗"
    found = f"：{line.found}" if line.found else ""
    return f"{mark} {line.what}{found}" + (f"。{line.advice}。" if line.advice else "")
