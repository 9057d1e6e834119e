"""A changed form, shown to the administrators: what changed, what it would have done with last year's items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.model import Button, Card, Field, Style, Tone

_PARTS = {"field": "字段", "step": "环节"}
_WHATS = {"added": "新增", "removed": "删去", "changed": "修改"}
_KEYS = {
    "title": "名称", "aliases": "别名", "category": "类别", "basis": "依据", "rule": "规定", "secrecy": "涉密设置",
    "funds": "资金标记", "enabled": "启用", "chat": "填写方式", "summary": "称呼", "retention_years": "保存年限",
    "zero_approval": "免批说明", "effects": "办理动作", "cc": "抄送", "sampling": "抽查", "opinions": "常用意见",
    "undo_seconds": "撤销时间", "musts": "跨字段规定",
}  # fmt: skip
_STATES = {
    "in_force": "新版已生效",
    "waiting": "等您发布",
    "aside": "新版没有发布，仍用原来的",
    "stale": "文件后来又改过",
}
_BUTTONS = {
    "form-publish": ("发布", Style.PRIMARY),
    "form-wait": ("先不发布", Style.PLAIN),
    "form-back": ("退回上一版", Style.DANGER),
}
_MOST_CHANGES = 4
_MOST_SAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One item of last year that would go otherwise: `before` and `after` are ways in words."""

    number: int
    applicant: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseView:
    """`changes` are (part, what, title) of `form_diff`; `looked_at` -1 where no items were looked at for this card."""

    title: str
    state: str
    changes: Sequence[tuple[str, str, str]] = ()
    looked_at: int = -1
    differing: int = 0
    samples: Sequence[Sample] = ()
    actions: Sequence[tuple[str, str]] = ()
    url: str = ""
    by: str = ""


def card(view: ReleaseView) -> Card:
    """With what can be done now; closed when that is nothing."""
    buttons = tuple(Button(_BUTTONS[act][0], payload, _BUTTONS[act][1]) for act, payload in view.actions)
    by = f"（{view.by}）" if view.by else ""
    return Card(
        kind="approval.release",
        source="表单改动",
        title=f"“{view.title}”改过了：{_STATES[view.state]}",
        subtitle=_counted(view),
        fields=(Field("改动", _told(view.changes)), *(_sample(one) for one in view.samples[:_MOST_SAMPLES])),
        note="正在办理的事项仍按原来的走完",
        buttons=buttons,
        state="" if buttons else f"{_STATES[view.state]}{by}",
        tone=Tone.WAITING if view.state == "waiting" else Tone.NEUTRAL,
        url=view.url,
    )


def way(steps: Sequence[tuple[str, str]], *, refused: bool = False, blocked: bool = False) -> str:
    """`科长审批：李四 → 办公室：赵六` from (title, names)."""
    if refused:
        return "算不出流程"
    words = " → ".join(f"{title}：{names}" for title, names in steps) or "不用审批"
    return f"{words}（走不通）" if blocked else words


def change(part: str, what: str, title: str) -> str:
    if part == "form" and what == "moved":
        return "环节的次序"
    if part == "form":
        return _KEYS.get(title, title)
    return f"{_WHATS[what]}{_PARTS[part]}“{title}”"


def unpublished() -> str:
    return "这份表单后来又改过，这张卡片不再有效，请看最新的一张。"


def done(act: str, title: str) -> str:
    words = {"form-publish": "已发布，几秒钟内生效", "form-wait": "先不发布", "form-back": "已退回上一版，几秒钟内生效"}
    return f"“{title}”{words[act]}。"


def _counted(view: ReleaseView) -> str:
    if view.looked_at < 0:
        return ""
    if not view.looked_at:
        return "过去一年没有这种事项可以比对"
    if not view.differing:
        return f"过去一年的{view.looked_at}件按新版走，审批人都不变"
    return f"过去一年的{view.looked_at}件按新版走，有{view.differing}件会不同"


def _told(changes: Sequence[tuple[str, str, str]]) -> str:
    words = [change(*one) for one in changes]
    more = f"等{len(words)}处" if len(words) > _MOST_CHANGES else ""
    return ("、".join(words[:_MOST_CHANGES]) + more) or "只有说明文字"


def _sample(one: Sample) -> Field:
    return Field(f"{one.number}号", f"{one.applicant}，原来{one.before}；改后{one.after}")
