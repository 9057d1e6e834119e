"""Words for whoever keeps the service running: backups, what could not be done, what is wrong with the machine."""

from __future__ import annotations

import re
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


def left(*, at: datetime, target: str) -> str:
    """One sentence without a full stop, for whoever works on a database that the office has left."""
    return f"这个单位已在{at.astimezone(words.BEIJING):%Y年%m月%d日 %H:%M}搬到 {target}，这里是搬走以前的数据"


def trouble(code: str, about: Mapping[str, Any]) -> str:
    """One sentence without a full stop: what is wrong, what to do."""
    if code == "no_room":
        return f"磁盘空间不够：大约要 {size(about['need'])}，只剩 {size(about['free'])}。清出空间后再来一次"
    if code == "differs":
        return f"和原来对不上：{_differing(about['what'])}。这一份不能用，换一份备份"
    if code == "arrived_different":
        what = _differing(about["what"])
        return f"搬过去的和原来对不上：{what}。新地址上的不能用，清空以后再搬一次；原来的数据库没有动"
    if code == "left":
        return f"{left(at=about['at'], target=about['target'])}。要从这里再搬，先运行 officebot move --take-back"
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


_REFUSALS: Final = {
    "40001": ("应用的 Secret 不对", "到应用详情页重新复制，改好后重发"),
    "48002": ("应用没有这个接口的权限", "到平台后台开通，开通后重发"),
    "60011": ("收信人不在应用的可见范围里", "到平台后台把人加进可见范围，再重发"),
    "60020": ("本机的出口地址不在企业可信IP里", "到平台后台加上，再重发"),
    "60111": ("平台上没有这个账号", "核对人员表里的账号，改好以后重发或当面通知"),
    "81013": ("收信人不在应用的可见范围里", "到平台后台把人加进可见范围，再重发"),
    "staffId.notExisted": ("平台上没有这个账号", "核对人员表里的账号，改好以后重发或当面通知"),
}
_WORD: Final = re.compile(r"[\w.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """`what` is letter | event | due; `whys` the commonest reasons as stored, each with how often."""

    what: str
    number: int
    whys: Sequence[tuple[str, int]] = ()


def why(error: str) -> tuple[str, str]:
    """(what went wrong, what to do) for the error of a work row; a code that is known says it better."""
    if "PlatformRefused" in error:
        for word in _WORD.findall(error):
            if word in _REFUSALS:
                return _REFUSALS[word]
    for begin, wrong, advice in _ERRORS:
        if begin in error:
            return wrong, advice
    return "程序没有想到的情况", "把错误代码发给维护的人；原因排除以后再试一次"


_WAITING: Final = (
    ("PlatformBusy", "平台没有接通"),
    ("Unsure", "平台没有明确答复，也许已经收到"),
)


def why_waiting(error: str) -> str:
    """As `why`, of what is still tried by itself: nothing has been given up, and three days have not gone by."""
    return next((wrong for begin, wrong in _WAITING if begin in error), why(error)[0])


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
    "unsealed": "留痕已经 {age} 没有封存，看日志里以 seal 开头的行",
    "no_holder": "{account} 的长连接断开已有 {age}，收不到消息。看日志里以 listen 开头的行",
    "no_calendar": "没有 {year} 年的放假安排，今年的请假不能计算。运行 officebot calendar year，粘贴放假通知",
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
    shown = {"age": span, "free": size}
    told = {key: shown.get(key, str)(value) for key, value in about.items()}
    if "why" in about:
        told["why"] = brief(str(about["why"]))
    return _CONCERNS[code].format_map(told) if code in _CONCERNS else code


def span(seconds: float) -> str:
    """`3 分钟`, `5 小时`, `2 天`: the largest unit that is at least two of it, else the next smaller."""
    for unit, length in (("天", 86400), ("小时", 3600), ("分钟", 60)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)} {unit}"
    return f"{max(0, int(seconds))} 秒"


# ---- what kinds of work there are ----

MESSAGES: Final = {
    "Card": "卡片", "Text": "文字", "Markdown": "文字", "Link": "带链接的消息", "News": "图文", "Attachment": "附件",
    "Schedule": "平台日历里的日程", "Urgent": "急件提醒",
}  # fmt: skip
EVENTS: Final = {
    "ButtonPressed": "卡片上的点按", "TextReceived": "收到的话", "MediaReceived": "收到的文件",
    "LinkReceived": "收到的链接", "LocationReceived": "收到的位置", "ContentWithheld": "带密级标志、没有收的内容",
    "MenuPressed": "菜单上的点按", "ChatOpened": "打开对话", "PeopleChanged": "通讯录变动",
    "DepartmentsChanged": "部门变动", "VisibilityChanged": "可见范围变动", "TagChanged": "标签变动",
    "ChatChanged": "群变动", "MessageRead": "已读", "ObjectChanged": "平台里的对象变动", "AppNotice": "平台的通知",
}  # fmt: skip
DUES: Final = {
    "approval.remind": "催办提醒", "approval.digest": "待办汇总", "approval.deadline": "审批到期的处理",
    "approval.settle": "过了撤销时间、让决定生效", "approval.batch_over": "一并办理的收尾",
    "approval.proxy_begin": "代理开始", "approval.proxy_end": "代理结束", "calendar.remind": "日程提醒",
    "calendar.sweep": "核对平台日历", "calendar.differs": "日历不一致的提醒到期", "calendar.read": "读平台日历",
    "mailroom.tidy": "清理旧记录", "mailroom.dead": "告诉管理员没办成的事", "mailroom.elsewhere": "消息改发别的账号",
    "leave.proof": "补交证明的提醒", "trip.report": "出差报告的提醒", "leave.overdue": "逾期未销假的提醒",
    "leave.recounted": "休假变动后的重算", "leave.expire": "额度到期失效", "leave.ending": "额度快到期的提醒",
    "leave.calendar_warning": "缺放假安排的提醒", "leave.calendar_gap": "缺今年放假安排的提醒",
    "leave.selfcheck": "休假账本核对",
    "leave.recount": "累计病事假的重算", "notice.out": "发出通知", "notice.cards": "通知的卡片",
    "notice.late": "通知逾期", "notice.end": "通知结束", "notice.count": "回执统计",
    "notice.sweep": "提醒没有回执的人", "notice.burden": "提醒次数月报", "notice.minute": "定时提醒",
    "people.nightly": "每天读通讯录", "people.sync": "读通讯录", "files.sweep": "清理没有用的附件",
    "approval.fetch": "取收到的文件", "audit.head": "签发校验码", "backup.daily": "每天的备份",
    "backup.drill": "恢复演练",
}  # fmt: skip
OUTCOMES: Final = {
    "sent": "已发出", "answered": "随点按的回答已显示", "busy": "平台没有接通，会再发", "throttled": "平台限流，会再发",
    "unsure": "平台没有明确答复，会再发", "lowered": "平台不收卡片，改成简单的再发", "refused": "平台不收，已停下",
    "spent": "卡片已失效，另发一张",
}  # fmt: skip
QUOTAS: Final = {"calls": "接口调用", "pushes": "推送"}


_LEASES: Final = {"seal": "封存留痕", "seal-head": "签发校验码", "listen": "长连接", "post": "发消息"}


def lease(name: str) -> str:
    """What one instance does for all: `listen:dd-main` is 长连接（dd-main）."""
    what, _, account = name.partition(":")
    word = _LEASES.get(what, what)
    return f"{word}（{account}）" if account else word


def work(what: str, kind: str) -> str:
    """The kind of a letter's message, of an event, of due work."""
    return {"letter": MESSAGES, "event": EVENTS, "due": DUES}[what].get(kind, kind)
