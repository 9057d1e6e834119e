"""Chinese for the benchmark: what each figure is called, its unit, and the table of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from bot.bench.figures import Figure, Goal, Unit
from bot.bench.suite import Done

MINUTES = 60
"""As long as a steady run may be."""

PARTS: dict[str, str] = {
    "limits": "本机的极限",
    "inbound": "验签、解密、读出一条回调",
    "engine": "审批引擎",
    "ledger": "休假账",
    "taps": "点按、消息（整条路径）",
    "approvals": "送审加批准",
    "fanout": "群发卡片",
    "flood": "来得太多时",
    "instances": "几个实例，同一个 PostgreSQL",
    "seal": "留痕封存和核对",
    "list": "领导的待办列表",
    "start": "启动和内存",
    "growth": "留痕越来越多",
    "growth_pg": "留痕越来越多，PostgreSQL",
    "soak": "一直这样点下去",
}

FIGURES: dict[str, str] = {
    "limits.sha256": "SHA-256，900 字节一段",
    "limits.single": "sqlite3 每行提交一次（FULL）",
    "limits.group": "sqlite3 每 64 行提交一次（FULL）",
    "limits.fanout": "64 路并发、每次 50 毫秒的极限",
    "limits.platform": "平台每秒收的条数",
    "inbound.wecom.sha256": "企业微信回调原文算 SHA-256",
    "inbound.wecom.peer": "企业微信回调：wechatpy",
    "inbound.wecom": "企业微信回调：officebot",
    "inbound.dingtalk.sha256": "钉钉推送原文算 SHA-256",
    "inbound.dingtalk.peer": "钉钉推送：dingtalk-sdk",
    "inbound.dingtalk": "钉钉推送：officebot",
    "engine.step": "一步审批（纯计算）",
    "ledger.entries": "十年的账，每人分录数",
    "ledger.one": "一个人的全部余额",
    "ledger.everybody": "一万人的全部余额（从库里的行算起）",
    **{f"taps.{name}.bare": "空的 aiohttp 处理函数，同几轮里" for name in ("sqlite", "dingtalk", "postgres", "texts")},
    "taps.sqlite": "企业微信点按，SQLite FULL",
    "taps.sqlite.cpu": "　每次点按占用处理器",
    "taps.dingtalk": "钉钉点按，SQLite FULL",
    "taps.dingtalk.cpu": "　每次点按占用处理器",
    "taps.postgres": "企业微信点按，PostgreSQL",
    "taps.postgres.cpu": "　每次点按占用处理器（不含数据库）",
    "taps.resident": "点按几千次后的内存",
    "taps.growth": "再点一千次增加的内存",
    "taps.open_p50": "每秒 500 次点按：一半快于",
    "taps.open_p99": "每秒 500 次点按：百分之九十九快于",
    "taps.late": "　来不及、先收下后办理的",
    "taps.texts": "一句话到确认卡片入队",
    "taps.slow_disk": "磁盘每次落盘慢 2 毫秒时的点按",
    "approvals.peer": "SpiffWorkflow，状态存 SQLite（FULL）",
    "approvals.own": "officebot：送审、批准，都已落盘",
    "fanout.cards": "卡片发往每次 50 毫秒的平台",
    "fanout.limited": "卡片发往每秒只收 20 条的平台（钉钉）",
    "fanout.refused": "　被平台退回的占比",
    "flood.answered": "两千个连接同时说话，办好的",
    "flood.refused": "　请平台稍后再来的占比",
    "flood.resident": "　第二轮后的内存",
    "flood.growth": "　到最后一轮又增加的内存",
    "instances.1": "一个实例，经反向代理",
    **{f"instances.{number}": f"{words}个实例" for number, words in ((2, "两"), (4, "四"))},
    **{
        f"instances.{number}.{name}": f"　{words}个实例{what}"
        for number, words in ((2, "两"), (4, "四"))
        for name, what in (
            ("takeover", "：一个被强行终止后，别的接手要"),
            ("letters", "：其间发出的消息，一条不少"),
            ("repeats", "：其中注明可能重复的"),
        )
    },
    "seal.rate": "封存（一百万条，SQLite FULL）",
    "seal.proof": "一条记录的证明",
    "seal.sha256": "同样的字节算 SHA-256（一百万条）",
    "seal.verify": "核对一百万条",
    "list.waiting": "一万件待办时发“待办”",
    "list.rows": "　其中查表",
    "start.ready": "启动到就绪",
    "start.memory": "空闲时的内存",
    **{
        f"{part}.{name}.{size}": f"{rows}条时：{words}"
        for part in ("growth", "growth_pg")
        for name, words in {
            "tap": "点按一次", "tap_cpu": "点按一次占用处理器", "append": "记一条", "seal": "封存一条",
            "takeover": "另一实例接手封存", "proof": "一条记录的证明", "head": "签发校验码",
            "log": "一件旧事项的记录",
            "balance": "发“余额”", "list": "领导发“待办”", "decided": "领导办过的事项", "start": "启动到就绪",
        }.items()
        for size, rows in {"10k": "一万", "100k": "十万", "1m": "一百万", "10m": "一千万"}.items()
    },
    "soak.p50": "按固定速度一直点：一半快于",
    "soak.p99": "按固定速度一直点：百分之九十九快于",
    "soak.max": "　最慢的一次",
    **{f"soak.{name}.{minute}": f"　第 {minute} 分钟{words}" for minute in range(1, MINUTES + 1)
       for name, words in (("p50", "：一半快于"), ("p99", "：百分之九十九快于"), ("resident", "末的内存"))},
    "soak.errors": "　出错的",
    "soak.late": "　来不及、先收下后办理的",
    "soak.resident": "　结束时的内存",
    "soak.memory": "　热起来以后，每点一千次增加的内存",
    "soak.log": "　WAL 文件最大时",
    "soak.file": "　每点一千次数据库文件增大",
    "soak.unsealed": "　最后一次点按答完时还没封存的留痕",
}

_STEPS = {
    "seed": "准备待批事项", "fill": "填充留痕", "slips.staff": "录入人员", "slips.copies": "准备待批事项",
    "slips.seal": "封存留痕", "slips.copy": "复制样例单位", "slips.taps": "签名加密每一次点按",
}  # fmt: skip

_UNITS: dict[Unit, str] = {
    "per_s": "次/秒", "us": "微秒", "ms": "毫秒", "s": "秒", "mb": "MB", "kb": "KB", "x": "",
}  # fmt: skip


def table(done: Sequence[Done], *, judged: bool) -> Table:
    """One line per figure; what has a goal is judged, unless the run was too short for that."""
    shown = Table(box=box.SIMPLE, header_style="bold")
    for name in ("项目", "实测", "几轮的范围", "倍数", "对照", "目标", ""):
        shown.add_column(name, justify="right" if name in ("实测", "倍数") else "left", overflow="fold")
    for one in done:
        shown.add_section()
        failed = "[red]没有测成[/red]" if one.error else ""
        shown.add_row(f"[bold]{PARTS[one.part]}[/bold]", "", "", "", "", "", failed)
        for figure in one.figures:
            shown.add_row(*_row(figure), _verdict(figure) if judged else "")
    return shown


def step(name: str, done: int, of: int) -> str:
    """What the bar says."""
    words = (_STEPS | FIGURES)[name].strip("　")
    return f"{words} {done}/{of}" if done else f"{words} {of}" if of else words


def heading(report: Mapping[str, Any]) -> str:
    """The machine and the date, without which no figure means anything."""
    on = report["machine"]
    kind = "（快速试跑，数字没有意义）" if report["quick"] else ""
    return (
        f"officebot {report['version']} 性能实测{kind}　{report['at']}\n"
        f"{on['cpu']}，{on['cores']} 核，{on['system']}，"
        f"Python {on['python']}，SQLite {on['sqlite']}，aiohttp {on['aiohttp']}"
    )


def number(value: float) -> str:
    """Three digits that matter."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _row(figure: Figure) -> tuple[str, ...]:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    value = f"{number(figure.value)} {_UNITS[figure.unit]}".strip()
    return FIGURES[figure.name], value, _range(figure), ratio, FIGURES.get(figure.against, ""), _goal(figure.goal)


def _range(figure: Figure) -> str:
    """The least and the greatest of the rounds, and how far they lie apart."""
    if figure.low is None or figure.high is None:
        return ""
    apart = f"，±{figure.spread / 2:.0%}" if figure.spread else ""
    return f"{number(figure.low)}～{number(figure.high)}（{figure.rounds} 轮{apart}）"


def _goal(goal: Goal | None) -> str:
    if goal is None:
        return ""
    sign = "≥" if goal.more else "≤"
    return f"{sign} {goal.floor:g}" + (f"，争取 {goal.aim:g}" if goal.aim != goal.floor else "")


def _verdict(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    return "[green]达到[/green]" if figure.goal.met(figure.judged) else "[red]未达到[/red]"
