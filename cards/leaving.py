"""What administrators are told when people come and go: a leaver's open turns, a directory that is not believed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cards import accounts
from cards.model import Button, Card, Field, Style, Tone

JOINED, LEFT, CHANGED, LINKED, UNLINKED = "新来", "离开", "变更", "关联", "解除"
_SHOWN: Final = 8
_NAMES: Final = 30
_HANDOVER: Final = re.compile(r"(?:工作)?交接[\s:：]+(\S+?)\s*(?:的(?:工作|事项))?\s*(?:交?给|到|→|\s)\s*(\S+)")


@dataclass(frozen=True, slots=True)
class Turn:
    """An item that waits for the leaver; `what` is its form and applicant. `refusal` is the sentence why it stays."""

    number: int
    what: str
    open: bool = True
    refusal: str = ""


def handover_of(text: str) -> tuple[str, str] | None:
    """(leaver, successor) of “交接 李四 给 王五”."""
    match = _HANDOVER.fullmatch(text.strip().rstrip("。"))
    return (match[1], match[2]) if match else None


def left(
    name: str, turns: Sequence[Turn], own: Sequence[int], *, proxies: int, successor: str, office: str
) -> Card:
    """For administrators; `own` are the leaver's own requests, `successor` whom we would propose."""
    lines = [f"已结束外出授权{proxies}项。"] if proxies else []
    lines += [f"本人提交、还在办的：{'、'.join(f'{one}号' for one in own[:_SHOWN])}。"] if own else []
    lines.append("登录已失效，不再能审批。")
    who = successor or "王五"
    ask = f"要交给别人办，请回复“交接 {name} {who}”，会先给您看清单。" if turns else ""
    title = f"{name}已离职，还有{len(turns)}件等他办" if turns else f"{name}已离职"
    return Card(
        kind="people.left", source=office, title=title, fields=_fields(turns), quote="\n".join(lines), note=ask,
        replies=ask,
    )  # fmt: skip


def preview(name: str, heir: str, turns: Sequence[Turn], *, proxies: int, payload: str, office: str) -> Card:
    """Before it is done: what would go to whom."""
    moving = sum(not one.refusal for one in turns)
    button = (Button(f"交给{heir}"[:10], payload, Style.PRIMARY),) if moving or proxies else ()
    note = "已经签过的不变。点下面的按钮才会交接。" if button else "没有可以交接的事项。"
    note += f"同时结束外出授权{proxies}项。" if proxies else ""
    return Card(
        kind="people.handover", source=office, title=f"{name}的{moving}件事项交给{heir}", fields=_fields(turns),
        note=note, buttons=button,
    )  # fmt: skip


def handed_over(name: str, heir: str, turns: Sequence[Turn], *, office: str) -> Card:
    moved = sum(not one.refusal for one in turns)
    return Card(
        kind="people.handover", source=office, title=f"{name}的事项交给{heir}", fields=_fields(turns),
        state=f"已交接{moved}件", tone=Tone.GOOD,
    )  # fmt: skip


def _fields(turns: Sequence[Turn]) -> tuple[Field, ...]:
    shown = [Field(f"{one.number}号", f"{one.what}{_state(one)}") for one in turns[:_SHOWN]]
    if len(turns) > _SHOWN:
        shown.append(Field("另外", f"{len(turns) - _SHOWN}件"))
    return tuple(shown)


def _state(one: Turn) -> str:
    if one.refusal:
        return f"　没有交接：{one.refusal}"
    return "" if one.open else "（在后面的步骤里）"


def doubted(
    account: str, platform: str, names: Sequence[str], *, lost: int, of: int, empty: bool, office: str
) -> Card:
    """A directory that was not believed: whom it would have removed, and how an administrator lets it pass."""
    what = "是空的" if empty else f"少了{lost}人"
    ask = f"确实是这样的，请在服务器上运行：officebot people sync {account} --confirm" if not empty else ""
    return Card(
        kind="people.doubted", source=office, title=f"{accounts.platform(platform)}通讯录{what}，没有执行",
        fields=(Field("账号", account), Field("在册", f"{of}人"), Field("会去掉", _named(names))),
        quote="什么也没有改。多半是应用的可见范围变小了，或通讯录没有读全：请先到平台后台核对。", note=ask,
        tone=Tone.BAD,
    )  # fmt: skip


def many(account: str, platform: str, groups: Sequence[tuple[str, Sequence[str]]], *, total: int, office: str) -> Card:
    """A reading that changed a lot; `groups` are (what, names)."""
    fields = [Field(what, f"{len(names)}人：{_named(names)}") for what, names in groups if names]
    return Card(
        kind="people.many", source=office, title=f"{accounts.platform(platform)}通讯录有{total}处变动，已更新",
        fields=(Field("账号", account), *fields),
        note="有不对的，请在平台后台或人员表里改过来，再运行 officebot people sync。",
    )  # fmt: skip


def _named(names: Sequence[str]) -> str:
    return "、".join(names[:_NAMES]) + (f"等{len(names)}人" if len(names) > _NAMES else "")
