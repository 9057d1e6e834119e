"""Words for whoever keeps the service running: backups, what could not be done, what is wrong with the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cards import words
from cards.model import Card, Field, Tone

_TROUBLES: Final = {
    "disk_full": "磁盘满了，没有写成，原来的都没有动。清出空间后再来一次",
    "disk": "磁盘读不了或者写不了（{why}），检查目录和权限",
    "database": "数据库读不了或者写不了（{why}），检查地址和数据库服务",
    "exists": "{where} 已经有了，不会覆盖它。换一个名字，或者先把它移走",
    "no_file": "找不到 {where}",
    "half": "{where} 不是完整的备份：没有写完、没有传完，或者不是备份文件。换一份",
    "broken": "备份里的 {part} 坏了，和写的时候不一样。换一份备份",
    "attachment_gone": "附件 {part} 不在备份旁边的 attachments 文件夹里，要和备份一起带过来",
    "format": "这份备份的格式（{found}）这一版程序不认识，用做它的那一版程序来恢复",
    "newer": "这份备份是更新的程序（{program}）做的，先升级 officebot 再恢复",
    "passphrase": "口令不对，什么也没有写。口令区分大小写，前后不要有空格",
    "no_keys": "这份备份里没有钥匙和密钥（做的时候没有给口令），不用给口令",
    "not_empty": "{where} 里已经有数据，不会覆盖。恢复和搬家只进空的地方",
    "folder_not_empty": "{where} 不是空文件夹，不会往里写。换一个空的",
    "other_secret": "{where} 已经有了，和备份里的不一样。核对哪一份是对的，先把不要的移走",
    "same_place": "新地址就是现在的数据库，不用搬",
    "running": "服务还在运行，这时候搬走会丢下后来的操作。先停掉所有实例，过半分钟再来一次",
}
_PARTS: Final = {"balances": "休假余额", "root": "留痕的总指纹"}


def trouble(code: str, about: Mapping[str, Any]) -> str:
    """One sentence without a full stop: what is wrong, what to do."""
    if code == "no_room":
        return f"磁盘空间不够：大约要 {size(about['need'])}，只剩 {size(about['free'])}。清出空间后再来一次"
    if code == "differs":
        return f"和原来对不上：{_differing(about['what'])}。这一份不能用，换一份备份"
    if code not in _TROUBLES:
        return code
    return _TROUBLES[code].format_map({key: str(value) for key, value in about.items()})


def size(number: int) -> str:
    """`1.5 GB`."""
    value = float(number)
    for unit in ("字节", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            return f"{number} 字节" if unit == "字节" else f"{value:.1f} {unit}"
        value /= 1024
    return ""


def backup_failed(code: str, *, again: str) -> str:
    """To administrators, each day it fails. `again` says when the next one comes."""
    return f"今天的备份没有做成：{brief(code)}。{again}"


def brief(code: str) -> str:
    """As `trouble`, where nothing but the code was kept."""
    about = {"why": "看日志", "where": "那个地方", "what": (), "part": "有一部分", "need": 0, "free": 0, "found": "？"}
    if code == "no_room":
        return "磁盘空间不够"
    return "备份文件夹里一份备份也没有" if code == "no_backup" else trouble(code, {**about, "program": "更新的"})


def drilled(*, file: str, made: datetime, facts: int, attachments: int, seconds: int) -> str:
    at = made.astimezone(words.BEIJING)
    return (
        f"恢复演练通过：{at:%Y年%m月%d日 %H:%M}的备份恢复到了临时位置，数据条数、休假余额、留痕的总指纹都和备份时一样。"
        f"留痕 {facts} 条，附件 {attachments} 个，用了 {max(1, seconds)} 秒，临时数据已删除。文件：{file}"
    )


def drill_failed(code: str, about: Mapping[str, Any], *, file: str) -> str:
    if code == "no_backup":
        what = "检查 office.yaml 的 backup.folder，或者手工运行 officebot backup 文件"
        return f"恢复演练没有做：{brief(code)}。{what}"
    return f"恢复演练没有通过：{trouble(code, about)}。文件：{file}。请尽快用 officebot backup 另做一份，并查清原因"


def _differing(what: Sequence[str]) -> str:
    tables = [one.removeprefix("rows:") for one in what if one.startswith("rows:")]
    named = [_PARTS[one] for one in what if one in _PARTS]
    return "、".join([*named, *([f"表 {'、'.join(tables)} 的行数"] if tables else [])]) or "内容"


# ---- what could not be done ----

_EVENTS: Final = {"ButtonPressed": "卡片上的点按", "TextReceived": "收到的话", "FileReceived": "收到的文件"}
WHATS: Final = {"letter": "消息", "event": "收到的操作", "due": "定时的事"}
_ERRORS: Final = (
    ("account gone", "这个账号已经不在 office.yaml 里", "账号恢复后再重发；收信人有别的账号的，绑定以后重发"),
    ("unreadable", "是另一版程序写的，这一版看不懂", "装回原来的版本重发，或者放弃后当面通知"),
    ("Throttled", "平台限制了发送次数", "过一会儿重发；经常这样要申请提高额度"),
    ("PlatformBusy", "平台三天都没有接通", "看平台公告和本机网络、代理，通了以后重发"),
    ("Unsure", "发了三天，平台都没有明确答复，也许已经收到", "先问问收信人，没有收到再重发"),
    ("PlatformRefused", "平台不收", "按后面的代码到平台的错误码说明里查；改好设置以后重发"),
    ("Unsupported", "这个平台发不了这种消息", "让收信人换一个平台绑定，或者当面通知"),
    ("CardSpent", "卡片已经失效", "重发会另发一张新的"),
    ("ValidationError", "内容和这一版程序的格式对不上", "升级或退回版本后再试"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """`what` is letter | event | due; `whys` the commonest reasons as stored, each with how often."""

    what: str
    number: int
    whys: Sequence[tuple[str, int]] = ()


def why(error: str) -> tuple[str, str]:
    """(what went wrong, what to do) for the error of a work row."""
    for begin, wrong, advice in _ERRORS:
        if begin in error:
            return wrong, advice
    return "程序没有想到的情况", "把错误代码发给维护的人；原因排除以后再试一次"


def died(counts: Sequence[Count], *, url: str) -> Card:
    """To administrators: once about all that gave up since the last time."""
    whole = sum(one.number for one in counts)
    fields = tuple(Field(WHATS[one.what], f"{one.number} 件：{_reasons(one)}") for one in counts if one.number)
    return Card(
        kind="operation.died",
        source="系统运行",
        title=f"有{whole}件事试了多次没有办成",
        subtitle="已停下，不会自己再试",
        fields=fields,
        note="打开“没办成的”逐条看原因，可以重发，也可以写明原因后放弃",
        tone=Tone.BAD,
        url=url,
    )


def _reasons(one: Count) -> str:
    return "、".join(f"{why(error)[0]}{f' {number} 件' if len(one.whys) > 1 else ''}" for error, number in one.whys)


# ---- whether all is well ----

_CONCERNS: Final = {
    "database": "数据库写不进去",
    "schema": "数据库的表和程序版本不一致，运行 officebot migrate 或换回原来的版本",
    "database_slow": "数据库五秒没有回答",
    "disk_out": "磁盘只剩 {free}，不再收新的操作。马上清理 {where}",
    "disk_low": "磁盘只剩 {free}，清理 {where}",
    "stopping": "正在停止",
    "unsealed": "留痕有 {age} 没有封存了，看日志里的 seal.",
    "no_holder": "{account} 的长连接断开 {age} 了，收不到消息。看日志里的 listen.",
    "no_backup": "还没有备份过",
    "backup_old": "最近一次备份是 {age} 前的",
    "backup_failed": "最近一次备份没有做成：{why}",
    "drill_failed": "最近一次恢复演练没有通过：{why}",
    "dead": "有 {number} 件没有办成的等您处理",
    "inbox_late": "收到的操作最久的等了 {age}",
    "outbox_late": "{account} 待发的消息最久的等了 {age}",
    "due_late": "定时的事最久的晚了 {age}",
}


def concern(code: str, about: Mapping[str, Any]) -> str:
    """One sentence without a full stop."""
    told = {key: span(value) if key == "age" else str(value) for key, value in about.items()}
    if "why" in about:
        told["why"] = brief(str(about["why"]))
    return _CONCERNS[code].format_map(told) if code in _CONCERNS else code


def span(seconds: float) -> str:
    """`3 分钟`, `5 小时`, `2 天`: the largest unit that is at least two of it, else the next smaller."""
    for unit, length in (("天", 86400), ("小时", 3600), ("分钟", 60)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)} {unit}"
    return f"{max(0, int(seconds))} 秒"
