"""A leave at another time: what people say (“改到5月9日”, “改成3天”, “休到5月9日”), and what they are told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cards import words

MOVE: Final = "move"
"""To another day or range."""
END: Final = "end"
"""To another last day, or for more days."""
MORE: Final = "more"
_VERBS: Final = {
    "改期到": MOVE, "改到": MOVE, "改成": MOVE, "改为": MOVE, "改至": MOVE, "换成": MOVE, "换为": MOVE,
    "推迟到": MOVE, "提前到": MOVE, "延期到": MOVE,
    "休到": END, "延长到": END, "延到": END, "续假到": END, "续到": END, "缩短到": END,
    "延长": MORE, "续假": MORE, "多请": MORE, "多休": MORE, "多加": MORE, "再请": MORE, "再休": MORE, "再加": MORE,
}  # fmt: skip
_SAID: Final = re.compile(
    r"(?:我)?(?:想|要)?(?:请)?(?:把)?(?:(?P<number>\d{1,9})号)?(?:的?(?P<on>[^\s,，。]{1,12}?)的)?(?P<what>[^\s\d,，。]{0,8}?)的?(?:时间|日期)?"
    rf"(?P<verb>{'|'.join(sorted(_VERBS, key=len, reverse=True))})(?P<rest>.{{1,40}})",
)
_CORRECTED: Final = re.compile(
    r"(?:哦|啊|呃|额|哎呀?|等等)?[\s,，]*(?:(?:不对|不是|(?:[写说打搞弄填发看记点])?错了)[\s,，。!！、]*)+"
    r"(?:(?:应该|应当)是?|而?是|我?要请?的?是?|从)*(?P<rest>.{0,40})|(?:应该|应当)是?(?P<meant>.{1,40})",
)
_OTHER: Final = re.compile(r"怎么|如何|什么|[吗么?？]\s*$")
_POLITELY: Final = re.compile(
    r"(?<=.)(?:(?:[,，\s]*(?:可以|行|好|成))?[吗么嘛]|[,，\s]*(?:可以不可以|可不可以|行不行|好不好))[?？]?\s*$"
)
_MAY_I: Final = re.compile(r"能|可以|可不可以|行|好")
_HALVES: Final = {"上午": "am", "下午": "pm"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """`number` of the item where it was named, 0 where not; `what` may name the kind, `on` a day of the leave; `rest`
    holds dates or days."""

    verb: str
    number: int
    what: str
    rest: str
    on: str = ""


def wanted(text: str) -> Wanted | None:
    """What a message asks to be changed, or None."""
    text = _asked_nicely(text.strip().rstrip("。"))
    found = _SAID.fullmatch(text)
    if found is None or _OTHER.search(text):
        return None
    number, what, on = int(found["number"] or 0), found["what"] or "", found["on"] or ""
    return Wanted(_VERBS[found["verb"]], number, what, found["rest"].strip(), on)


def _asked_nicely(text: str) -> str:
    """`能改到后天吗` without its question mark: nothing happens before the card is confirmed."""
    return _POLITELY.sub("", text) if _MAY_I.search(text) else text


def corrected(text: str) -> Wanted | None:
    """`不对，是9号`, `写错了 5月7号`: what a message says against what was just understood of somebody's words;
    `rest` is empty where it only says that it was wrong."""
    found = _CORRECTED.fullmatch(text.strip().rstrip("。"))
    if found is None or _OTHER.search(text):
        return None
    return Wanted(MOVE, 0, "", (found["rest"] or found["meant"] or "").strip())


def day(number: int) -> str:
    return f"{number}号"


def half(rest: str) -> str:
    """`am` or `pm` where nothing but a half of the day is named."""
    return _HALVES.get(rest.strip(), "")


def which(names: Sequence[str]) -> str:
    """Several leaves, and none was named."""
    first = names[0].rsplit("（", 1)[-1].removesuffix("）") if names else "1号"
    return f"您有几次休假，请写明改哪一次，例如“{first}改到5月9日”：\n" + "\n".join(f"· {name}" for name in names)


_REASON: Final = re.compile(
    r"(?:请假)?(?:事由|理由|原因)\s*(?:改[成为到]|换成|写成?|应该?是|是|[:：])\s*(.{1,200})", re.DOTALL
)
_EXAMPLES: Final = "例如“改到5月9日”“改成5月9日到12日”“改成3天”“休到5月9日”，换一种假说“改成事假”。"


def another_kind(name: str, *, begun: bool) -> str:
    """An approved leave keeps its kind: it has been charged to one account and approved as that."""
    if begun:
        return f"已经批准的{name}不能直接改假别，休假也已经开始，请联系人事更正。"
    return f"已经批准的{name}不能直接改假别：请先说“取消休假”，再按新的假别重新请。"


def ask() -> str:
    return f"改到什么时候？直接回复，{_EXAMPLES}"


def unclear() -> str:
    return f"没有看懂改到什么时候，{_EXAMPLES}"


def withdrawn_for(number: int) -> str:
    """The applicant's own words in the history of the request that was replaced."""
    return f"改了时间，重新提交为{number}号"


def void(applicant: str, old: str, old_number: int, new_number: int) -> str:
    """To those who had decided on a request that was replaced."""
    return (
        f"{applicant}改了{old_number}号（{old}）的时间，已撤回并重新提交为{new_number}号。"
        "您对原申请的意见不再有效，新申请按新的内容审批。"
    )


def was(span: tuple[date, str, date, str], minutes: int, *, base: date) -> str:
    return f"{words.span(*span, base=base)}，{words.days(minutes)}"


def told(before: int, after: int) -> str:
    """How many days more or fewer."""
    if before == after:
        return f"{words.days(after)}，只改时间"
    return f"{words.days(before)} → {words.days(after)}"


def reason(text: str) -> str:
    """`事由改成探亲`: the new reason of what is being filled in; "" for other words."""
    found = _REASON.fullmatch(text.strip().rstrip("。"))
    return found[1].strip() if found else ""
