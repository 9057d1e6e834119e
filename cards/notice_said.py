"""What people say about notices: answers with a number or bare, questions for lists, a notice in one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cards import words

# word -> reply; what follows the number is the detail
_WORDS: Final = {
    "收到": "ack",
    "已阅通知": "ack",
    "参加": "attend",
    "派人参加": "substitute",
    "派人": "substitute",
    "不能参加": "decline",
    "不参加": "decline",
    "填写": "answered",
}
_NUMBERED: Final = re.compile(rf"({'|'.join(_WORDS)})\s*(\d{{1,9}})\s*号?[\s,，:：、]*(.*)", re.DOTALL)
_BARE: Final = {
    "收到": "ack", "收到了": "ack", "已收到": "ack", "知道了": "ack", "明白": "ack", "明白了": "ack", "已阅": "ack",
    "已知悉": "ack",
    "参加": "attend", "准时参加": "attend", "按时参加": "attend", "会参加": "attend", "能参加": "attend",
    "派人参加": "substitute", "派人": "substitute",
    "不参加": "decline", "不能参加": "decline", "参加不了": "decline", "无法参加": "decline",
}  # fmt: skip
_POLITE: Final = re.compile(r"[\s，,。.!！~～]|谢谢|好的|^我")
_INSTEAD: Final = re.compile(r"派\s*(\S{2,20}?)\s*(?:去|来)?参加")
_NOT_COMING: Final = re.compile(r"(?:我)?(?:不能?参加|参加不了|无法参加)[\s,，:：。]+(\S.*)", re.DOTALL)
_ROSTER: Final = re.compile(r"(?:回执|名单|回执名单)\s*(\d{1,9})\s*号?")
_CHASE: Final = re.compile(r"(?:催回执|提醒未回)\s*(\d{1,9})\s*号?")
_ROSTERS: Final = frozenset(
    {
        "回执", "回执情况", "回执名单", "谁没回", "谁没回执", "谁没有回执", "谁还没回", "还有谁没回", "还有谁没回执",
        "谁没看", "谁还没看", "还有谁没看", "谁没看通知", "回执统计", "导出回执", "导出回执名单",
    }
)  # fmt: skip
_CHASES: Final = frozenset({"催回执", "提醒未回", "催一下回执", "催没回的", "提醒没回的"})
SKIP: Final = frozenset({"跳过", "略过", "不答"})
MINE: Final = frozenset({"通知", "我的通知", "有什么通知", "未读通知"})
SENT: Final = frozenset({"我发的通知", "发出的通知"})
_COMPOSED: Final = re.compile(r"(?:请|发|发布|发个)?通知\s*([^：:\n]{1,120})[：:]\s*(\S.*)", re.DOTALL)
_TOLD: Final = re.compile(
    r"(?:请|麻烦|帮我|我要|我想)*(?:给|向|跟)\s*(?P<to>[^\s：:，,]{1,40}?)(?:下?发|发布)(?:一)?(?:个|条|份|下)?(?:通知|消息)"
    r"[\s：:，,]+(?P<body>\S.*)",
    re.DOTALL,
)
_TOLD_ALL: Final = re.compile(
    r"(?:请|麻烦|帮我)*通知(?:一?下)?(?P<to>大家|大伙儿?|全体(?:人员|干部职工|职工|同志)?|所有人|全单位|全员)(?!除|的|了)"
    r"[\s：:，,]*(?P<body>\S.+)",
    re.DOTALL,
)
_EVERYBODY: Final = "全体"
_CORRECTED: Final = re.compile(
    r"(?:更正通知|通知更正|改通知|更正)\s{0,4}(?:(?P<number>\d{1,9})\s{0,4}号?)?(?:通知)?[\s:：，,]{1,8}(?P<body>\S.+)",
    re.DOTALL,
)
_ALTERED: Final = re.compile(
    r"(?:把)?(?:(?P<number>\d{1,9})号|刚才的?|那个|这个)?通知(?:的?内容)?(?:要|想)?"
    r"(?:(?P<part>改一下|改下|更正一下)|改成|改为|更正为)[\s:：，,]*(?P<body>\S.+)",
    re.DOTALL,
)
_COLLECTED: Final = re.compile(r"(?:收集|接龙|问卷)\s*([^：:\n]{1,120})[：:]\s*(\S.*)", re.DOTALL)
_MEETING: Final = re.compile(r"参加|参会|出席|开会|会议")
_TO_KNOW: Final = re.compile(r"周知|知悉|阅知|告知大家")
_TITLE: Final = 30
_PHONE: Final = re.compile(r"(?<!\d)(1\d{10}|0\d{2,3}-?\d{7,8}|\d{7,8})(?!\d)")


def numbered(text: str) -> tuple[str, int, str] | None:
    """`参加 12`, `派人 12 李四 副科长 138...` as (reply's code, number, what follows)."""
    match = _NUMBERED.fullmatch(text.strip())
    return (_WORDS[match[1]], int(match[2]), match[3].strip()) if match else None


def bare(text: str) -> tuple[str, str] | None:
    """`收到`, `知道了，谢谢`, `派王五参加`, `不参加，出差`: the reply's code and what is said beyond, for somebody who
    has one notice to answer."""
    plain = _POLITE.sub("", text)
    if (instead := _INSTEAD.fullmatch(text.strip().rstrip("。.!！ "))) is not None and instead[1] != "人":
        return "substitute", instead[1]
    if (coming := _NOT_COMING.fullmatch(text.strip())) is not None:
        return "decline", coming[1].strip()
    return (_BARE[plain], "") if plain in _BARE else None


def bare_word(code: str) -> str:
    """The inverse of `bare`."""
    return next(word for word, one in _BARE.items() if one == code)


@dataclass(frozen=True, slots=True)
class Correction:
    """`number` 0 where none was said; `part`: only this is different, what was said before still holds."""

    number: int
    body: str
    part: bool = False


def corrects(text: str) -> Correction | None:
    """`更正通知 12 会议改到四点`, `通知改一下，时间改为4点`."""
    found = _CORRECTED.fullmatch(text.strip()) or _ALTERED.fullmatch(text.strip())
    if found is None:
        return None
    part = bool(found.groupdict().get("part"))
    return Correction(int(found["number"] or 0), found["body"].strip(), part)


def altered(new: str, old: str) -> str:
    """The text of a notice of which only a part is different."""
    return f"更正：{new}\n原通知：{old}"


def beginning(body: str) -> str:
    """Of a text as much as a line of a card takes."""
    line = " ".join(body.split())
    return line if len(line) <= _LINE else line[: _LINE - 1] + "…"


_LINE: Final = 60


def which_to_correct(rows: Sequence[tuple[int, str]]) -> str:
    return f"您发的通知有几件，请写明编号，例如“更正通知 {rows[0][0]} 新的内容”：\n{words.numbered(rows)}"


def nothing_to_correct() -> str:
    return "您没有发出过还没结束的通知，没有可以更正的。"


def asks_roster(text: str) -> int | None:
    """The number; 0 for the last one that was sent."""
    return _numbered_or_last(text, _ROSTER, _ROSTERS)


def asks_chase(text: str) -> int | None:
    """As `asks_roster`."""
    return _numbered_or_last(text, _CHASE, _CHASES)


def _numbered_or_last(text: str, numbered: re.Pattern[str], last: frozenset[str]) -> int | None:
    if text.strip().rstrip("?？。 ") in last:
        return 0
    match = numbered.fullmatch(text.strip())
    return int(match[1]) if match else None


def composed(text: str) -> dict[str, Any] | None:
    """`通知 办公室：周五下午三点开会，请参加。` as fields of the form; None for other words. See `collected`."""
    if (found := collected(text)) is not None:
        return found
    match = _COMPOSED.fullmatch(text.strip()) or _TOLD.fullmatch(text.strip()) or _TOLD_ALL.fullmatch(text.strip())
    if match is None:
        return None
    to, body = match[1].strip(), match[2].strip()
    to = _EVERYBODY if to.startswith(("大家", "大伙")) else to
    want = "attend" if _MEETING.search(body) else "read" if _TO_KNOW.search(body) else "ack"
    return {"to": to, "title": title(body), "body": body, "want": want}


def title(body: str) -> str:
    """The first sentence, or its beginning, of a notice that was said without one."""
    first = re.split(r"[。！？!?\n；;]", body, maxsplit=1)[0].strip()
    return first if len(first) <= _TITLE else re.split(r"[，,]", first, maxsplit=1)[0][:_TITLE]


def collected(text: str) -> dict[str, Any] | None:
    """`收集 办公室：周五午餐订几份？1份/2份/不订`, also `接龙`, as a notice with one question.

    Without options it is answered in words.
    """
    match = _COLLECTED.fullmatch(text.strip())
    if match is None:
        return None
    body = match[2].strip()
    asked, _, rest = body.partition("？") if "？" in body else body.partition("?")
    options = [one.strip(" 。.") for one in re.split(r"[/／]", rest) if one.strip(" 。.")]
    question = f"{asked.strip()}？" if len(options) > 1 else body
    row = {"title": question[:100]} | ({"options": "/".join(options)} if len(options) > 1 else {})
    return {
        "to": match[1].strip(), "title": question[:_TITLE], "body": body, "want": "answer", "questions": [row],
    }  # fmt: skip


def substitute(text: str) -> dict[str, str]:
    """`李四 副科长 13800000000` as name, post and phone, in any order after the name; what is not there is left out."""
    phone = _PHONE.search(text)
    rest = text.replace(phone[0], " ") if phone else text
    name, *post = re.split(r"[\s,，、;；]+", rest.strip(" ,，、;；"))
    found = {"name": name, "post": " ".join(post).strip(), "phone": phone[0] if phone else ""}
    return {key: value for key, value in found.items() if value}
