"""What `officebot faults` says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.faults.run import Result, Wish

_KILLS = {
    "anywhere": "任意时刻", "committed": "提交后、发出前", "sending": "发出后、记下前", "unsealed": "提交后、封存前",
    "starting": "启动中",
}  # fmt: skip
_FAULTS = {
    "api/slow": "接口迟答", "api/error": "接口报错", "api/limit": "接口限流", "api/down": "接口断开",
    "api/lost": "应答丢失", "callback/slow": "回调迟到", "callback/down": "回调断开", "callback/duplicate": "回调重复",
    "callback/reorder": "回调乱序", "callback/lost": "回调丢失",
}  # fmt: skip
_EXTRAS = {"locked": "锁住", "away": "磁盘写满（PostgreSQL 为连接被断开）"}


def step(number: int, *, ideal: bool) -> str:
    return f"第 {number} 回合（{'不出故障的一遍' if ideal else '出故障的一遍'}）"


def report(wish: Wish, result: Result) -> Iterator[str]:
    counts, bad = result.counts, result.bad
    yield f"数据库 {'PostgreSQL' if wish.server else 'SQLite'}，种子 {wish.seed}，第 {wish.first} 回合起。"
    kills = sum(counts.kills.values())
    others = f"迁移 {counts.migrations} 次，备份 {counts.backups} 次"
    yield f"强行结束 {kills} 次：{_listed(counts.kills, _KILLS)}；另有{others}。"
    yield f"平台故障：{_listed(counts.faults, _FAULTS)}。"
    yield f"数据库故障：{_listed(counts.extras, _EXTRAS)}。"
    if bad is None:
        yield (
            f"{result.rounds} 个回合、{counts.stories} 件事，与不出故障的一遍逐项相同：每次得到应答的操作恰好一次，"
            f"卡片齐全且是最后的样子，台账一致，留痕连同发出去的 {counts.heads} 个校验码核对通过。"
        )
        yield f"标明“如已收到请忽略”的重发 {counts.repeated} 条；因旧卡片不能再改而补发的卡片 {counts.replaced} 张。"
        return
    yield f"第 {bad.number} 回合发现不同：{bad.why}"
    server = f" --postgres {wish.server}" if wish.server else ""
    yield f"重现：officebot faults --seed {wish.seed} --from {bad.number} --rounds 1{server}"
    yield "故障和时刻由种子决定，两个进程谁先谁后不能重来：一次没有重现就再做几次。服务最后的日志："
    yield from (f"  {line}" for line in bad.log[-20:])


def _listed(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    return "、".join(f"{words[name]} {counts[name]}" for name in words if counts.get(name)) or "无"
