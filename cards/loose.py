"""What people say about an approval in other forms than “verb number words”, and how they are asked which was meant.

`同意`, `同意1、2、3`, `3号给王五办`, `催一下`, `撤回上一个`: bare words, several numbers, the number first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cards.approval import ItemView

_VERBS: Final[Mapping[str, str]] = {
    "不同意": "reject", "不批准": "reject", "不批": "reject", "驳回": "reject", "拒绝": "reject",
    "我同意": "approve", "同意了": "approve", "同意": "approve", "批准": "approve",
    "退回给申请人": "return", "退回申请人": "return", "退回": "return", "打回去": "return", "打回": "return",
    "帮我催一下": "urge", "催一催": "urge", "催一下": "urge", "催催": "urge", "催办": "urge", "催": "urge",
    "撤回申请": "withdraw", "撤回": "withdraw",
    "转办给": "transfer", "转给": "transfer", "转办": "transfer", "交给": "transfer", "给": "transfer",
}  # fmt: skip
_WORD: Final = "|".join(sorted(_VERBS, key=len, reverse=True))
_NUMBERS: Final = r"\d{1,9}(?:\s*号)?(?:(?:[\s、,，和]+|(?<=号))\d{1,9}(?:\s*号)?)*"
_BARE: Final = re.compile(rf"({_WORD})(?:[\s,，:：。]+(.*))?", re.DOTALL)
_NUMBERED: Final = re.compile(rf"({_WORD})\s*({_NUMBERS})(?:[\s,，:：、]*(.*))", re.DOTALL)
_FIRST: Final = re.compile(rf"(?:把\s*)?(\d{{1,9}})\s*号?\s*({_WORD})[\s,，:：]*(.*)", re.DOTALL)
_TO: Final = re.compile(
    r"(?:转办给|转给|转办|交给)\s*([^\s\d,，、]{2,12}?)(?:去?办理?|处理)?(?:[\s,，]+(\d{1,9})\s*号?)?"
)
_DOES: Final = r"(?:来|去|帮忙|帮我|代我)?(?:审批|批办|批示|批|审|签|看|处理|办理|办)(?:一?下|吧)?"
_PLEASE: Final = re.compile(rf"(?:请|让|由|麻烦)([一-鿿·]{{2,8}}?){_DOES}\s*(\d{{1,9}})\s*号?(?:事项|件)?")
_PLEASE_FIRST: Final = re.compile(rf"(\d{{1,9}})\s*号?[\s,，]*(?:还是|就)?(?:请|让|由|麻烦)([一-鿿·]{{2,8}}?){_DOES}")
_DECIDING: Final = "|".join(
    sorted((word for word, verb in _VERBS.items() if verb in ("approve", "reject", "return")), key=len, reverse=True)
)
_WHOSE: Final = re.compile(rf"我?({_DECIDING})\s*([一-鿿·]{{2,16}})(?:[\s,，:：]+(.*))?", re.DOTALL)
_WHOSE_FIRST: Final = re.compile(
    rf"([一-鿿·]{{2,16}}?)我?({_DECIDING}|可以|准了)(?:[\s,，:：]+(.*))?", re.DOTALL
)
_WHOM: Final = re.compile(
    r"(?:(?:一下)?(?:[一-鿿]{1,2})?(?:领导|[局处科股所院部厅署]长|主任|书记|经理)|他们?|她|一下)?"
)
_LATEST: Final = re.compile(r"(?:上一[个条件]|刚才(?:的|那[个条件])?|最后一[个条件]|最近的?一?[个条件]?)")
_YES: Final = frozenset({"是", "是的", "对", "对的", "好", "好的", "确认", "确定", "可以", "行", "嗯", "ok", "yes"})
_ASKED: Final[Mapping[str, str]] = {
    "approve": "同意", "reject": "驳回", "return": "退回", "transfer": "转办", "urge": "催办", "withdraw": "撤回",
}  # fmt: skip
_NONE: Final[Mapping[str, str]] = {
    "urge": "您没有正在审批的申请，不用催。发“我的申请”看最近的。",
    "withdraw": "您没有可以撤回的申请。发“我的申请”看最近的；已批准的休假请说“销假”或“取消休假”。",
}
_SHOWN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """`numbers` empty: it was not said which; `latest`: the last one; `whose`: words that may hold the applicant's
    name. `rest` is a name or an opinion."""

    verb: str
    numbers: tuple[int, ...] = ()
    rest: str = ""
    latest: bool = False
    whose: str = ""


def by_name(text: str) -> Said | None:
    """`同意张三的`, `张三的年假可以`, `王五的不同意，人手不够`; whether one of that name waits, others know."""
    text = text.strip().rstrip("。.!！~～吧")
    if (match := _WHOSE.fullmatch(text)) is not None:
        return Said(verb=_VERBS[match[1]], whose=match[2], rest=(match[3] or "").strip())
    if (match := _WHOSE_FIRST.fullmatch(text)) is not None:
        return Said(verb=_VERBS.get(match[2], "approve"), whose=match[1], rest=(match[3] or "").strip())
    return None


def said(text: str) -> Said | None:
    """None for other words, and for `同意 3 ...`, which `vocabulary` and `verbs` read."""
    text = text.strip().rstrip("。.!！~～吧")
    if (match := _TO.fullmatch(text)) is not None:
        return Said(verb="transfer", numbers=(int(match[2]),) if match[2] else (), rest=match[1])
    if (match := _PLEASE.fullmatch(text)) is not None:
        return Said(verb="transfer", numbers=(int(match[2]),), rest=match[1])
    if (match := _PLEASE_FIRST.fullmatch(text)) is not None:
        return Said(verb="transfer", numbers=(int(match[1]),), rest=match[2])
    if (match := _FIRST.fullmatch(text)) is not None:
        return _number_first(int(match[1]), match[2], match[3].strip())
    if (match := _NUMBERED.fullmatch(text)) is not None:
        return _numbered(match[1], match[2], match[3].strip())
    if (match := _BARE.fullmatch(text)) is not None and match[1] not in ("给", "交给", "催"):
        return _bare(_VERBS[match[1]], (match[2] or "").strip())
    for word in ("催一下", "撤回", "催"):
        if text.startswith(word):
            return _bare(_VERBS[word], text.removeprefix(word).strip())
    return None


def _number_first(number: int, word: str, rest: str) -> Said | None:
    verb = _VERBS[word]
    if verb == "transfer":
        rest = re.sub(r"(?:去?办理?|处理)$", "", rest)
        return Said(verb=verb, numbers=(number,), rest=rest) if rest else None
    return Said(verb=verb, numbers=(number,), rest=rest)


def _numbered(word: str, numbers: str, rest: str) -> Said | None:
    """Several numbers, or one after a word that nobody else reads."""
    found = tuple(dict.fromkeys(int(one) for one in re.findall(r"\d{1,9}", numbers)))
    plain = word in ("同意", "驳回", "不同意", "退回", "转办", "催办", "撤回")
    if word == "给" or (len(found) == 1 and plain) or (len(found) > 1 and rest):
        return None
    return Said(verb=_VERBS[word], numbers=found, rest=rest)


def _bare(verb: str, rest: str) -> Said | None:
    if verb == "transfer":
        return Said(verb=verb, rest=rest) if rest else None
    if verb in ("urge", "withdraw"):
        if _LATEST.fullmatch(rest):
            return Said(verb=verb, latest=True)
        return Said(verb=verb) if _WHOM.fullmatch(rest) else None
    return Said(verb=verb, rest=rest)


def is_yes(text: str, verb: str) -> bool:
    """Whether this confirms what was asked: yes, or the word itself once more."""
    word = text.strip().rstrip("。.!！~～").lower()
    return word in _YES or _VERBS.get(word) == verb


def number(text: str) -> tuple[int, ...]:
    """`1`, `1号`, `1、2`: the numbers of an answer; empty for other words."""
    found = re.fullmatch(_NUMBERS, text.strip().rstrip("。"))
    return tuple(dict.fromkeys(int(one) for one in re.findall(r"\d{1,9}", text))) if found else ()


def none(verb: str) -> str:
    return _NONE.get(verb, f"现在没有等您{_ASKED[verb]}的审批。发“待办”看等您办的事项，发“已办”看办过的。")


def confirm(view: ItemView, verb: str, rest: str = "") -> str:
    """One item that it can only be: shown before anything is decided."""
    what = f"转给{rest}" if verb == "transfer" else _ASKED[verb]
    words = f"（意见：{rest}）" if rest and verb != "transfer" else ""
    lines = "；".join(f"{one.name} {one.value}" for one in view.fields[:4])
    return f"{_line(view)}\n{lines}\n确认{what}{words}请回复“是”；不办请回复“算了”。"


def which(views: Sequence[ItemView], verb: str) -> str:
    """Several that it could be."""
    listed = [_line(view, detail=True) for view in views[:_SHOWN]]
    more = [f"……共{len(views)}件"] if len(views) > _SHOWN else []
    many = "，全部同意请回复“全部同意”" if verb == "approve" else ""
    return "\n".join([f"{_ASKED[verb]}哪一件？请回复编号，例如“{views[0].number}”{many}。", *listed, *more])


def approved(views: Sequence[ItemView], refused: Sequence[int], *, undo: str) -> str:
    """After several numbers: which counted; `refused` are not this person's to decide, or are gone."""
    done = f"已同意{len(views)}件：{'、'.join(f'{one.number}号 {one.applicant}的{one.title}' for one in views)}。"
    left = f"{'、'.join(f'{one}号' for one in refused)}没有办理：没有这个编号，或者现在不由您审批。" if refused else ""
    return (done if views else "") + left + undo


def one_by_one(verb: str) -> str:
    return f"一次只能{_ASKED[verb]}一件，请写明编号，例如“{_ASKED[verb]} 3”。"


def _line(view: ItemView, *, detail: bool = False) -> str:
    told = next((one.value for one in view.fields if one.value not in view.title), "") if detail else ""
    return f"{view.number}号：{view.applicant}的{view.title}{'，' + told if told else ''}"
