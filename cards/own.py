"""What people say of what they have submitted: where is it, it is not wanted, it is to be different."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from cards import words

_SHOW: Final = re.compile(
    r"(?:请)?(?:帮我)?(?P<look>看看?|看一下|查看?|查一下|打开|打印)?\s*(?P<number>\d{1,9})\s*号?(?:申请|单子|事项|表单|那件)?的?"
    r"(?P<asks>(?:现在)?(?:到哪(?:了|里了?|儿了?|一步了?)?|在谁那里?|谁(?:在|还没|没)?(?:办|批|审批|审)(?:的|了|过)?"
    r"|批(?:好|完|下来)?(?:了吗|了没有?|没有?)|办(?:好|完)?(?:了吗|了没有?|没有?)|进度|怎么样了?|详情|流程|状态))?[呢啊呀]?"
)
_WHICH: Final = r"(?:我的?|那个|这个|刚才的?|[一-鿿\d]{1,12}的)??"
_NAME: Final = r"(?P<what>(?:(?!的)[一-鿿]){1,12}?)"
_BEFORE: Final = re.compile(
    rf"(?:请|麻烦|帮我|我想|我要)*(?:取消|撤销|撤回|撤掉|不要|不用|不需要)(?:了|掉)?{_WHICH}{_NAME}(?:申请|单子?)?了?"
)
_AFTER: Final = re.compile(
    rf"{_WHICH}{_NAME}(?:申请|单子?)?(?:我)?(?:取消|撤销|撤回|不要|不用|不需要|不办|不去|不搞|作废)(?:了|掉|吧)*"
)
_NOT: Final = re.compile(r"(?:我)?(?:明天|后天|下周|这次)?不(?:去|用|要)?(?P<what>[一-鿿]{2,8}?)了")
_OTHERWISE: Final = re.compile(
    rf"(?:请|麻烦)?(?:把)?{_WHICH}{_NAME}(?:申请|单子?)?的?(?:时间|日期|人数|份数|地点|内容)?"
    r"(?:要|想)?(?:改期到|改到|改成|改为|改期|改一下|改下|延长|推迟|延期|延后|顺延|提前|换到|换成|缩短|增加|加|减)(?P<rest>.{0,40})"
)


_NAMED: Final = re.compile(r"(?<![月\d第])(\d{1,9})\s*号(?!楼|会议室|线|车|文)")
_WHY_NOT: Final = re.compile(
    r"(?:我的|这个|那个)?[一-鿿]{0,8}?(?:(?:为什么|为啥|怎么|凭什么|什么原因|谁)(?:给|把)?(?:我的?)?[一-鿿]{0,6}?(?:被)?"
    r"(?:驳回|退回|拒绝|没批|不批|没同意|不同意|打回)(?:了|来了|的|我|呢|啊)*|(?:驳回|退回|打回|不同意|没批)(?:的)?(?:原因|理由)(?:是什么|呢)?)"
)


def names(text: str) -> int | None:
    """The number of the one item that a sentence names, whatever else it says; None for none or several."""
    found = set(_NAMED.findall(_plain(text)))
    return int(found.pop()) if len(found) == 1 else None


def asks_why_not(text: str) -> bool:
    """`为什么驳回`, `谁退回的`, `驳回原因`."""
    return _WHY_NOT.fullmatch(_plain(text)) is not None


def nothing_turned_down() -> str:
    return "您最近没有被驳回或者退回的申请。发“到哪了”看各件走到哪一步。"


def not_understood(number: int) -> str:
    return f"没有听懂这句话。您说的是{number}号，在这里："


def shows(text: str) -> int | None:
    """`3号到哪了`, `打印 3`: the number; None for other words, a bare number among them."""
    found = _SHOW.fullmatch(_plain(text))
    return int(found["number"]) if found and (found["look"] or found["asks"]) else None


def not_wanted(text: str) -> str:
    """`用车取消`, `不出差了`: what is not wanted any more; "" for other words."""
    return _what(text, _BEFORE, _AFTER, _NOT)


def otherwise(text: str) -> str:
    """`用车改到3点`, `出差延长一天`: what is to be different."""
    return _what(text, _OTHERWISE)


def _what(text: str, *patterns: re.Pattern[str]) -> str:
    found = (one.fullmatch(_plain(text)) for one in patterns)
    return next((match["what"] for match in found if match), "")


def _plain(text: str) -> str:
    return text.strip().rstrip("。.!！?？ ") if len(text) <= _LONGEST else ""


_LONGEST: Final = 60


def is_meant(what: str, names: Iterable[str]) -> bool:
    """Whether these words name a form: `车` of 用车申请, `用车申请` of 用车."""
    return any(what in name or name in what for name in names)


def here(word: str) -> str:
    """`word` is what the button says."""
    return f"在下面的卡片上点“{word}”就行。"


def first(word: str) -> str:
    return f"已经提交的不能直接改：在下面的卡片上点“{word}”，再重新说一次；也可以请审批人退回，改好再交。"


def over(number: int, title: str) -> str:
    return f"{number}号（{title}）已经办完，不能取消，有变化请另外办理或联系管理员。"


def which(rows: Sequence[tuple[int, str]]) -> str:
    return f"您提交过的有几件，请写明编号，例如“撤回 {rows[0][0]}”：\n{words.numbered(rows)}"


def elsewhere(number: int, title: str, url: str) -> str:
    return f"{number}号（{title}）可以在网页上看：{url}"
