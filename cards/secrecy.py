"""What people are told where something carries a secrecy marking (office-rules.md 5.3); never what it said."""

from __future__ import annotations

from collections.abc import Mapping

from cards.model import Button, Card, Field, Style, Tone

DECLARATION = "我确认：不涉及国家秘密和工作秘密"
SUBMIT = "不涉密，提交"
_RULES: Mapping[str, str] = {
    "star": "密级后面带★",
    "label": "写有密级一栏",
    "head": "密级标志单独成行或者写在方括号里",
    "phrase": "本单位规定的标志",
    "name": "文件名以密级开头",
}
_WHERE: Mapping[str, str] = {
    "text": "发给机器人的消息", "file": "文件", "input": "卡片上填的内容", "page": "网页上填的内容",
}  # fmt: skip


def rule(code: str) -> str:
    return _RULES.get(code, code)


def refused(code: str, *, where: str) -> str:
    """To the person who sent it."""
    recall = "请马上在聊天里撤回（长按消息，撤回），再" if where != "page" else "请"
    return (
        f"这条内容带有密级标志（{rule(code)}），没有接收，也没有保存。{recall}改走纸质或者涉密渠道办理。"
        "已告知保密员。没有标志不等于不涉密，涉密的内容不要写在这里。"
    )


def where(code: str) -> str:
    return _WHERE.get(code, code)


def told(*, name: str, form: str, code: str, where: str) -> Card:
    """To the secrecy officer: who, in which matter, by which rule."""
    lines = [Field("人员", name), Field("位置", _WHERE.get(where, where)), Field("标志", rule(code))]
    return Card(
        kind="secrecy.told",
        source="保密提醒",
        title="有一条带密级标志的内容被拦下",
        fields=(*lines, *([Field("事项", form)] if form else [])),
        note="系统没有保存内容。请提醒本人撤回聊天里的原消息，并按保密规定处理。",
        tone=Tone.BAD,
    )


def kept_here(url: str) -> Card:
    """In the place of a message that may not leave."""
    return Card(
        kind="secrecy.kept",
        source="保密提醒",
        title="这一条带有密级标志，不能发到聊天里",
        subtitle="请在本单位的网页上查看" if url else "请联系管理员，在本单位的系统里查看",
        buttons=(Button("打开网页", url=url, style=Style.PRIMARY),) if url else (),
        url=url,
    )
