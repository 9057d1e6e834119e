"""What the inspector's pages say of a paper, a record, a bundle: is it what it claims? For people who know no hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cards.slip import exact

CLAIMED = (
    "能证明的：这些内容写进系统并封存以后，有没有被改动、删除、插入或者调换次序，哪怕是管理数据库的人。",
    "不能证明的：当时录入的内容本身是不是真的；点“同意”的是不是本人拿着手机。",
    "在卡片上点“同意”是由平台账号认证的内部办理记录，不是《电子签名法》第十三条所说的可靠电子签名，不等于手写签名或者盖章。",
)
HOW = (
    "系统里每写下一条记录，就给它算一个“指纹”，封存起来；每天把全部记录的总指纹签发一次，发到群里、印在打印单上。"
    "内容改一个字，指纹就对不上。这里做的就是重新算一遍，再和当时的比。"
)

_WRONG = {
    "changed": "被改过：现在的内容和封存时的指纹对不上。",
    "value_changed": "里的“{field}”被改过：和封存时的指纹对不上。",
    "value_gone": "里的“{field}”原文不见了，也没有删除的记录。",
    "nodes_gone": "没法核对：封存的指纹不见了。",
}
_NOT_OURS = "最近的总指纹不是本系统的钥匙签的：钥匙被换过，或者总指纹被改过。"
STATES = {
    "sound": "没有改动",
    "changed": "被改过",
    "value_changed": "内容被改过",
    "value_gone": "内容不见了",
    "nodes_gone": "指纹不见了",
    "waiting": "还没有封存",
    "unsigned": "已封存",
}
TONES = {"sound": "good", "waiting": "waiting", "unsigned": "waiting"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`tone` good, bad or waiting; `head` in one sentence, `advice` what to do; then what was checked, line by line."""

    tone: str
    head: str
    advice: str
    good: Sequence[str] = ()
    bad: Sequence[str] = ()
    notes: Sequence[str] = field(default_factory=tuple)


def unknown_slip() -> Verdict:
    advice = (
        "单号或者核对码不对。请照纸上的再输一遍；还是不对，这张单子就不是本系统出的，先不要采信，联系出具单位。"
    )
    return Verdict(tone="bad", head="没有这样一张打印单", advice=advice)


def ruined_slip() -> Verdict:
    advice = "先不要采信这张单子。保存好它，记下时间，联系出具单位的档案或监督部门。"
    return Verdict(tone="bad", head="核对没有通过", advice=advice, bad=["出单的记录被改过，已经读不出来了。"])


def slip(
    *, wrong: Sequence[str], waiting: int, unsigned: int, facts: int, head: datetime | None, paper: str,
    paper_size: int, missing: int, erased: bool, later: int, late: bool, signed: bool, sound: int,
) -> Verdict:  # fmt: skip
    """`wrong` sentences of the records; `paper`: the head printed on it is good, bad, cut or "" (none came along);
    `signed`: the last head is by a key of ours; `sound` of the `facts` are under it as they were sealed.

    `missing` records of before the paper are gone, `later` came after it.
    """
    bad = list(wrong)
    if paper == "bad":
        why = f"打印以前的 {paper_size} 条记录里有被改写过的，或者系统恢复过旧的备份"
        bad.append(f"单子上带的总指纹和现在的记录对不上：{why}。")
    if paper == "cut":
        bad.append(f"打印时一共有 {paper_size} 条记录，现在反而少了：后面的被截掉了，或者系统恢复过旧的备份。")
    if not signed:
        bad.append(_NOT_OURS)
    if missing > 0:
        bad.append(f"打印以前这件事项的记录少了 {missing} 条。")
    good = [f"这张单子是本系统出的，出单时的内容在留痕里，这件事项有 {facts} 条记录，在总指纹之下核对了 {sound} 条。"]
    if paper == "good":
        good.append(f"单子上带的总指纹（{paper_size} 条）和现在的记录接得上：打印以前的记录一条也没有改。")
    if head is not None and not bad:
        good.append(f"最近一次签发总指纹：{exact(head)}。")
    notes = _pending(waiting, unsigned, late)
    if paper in ("bad", "cut"):
        notes.append("右上角二维码里的条数和总指纹没有签名。请再扫单子下方的二维码，把文字贴到“核对校验码”，结果以那个为准。")
    if later:
        notes.append(f"打印以后这件事项又有 {later} 条记录，纸上没有；本单位有权限的人登录后可以看。")
    if erased:
        notes.append("单子上的内容后来按规定删除了，只能核对单号，不能再对照文字。")
    if bad:
        advice = "先不要采信这张单子。保存好它，记下时间，联系出具单位的档案或监督部门。"
        return Verdict(tone="bad", head="核对没有通过", advice=advice, good=(), bad=bad, notes=notes)
    advice = "请再逐项对照下面的文字：纸上和这里不一样的地方，就是纸被改过。"
    if not sound:
        return Verdict(tone="waiting", head="单号是真的，记录还不能核对", advice=advice, good=good[:1], notes=notes)
    return Verdict(tone="good", head="这张单子是真的，记录没有改动", advice=advice, good=good, notes=notes)


def record(*, wrong: Sequence[str], sound: int, waiting: int, unsigned: int, head: datetime | None, signed: bool,
           late: bool, more: int) -> Verdict:  # fmt: skip
    """One item's records, one after the other."""
    notes = _pending(waiting, unsigned, late)
    if more:
        notes.append(f"这件事项还有 {more} 条记录没有列出，全部核对请导出证据包。")
    bad = list(wrong)
    if not signed:
        bad.append(_NOT_OURS)
    if bad:
        advice = "先不要再改动系统，保留现场和最近的备份，请管理员运行 officebot audit verify。"
        return Verdict(tone="bad", head="核对没有通过", advice=advice, bad=bad, notes=notes)
    at = f"（{exact(head)} 签发）" if head else ""
    good = [f"{sound} 条记录和封存时一个字不差，都在总指纹{at}之下。"] if sound else []
    if not sound:
        return Verdict(tone="waiting", head="还不能核对", advice="刚写下的记录要封存以后才能核对。", notes=notes)
    return Verdict(tone="good", head="这些记录没有改动", advice="", good=good, notes=notes)


def _pending(waiting: int, unsigned: int, late: bool) -> list[str]:
    notes = []
    if waiting and late:
        notes.append(f"有 {waiting} 条记录早该封存，现在还没有：封存程序可能停了，请告诉系统管理员。")
    elif waiting:
        notes.append(f"有 {waiting} 条记录刚写下，还没有封存；一般几秒内封存，请过一分钟再看。")
    if unsigned:
        notes.append(f"有 {unsigned} 条记录已经封存，还没有签发总指纹；每天签发一次，打印任何一张单子时也会签发。")
    return notes


def wrong_record(number: int, at: datetime, what: str, who: str, *, state: str, field: str = "") -> str:
    """A record that does not stand; `number` is its place in the journal, 0 where it has none."""
    place = f"第 {number} 条" if number else "一条"
    return f"{place}（{exact(at)}，{what}，{who}）{_WRONG[state].format(field=field)}"


def bundle(*, bad: Sequence[str], good: Sequence[str], limits: Sequence[str], ours: bool, office: str,
           here: str, size: int) -> Verdict:  # fmt: skip
    """An uploaded bundle. `here`: our own records of today say good, bad, cut or "" (not ours, or not asked)."""
    wrong = list(bad)
    if here == "bad":
        wrong.append(
            f"证据包的总指纹和本系统现在的对不上：前 {size} 条记录里，有的在制作以后被改写过，或者系统恢复过旧的备份，"
            "或者这个包是伪造的。"
        )
    if here == "cut":
        wrong.append(f"证据包制作时有 {size} 条记录，本系统现在反而少了：后面的被截掉了，或者系统恢复过旧的备份。")
    right = list(good)
    here_said = (("（--heads）", "（上传时可以贴上）"), ("（--key）", "（上传时可以填上）"))
    for option, words in here_said:
        limits = [one.replace(option, words) for one in limits]
    if here == "good":
        right.append(f"和本系统现在的留痕比过：制作以后，前 {size} 条记录一条也没有改。")
    if wrong:
        advice = "先不要采信。保存好这个文件，请对方重新提供一次；还是这样，联系出具单位的档案或监督部门。"
        return Verdict(tone="bad", head="核对没有通过", advice=advice, good=right, bad=wrong, notes=limits)
    if not ours:
        advice = (
            f"文件前后一致，里面写的出具单位是“{office}”，但不是本系统的钥匙签的：是别的单位的，或者是冒充的，本系统分不出来。"
            "请向出具单位要公钥，填在上传的地方再核对一次。"
        )
        return Verdict(tone="waiting", head="不是本单位的证据包", advice=advice, good=right, notes=limits)
    return Verdict(tone="good", head="证据包是真的，记录没有改动", advice="", good=right, notes=limits)


def unreadable(words: str) -> Verdict:
    advice = "请上传原来的 zip 文件，不要解开重新压缩；从聊天里转存的，先下载完整再上传。"
    return Verdict(tone="bad", head="打不开这个文件", advice=advice, bad=[words])


def kept_head(*, state: str, size: int, at: datetime | None) -> Verdict:
    """A head that somebody pasted: good, bad, cut, unknown (signed by another key), none (no head at all)."""
    when = f"（{exact(at)} 签发）" if at else ""
    match state:
        case "good":
            said = f"您手里 {size} 条时的校验码{when}和现在的记录接得上：那之前的记录一条也没有改动、删除、插入。"
            return Verdict(tone="good", head="校验码对得上", advice="", good=[said])
        case "bad":
            said = f"您手里 {size} 条时的校验码{when}和现在的记录对不上：那之前的记录被改写过，或者系统恢复过旧的备份。"
        case "cut":
            said = f"您手里的校验码{when}说有 {size} 条记录，现在反而少了：后面的被截掉了，或者系统恢复过旧的备份。"
        case "unknown":
            said = f"您手里 {size} 条时的校验码{when}不是本系统的钥匙签的：是别的单位的，或者是伪造的，或者抄漏了字。"
        case _:
            said = "这段文字里没有校验码。要整段复制，连同最后以“—”开头的一行。"
            return Verdict(tone="bad", head="没有看到校验码", advice="", bad=[said])
    advice = "保存好这段校验码和它的来处（哪个群、哪一天、哪张单子），联系单位的档案或监督部门。"
    return Verdict(tone="bad", head="校验码对不上", advice=advice, bad=[said])


def kept_heads(found: Sequence[Verdict], *, left_out: int, torn: int) -> list[Verdict]:
    """Of everything that was pasted: what does not stand first, what stands in one; `left_out` were not compared,
    `torn` could not be read."""
    bad = [one for one in found if one.tone != "good"]
    good = [line for one in found if one.tone == "good" for line in one.good]
    told = [*bad, *([Verdict(tone="good", head="校验码对得上", advice="", good=good)] if good else ())]
    if torn:
        said = f"有 {torn} 段不完整，认不出来，没有比。要整段复制，从“officebot/”开头的一行到“—”开头的一行。"
        told.append(Verdict(tone="waiting", head="有的校验码没有看全", advice="", notes=[said]))
    if left_out:
        said = f"一次最多比 {len(found)} 个，后面的 {left_out} 个没有比，请分几次贴。"
        told.append(Verdict(tone="waiting", head="没有全部比完", advice="", notes=[said]))
    return told or [kept_head(state="none", size=0, at=None)]


REFUSED = {
    "slow_down": "核对得太频繁了，请过一分钟再试。",
    "busy": "现在有别人在核对，请过一会儿再试；也可以在自己的电脑上用证据包里的 verify.py 核对。",
    "too_big": "文件超过 {most} MB，网页上核对不了。请在自己的电脑上解压，用里面的 verify.py 核对，不需要联网。",
    "too_long": "核对的时间太长，停下了。请在自己的电脑上解压，用里面的 verify.py 核对。",
    "no_file": "没有收到文件，请先选择证据包（zip 文件）再上传。",
    "broken_off": "文件没有传完整，请再传一次。",
    "bad_key": "公钥的格式不对，应是一行：名称+编号+一串字母数字。",
}

def cut_short(most: int) -> str:
    """Under a sheet that ends before what was asked for does."""
    return f"一次最多导出 {most} 条，更早的没有在这里：请缩小时间范围，再导出一次。"


EXPORT = {
    "what": "请写明要导出什么：一件事项、一个人、一类事项，或者一段时间。",
    "days": "开始和结束日期要一起写，结束不能早于开始。",
    "no_item": "没有{item}号事项，请核对编号。",
    "no_kind": "没有叫“{word}”的事项或记录类型，请从列表里选。",
    "nobody": "没有叫“{word}”的人，写姓名或工号。",
    "many": "叫“{word}”的不止一个人，写工号：{numbers}。",
    "no_field": "没有叫“{word}”的栏目。",
    "near": "是不是 {near}？",
    "nothing": "这个范围里没有记录。",
    "too_much": "这个范围有 {facts} 条记录，网页上一次最多 {most} 条。请缩小范围，或者请系统管理员运行：{command}",
    "no_head": "现在签不了校验码，证据包做不出来。请系统管理员运行 officebot audit verify 看原因。",
    "no_nodes": "封存的指纹缺了，做不出证明。请系统管理员运行 officebot audit verify。",
}
