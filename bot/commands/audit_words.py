"""Chinese for what a check of the journal found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from bot.proofs import verifier
from bot.proofs.checking import Finding, Journal
from cards import records
from cards import slip as slips
from handlers.transaction import from_ms

_ASK = "把上面的话原样交给单位的档案或监督部门；数据库和备份由谁管，就请谁说明。"
_WHOSE = {"given": "您给出的校验码", "own": "库里保存的校验码"}


_NOTES = frozenset({"restored", "nothing_wrong_before"})
"""What explains the rest and is no fault of its own."""

_TABLES = {
    "account_apart": "认定不是同一人的账号", "agenda_entry": "日程", "agenda_share": "日程共享", "attachment": "附件",
    "attachment_use": "事项的附件", "decision": "办理经过", "form_release": "模板版本", "form_version": "模板原文",
    "ics_feed": "日历订阅", "item": "事项", "leave_entry": "休假台账", "notice": "通知", "notice_receipt": "通知回执",
    "notice_reminder": "通知催促", "notice_repeated": "定期提醒", "person": "人员", "person_account": "平台账号",
    "person_role": "角色", "proxy": "外出授权", "reservation": "预订", "resource": "会议室、车辆、驾驶员",
    "wait_place": "排队", "waiting": "等谁办理",
}  # fmt: skip
_NOT_COMPARED = {"personal": "个人信息的原文", "tables": "事项、台账等各表", "files": "附件"}

Names = Mapping[str, str]


def ids(findings: Iterable[Finding]) -> set[str]:
    """Of people and items that the sentences about these may name."""
    texts = [str(one.about.get(name, "")) for one in findings for name in ("subject", "key")]
    return {word for text in texts for word in text.split() if len(word) <= 32}


def finding(one: Finding, names: Names = MappingProxyType({})) -> str:
    """One sentence; the first wrong record by its place, its time and what it is about. `names` by `ids`."""
    about = one.about
    place = "" if one.index is None else f"第 {one.index + 1} 条"
    match one.code:
        case "changed":
            return f"{place}（{_record(about, names)}）被改过：内容和封存时的指纹不一致。"
        case "deleted":
            return f"{place}（留痕序列号 {about['journal']}）被删掉了。"
        case "missing":
            return f"{place}不见了：封存的次序里缺这一条。"
        case "cut_off":
            at = f"（{slips.exact(about['at'])} 签发）" if about["at"] else ""
            return (
                f"{_WHOSE[about['whose']]}{at}说有 {about['size']} 条，现在只有 {about['sealed']} 条："
                f"从第 {about['sealed'] + 1} 条起被截掉了，或者恢复过旧的备份。"
            )
        case "other_root":
            at = f"（{slips.exact(about['at'])} 签发）" if about["at"] else ""
            whose, size = _WHOSE[about["whose"]], about["size"]
            why = f"前 {size} 条里有被改写过的，或者恢复过旧的备份"
            return f"{whose}（{size} 条）{at}和现在的记录算出来的不一样：{why}。"
        case "between":
            return f"第一条不对的记录在第 {about['from']} 到第 {about['to']} 条之间：指纹也一起重写了，只能说到这里。"
        case "early":
            return f"{place}的记录时间早于它前面已经签发的校验码：是事后补进来的。"
        case "slipped_in":
            return f"留痕里有一条没有封存的旧记录（{_record(about, names)}），早该封存：是事后插进来的。"
        case "unknown_key":
            what = f"您给出的校验码（{about['origin']}，{about['size']} 条）"
            return f"{what}不是本系统的钥匙签的：钥匙被换过，它是别处的，或者抄漏了字。"
        case "own_unsigned":
            what = f"库里 {about['size']} 条时的校验码（公钥编号 {about['signer']}）"
            return f"{what}不是已知的钥匙签的：被改过，或者 data/audit/public.keys 里的公钥少了、换了。"
        case "own_torn":
            return f"库里 {about['size']} 条时的校验码（公钥编号 {about['signer']}）被改过，和它自己的原文对不上。"
        case "nodes_gone":
            return f"{place}封存的指纹不见了，做不出证明。" if place else "封存的指纹缺了，做不出证明。"
        case "nodes_differ":
            return "库里保存的指纹和按记录算出来的不一致。"
        case "restored":
            at, made = slips.exact(about["at"]), slips.exact(about["made"])
            return f"留痕里记着：{at} 从 {made} 的备份恢复过，两个时间之间的操作没有了，以后的是另外的记录。"
        case "nothing_wrong_before":
            return "现有的记录和库里的指纹逐条一致；要是有记录被改过，指纹也一起重写了。"
    return _beside(one, names)


def _beside(one: Finding, names: Names) -> str:
    """What lies beside the journal."""
    about = one.about
    match one.code:
        case "value_changed":
            what = _value(about, names)
            return f"{what}原文被改过，和留痕里的指纹对不上。"
        case "value_gone":
            return f"{_value(about, names)}原文被删掉了，没有删除的记录。"
        case "value_extra":
            where = f"留痕 {about['journal']} 号旁边多出一处“{records.field('', about['field'])}”"
            return f"{where}，记录里没有它的指纹：是绕过本系统写进去的，或者这条记录被改过。"
        case "not_compared":
            return f"{_NOT_COMPARED[about['what']]}没能和留痕对照完：留痕里有的内容被改得读不出来了。"
        case "row_gone":
            return f"留痕里有、{_row(about, names)}却没有了。"
        case "row_extra":
            return f"{_row(about, names)}在留痕里没有来历：是绕过本系统写进去的。"
        case "row_differs":
            more = [name for name in about.get("columns", ()) if name != about["column"]]
            beside = f"（同一行还有 {'、'.join(more)}）" if more else ""
            return f"{_row(about, names)}的 {about['column']} 列和留痕重建出来的不一样{beside}。"
        case "file_swapped":
            return f"留痕 {about['journal']} 号提交的附件 {about['sha256'][:12]}… 不再挂在它的事项上，被换过。"
        case "file_gone":
            return f"留痕 {about['journal']} 号提交的附件 {about['sha256'][:12]}… 在磁盘上找不到。"
        case "file_changed":
            what = f"留痕 {about['journal']} 号提交的附件 {about['sha256'][:12]}…"
            return f"{what} 内容被换过，和提交时的指纹不一致。"
    return one.code


def report(
    found: Journal, counts: Mapping[str, int], more: list[Finding], *, names: Names = MappingProxyType({}),
    unread: int = 0,
) -> Iterator[str]:  # fmt: skip
    """All lines of `officebot audit verify`; `unread`: heads in what was given that are not whole."""
    yield f"留痕 {found.size} 条已封存，{found.waiting} 条等待封存。"
    if found.newest is not None:
        at = f"，最近的签发于 {slips.exact(found.newest.at)}" if found.newest.at else ""
        yield f"和给出的 {found.given} 个校验码比过{at}。"
    elif not unread:
        own = f"只核对了库里自己的 {found.own} 个"
        yield f"没有给出以前发出去的校验码（--heads），{own}：有全部权限的人重写一遍，这样查不出来。"
    if unread:
        yield f"给出的校验码有 {unread} 段不完整，认不出来，没有比。{verifier.WHOLE}"
    if counts:
        yield (
            f"和留痕重建的比过：{_rows(counts)} 行（其中事项 {counts.get('item', 0)} 件，"
            f"休假台账 {counts.get('leave_entry', 0)} 笔），"
            f"附件 {counts.get('files', 0)} 个，个人信息 {counts.get('personal', 0)} 处"
            f"（另有 {counts.get('erased', 0)} 处已按规定删除）。"
        )
    wrong = [*found.findings, *more]
    for one in wrong:
        yield f"{'说明' if one.code in _NOTES else '不对'}：{finding(one, names)}"
    count = sum(one.code not in _NOTES for one in wrong)
    yield "核对通过。" if not wrong else f"核对没有通过，共 {count} 处。先不要再写入，保留现场和最近的备份。{_ASK}"


def as_json(
    found: Journal, counts: Mapping[str, int], more: list[Finding], *, names: Names = MappingProxyType({}),
    unread: int = 0,
) -> dict[str, Any]:  # fmt: skip
    wrong = [*found.findings, *more]
    return {
        "sealed": found.size, "waiting": found.waiting, "heads_given": found.given, "heads_unread": unread,
        "heads_own": found.own, "compared": dict(counts), "ok": not wrong,
        "findings": [
            {"code": one.code, "index": one.index, "words": finding(one, names),
             "about": {key: str(value) if key == "at" else value for key, value in one.about.items()}}
            for one in wrong
        ],
    }  # fmt: skip


def _record(about: Mapping[str, Any], names: Names) -> str:
    subject = names.get(about["subject"], about["subject"])
    return f"{_at(about['recorded_ms'])}，{records.kind(about['kind'])}，{subject}，序列号 {about['journal']}"


def _at(ms: int) -> str:
    try:
        return slips.exact(from_ms(ms))
    except OverflowError:
        return "时间读不出来"


def _value(about: Mapping[str, Any], names: Names) -> str:
    subject = names.get(about["subject"], about["subject"])
    what = f"留痕 {about['journal']} 号（{records.kind(about['kind'])}，{subject}）"
    return f"{what}的“{records.field(about['kind'], about['field'])}”"


def _row(about: Mapping[str, Any], names: Names) -> str:
    table, number = about["table"], f"{about['number']}号，" if about.get("number") else ""
    key = " ".join(names.get(word, word) for word in str(about["key"]).split(" "))
    return f"{_TABLES.get(table, table)}（表 {table}）里{number}键为 {key} 的一行"


def _rows(counts: Mapping[str, int]) -> int:
    return sum(number for name, number in counts.items() if name not in ("personal", "erased", "files"))
