"""Two platforms that follow a script instead of a service: enough of `control.Platform` to play one leave."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.demo.stage import Place, Stage
from connectors.clock import MovableClock
from connectors.sandbox.faults import Faults
from connectors.sandbox.phones import Button, Chat, Choice, Field, Message, Phone
from connectors.sandbox.trace import Trace

START = datetime(2026, 4, 27, 1, 5, tzinfo=UTC)  # Monday, 9:05 in the office
BOT = "bot"
GROUP = "office"
PEOPLE = {
    "zhangsan": ("张三", "科员"),
    "lisi": ("李四", "办公室主任"),
    "wangwu": ("王五", "人事科科长"),
    "zhaoliu": ("赵六", "副主任"),
}
STAGE = Stage(
    office="示例区机关事务中心",
    places=(
        Place(platform="dingtalk", user="zhangsan", role="办事员·钉钉", part="applicant"),
        Place(platform="wecom", user="lisi", role="局领导·企业微信", part="leader"),
        Place(platform="wecom", user="wangwu", role="人事·企业微信"),
        Place(platform="wecom", user="zhaoliu", role="工作群·企业微信", chat=GROUP),
    ),
    sentences=("年假 {days} 回家", "我的假期", "到哪了", "帮助"),
)
OPINIONS = [("agree", "同意，注意安全"), ("handover", "同意，先交接工作")]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class ScriptedPlatform:
    """Answers like the service would, at once. `said`, `taps`, `opened` and `events` keep what the page did."""

    def __init__(self, platform: str, clock: MovableClock) -> None:
        self.platform = platform
        self.clock = clock
        self.faults = Faults()
        self.trace = Trace()
        self.other: ScriptedPlatform = self
        self.said: list[tuple[str, str, str]] = []
        self.taps: list[tuple[str, str, str, Mapping[str, Sequence[str]]]] = []
        self.opened: list[str] = []
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self.revoked = self.cut = self.silent = 0
        self.files: dict[str, tuple[str, bytes]] = {}
        self._number = 0
        self._phones = {user: self._phone(user) for user in PEOPLE}

    def _phone(self, user: str) -> Phone:
        name, post = PEOPLE[user]
        chats = {BOT: Chat(BOT, "机关助手"), GROUP: Chat(GROUP, "机关事务中心工作群", group=True)}
        return Phone(user, name, post, chats)

    # ---- control.Platform

    def phones(self) -> Sequence[Phone]:
        return list(self._phones.values())

    def file(self, file_id: str) -> tuple[str, bytes]:
        return self.files[file_id]

    async def say(self, user: str, text: str, *, chat: str = "") -> None:
        self.said.append((user, text, chat))
        if chat:
            self.to_group(text, author=PEOPLE[user][0], mine=user)
            return
        self.put(user, kind="text", mine=True, text=text)
        self.callback("text", text)
        if not self.silent:
            self.answer(user, text)

    async def send_media(self, user: str, *, kind: str, name: str, data: bytes) -> None:
        key = f"media-{len(self.files) + 1}"
        self.files[key] = (name, data)
        self.put(user, kind=kind, mine=True, file_name=name, file_id=key)
        self.callback(kind, name)
        self.put(user, kind="text", text=f"收到{name}")

    async def tap(self, user: str, message: str, button: str, *, inputs: Mapping[str, Sequence[str]]) -> str:
        card = self.message(user, message)
        if button not in {one.id for one in card.buttons if not one.dead}:
            raise LookupError(f"no button {button}")
        self.taps.append((user, message, button, inputs))
        self.callback("card", button)
        if button == "submit":
            self.change(user, message, state="已提交，等李四审批", tone="waiting")
            self.other.put("lisi", **leader_card())
        elif button == "approve":
            self.change(user, message, state="已由李四同意", tone="good")
            self.other.approved(inputs)
            self.put("wangwu", **copy_card())
            self.to_group("张三 5月6日至8日年假，工作由陈七代办。", author="机关助手")
        return {"submit": "已提交", "approve": "已同意"}.get(button, "")

    async def open_chat(self, user: str) -> None:
        self.opened.append(user)

    async def emit(self, name: str, fields: Mapping[str, Any]) -> None:
        self.events.append((name, fields))

    def revoke_tokens(self) -> None:
        self.revoked += 1

    async def disconnect(self) -> None:
        self.cut += 1

    # ---- the script

    def answer(self, user: str, text: str) -> None:
        if text.startswith("年假"):
            self.put(user, **draft_card(text))
        elif text == "我的假期":
            self.put(
                user,
                kind="markdown",
                text="**年假**\n> 今年 10 天，已用 2 天\n- 剩余 **8 天**\n- [怎么算的](https://bot.example.gov.cn/x)",
            )
        else:
            self.put(user, kind="text", text="可以这样写：年假 5月6日到8日 回家\n我的假期、到哪了、帮助")

    def approved(self, inputs: Mapping[str, Sequence[str]]) -> None:
        (opinion,) = inputs.get("opinion", ["无"])
        card = next(one for one in self._phones["zhangsan"].chats[BOT].messages if one.kind == "card")
        self.change("zhangsan", card.id, state="李四已同意", tone="good", note=f"意见：{opinion}")
        self.put("zhangsan", kind="text", text="李四同意了你的年假，还剩 5 天。")

    def put(self, user: str, **what: Any) -> Message:
        return self._append(user, BOT, what)

    def to_group(self, text: str, *, author: str, mine: str = "") -> None:
        for user in self._phones:
            self._append(user, GROUP, {"kind": "text", "text": text, "author": author, "mine": user == mine})

    def _append(self, user: str, chat: str, what: dict[str, Any]) -> Message:
        self._number += 1
        message = Message(id=f"{self.platform}-{self._number}", at=self.clock.now().isoformat(), **what)
        self._phones[user].chats[chat].messages.append(message)
        self.trace.changed(user=user, chat=chat)
        self.call("message/send", message.text or message.title)
        return message

    def message(self, user: str, message: str) -> Message:
        for chat in self._phones[user].chats.values():
            for one in chat.messages:
                if one.id == message:
                    return one
        raise LookupError(f"no message {message}")

    def change(self, user: str, message: str, *, state: str, tone: str, note: str = "") -> None:
        card = self.message(user, message)
        card.state, card.tone, card.note, card.updates = state, tone, note, card.updates + 1
        card.buttons, card.choices, card.inputs = [Button("", state, dead=True)], [], []
        self.trace.changed(user=user, chat=BOT)

    def callback(self, name: str, text: str) -> None:
        self.trace.record(
            at=self.clock.now().isoformat(), platform=self.platform, direction="out", name=f"callback/{name}",
            status="200", plain=f"<xml><Content>{text}</Content></xml>",
            sealed=f"<xml><Encrypt>{base64.b64encode(text.encode() * 3).decode()}</Encrypt></xml>", answer="success",
        )  # fmt: skip

    def call(self, name: str, text: str) -> None:
        self.trace.record(
            at=self.clock.now().isoformat(), platform=self.platform, direction="in", name=f"/cgi-bin/{name}",
            status="200 errcode 0", plain=f'{{"text": "{text}"}}', answer='{"errcode": 0}',
        )  # fmt: skip


def draft_card(text: str) -> dict[str, Any]:
    return {
        "kind": "card", "title": "请核对年假申请", "source": "card_1_0", "quote": text, "tone": "waiting",
        "fields": [Field("时间", "5月6日（周三）至 5月8日（周五）"), Field("时长", "3 天"), Field("事由", "回家"),
                   Field("余额", "8 天 → 5 天")],
        "inputs": [("stand_in", "工作代办人")],
        "buttons": [Button("submit", "提交", "primary"), Button("edit", "修改"), Button("drop", "作废", "danger")],
        "note": "依据《职工带薪年休假条例》第三条",
    }  # fmt: skip


def leader_card() -> dict[str, Any]:
    return {
        "kind": "card", "title": "张三的年假申请", "subtitle": "办公室 · 请在今天下班前处理",
        "source": "template_card/button_interaction", "source_line": "机关助手 · 请假", "tone": "waiting",
        "fields": [Field("申请人", "张三"), Field("时间", "5月6日至8日"), Field("时长", "3 天"), Field("事由", "回家"),
                   Field("余额", "8 天 → 5 天")],
        "choices": [Choice("opinion", "常用意见", OPINIONS, ["agree"])],
        "buttons": [Button("approve", "同意", "primary"), Button("reject", "驳回", "danger"),
                    Button("comment", "留言")],
        "url": "https://bot.example.gov.cn/office/items/1",
    }  # fmt: skip


def copy_card() -> dict[str, Any]:
    return {
        "kind": "card", "title": "年假已批准", "source": "template_card/text_notice", "source_line": "机关助手 · 抄送",
        "big": ("3 天", "张三 5月6日至8日"), "fields": [Field("审批人", "李四"), Field("余额", "5 天")],
        "state": "已归档", "tone": "good",
    }  # fmt: skip


class Rehearsal:
    """Both platforms on one clock, joined so that a tap on one shows on the other."""

    def __init__(self) -> None:
        self.clock = MovableClock(START)
        self.dingtalk = ScriptedPlatform("dingtalk", self.clock)
        self.wecom = ScriptedPlatform("wecom", self.clock)
        self.dingtalk.other, self.wecom.other = self.wecom, self.dingtalk
        self.platforms = (self.dingtalk, self.wecom)
