"""What is left of a text when its dates are taken out: the reason, without the words that only joined things."""

import re
from collections.abc import Iterable
from typing import Final

from handlers.days.phrases.numerals import TAKEN, fold

_MARKS: Final = " \t\r\n\u3000\u00a0,，.。;；:：、!！~～-—–()（）[]【】「」“”\"'·…"
_TAKEN: Final = re.compile(rf"{TAKEN}+")
_LEADING: Final = re.compile(
    r"(?:请|望|恳请|敬请)(?:领导|处长|科长|主任)?(?:予以|给予|予)?(?:批准|审批|批示|准假|同意|批假|批一下)"
    r"|我?想要?(?=[请休申\s,，]|$)|我要|我(?=[请休申需\s,，]|$)|本人(?=[请休申需想因\s,，]|$)|需要?(?=[请休申]|$)|申请|请个?假|休假|告假"
    r"|请(?![客教人示安柬帖求战])|休(?![息养整克闲学])|因为|由于|因(?![公病事故此])|事由|原因是?|理由是?|起(?![床诉草飞来])|开始|为?止"
    r"|结束|共计?|合计|总共|一共|计(?![划算生])|的|假(?![期装肢牙])|[在去到至从自于就和及与能吗吧了呢啊]+$"
    r"|吧(?=[\s,，。]|$)|几天$|可以吗?$|行吗$|好吗$|谢谢"
)
_BEFORE_A_DATE: Final = (
    "连着", "连续", "连休", "连请",
    "我想要", "我想", "我要", "想要", "我", "想", "要", "从", "自", "于", "定于", "在", "打算", "准备", "拟", "到",
    "至", "请个假", "请假", "休假", "请", "休", "申请", "共", "计", "的", "因", "就", "需", "需要", "是",
    "时间", "日期",
)  # fmt: skip
_AT_THE_END: Final = (
    "请个假", "请假", "休假", "告假", "谢谢", "谢谢领导", "请批准", "望批准", "请领导批准", "请予批准", "请审批",
    "望批示", "请批示", "申请", "请", "休",
)  # fmt: skip


def rest(text: str, cuts: Iterable[tuple[int, int]]) -> str:
    """`text` without the pieces `cuts` (places, in order, not overlapping), the remainders joined by a space."""
    pieces: list[str] = []
    place = 0
    for start, end in sorted([*cuts, *(found.span() for found in _TAKEN.finditer(text))]):
        pieces.append(_trimmed(text[place:start], _BEFORE_A_DATE))
        place = end
    pieces.append(_trimmed(text[place:], _AT_THE_END))
    return " ".join(piece for piece in pieces if piece)


def _trimmed(piece: str, trailing: tuple[str, ...]) -> str:
    """Words are known in any width and writing; what is left stays as it was typed."""
    start, end, known = 0, len(piece), fold(piece)
    while step := _trailing(known, start, end, trailing):
        end -= step
    while step := _leading(known, start, end):
        start += step
    return piece[start:end]


def _leading(piece: str, start: int, end: int) -> int:
    if start == end:
        return 0
    if piece[start] in _MARKS:
        return 1
    found = _LEADING.match(piece, start, end)
    return found.end() - start if found else 0


def _trailing(piece: str, start: int, end: int, words: tuple[str, ...]) -> int:
    if start == end:
        return 0
    if piece[end - 1] in _MARKS:
        return 1
    return max((len(word) for word in words if piece.endswith(word, start, end)), default=0)
