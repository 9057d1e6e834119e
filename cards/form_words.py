"""What a sentence says for a form's fields: where to, where, how many, what about; and which titles ask for that."""

from __future__ import annotations

import re
from typing import Final

_PLACES: Final = (
    "政府|委员会|局|厅|委|办|院|所|部|中心|公司|机场|车站|站|区|县|市|镇|乡|街道|村|社区|学校|小学|中学|大学|党校|银行|大厦|酒店|宾馆|广场|工地|园|馆|码头|港"
    "|办公室|室|楼|层"
)
_DONE_THERE: Final = re.compile(r"会|事|送|取|接|培训|学习|参加|检查|调研|汇报|拜访|看|拿|领|交|买|办理")
_WHERE_TO: Final = re.compile(
    rf"(?:^|(?<=[\s，,、])|(?<=出差)|(?<=外出)|(?<=公出))(?:去往|前往|去|到|赴|往)\s*(?:(?P<alone>[^\s，,、]{{2,30}})(?=[\s，,]|$)"
    rf"|(?P<begun>[^\s，,、]{{1,20}}(?:{_PLACES})))"
)
_PLACE: Final = re.compile(rf"\S{{1,29}}(?:{_PLACES})")
_DONE_IN: Final = re.compile(
    r"(?P<place>[一-鿿]{2,6}?)(?:参加|开会|出席|出差|培训|学习|考察|调研|检查|汇报|办事|办理|送|取|接)\S*"
)
"""`长沙参加培训`: a city needs no word like 局 or 楼 to be one, but what is done there has to be said."""
_GONE: Final = re.compile(rf"(?P<place>[^\s]{{1,20}}(?:{_PLACES}))(?P<what>\S+)")


_WHO: Final = frozenset({"", "乘车", "总", "来访", "到访", "参会", "参加", "来宾", "用餐"})


def counts_people(title: str) -> bool:
    """Whether `3个人` is what a field of this title counts; who dines with the guests (陪餐人数) is not."""
    return title.endswith("人数") and title.removesuffix("人数") in _WHO


_COPIES: Final = re.compile(r"(?:一式)?(?P<many>\d{1,4}|[一二两三四五六七八九十]{1,3})\s*份(?![一-鿿])")


def copies(text: str) -> tuple[str, str]:
    """How many copies are said, in figures or words ("" where none are), and the text without that."""
    found = _COPIES.search(text)
    if found is None:
        return "", text
    return found["many"], " ".join(f"{text[: found.start()]} {text[found.end() :]}".split())


def counts_copies(title: str, unit: str) -> bool:
    """Whether `3份` is what a field counts; how many were stamped (用印份数) is known at the counter only."""
    return unit == "份" and "用印" not in title


def is_destination(title: str) -> bool:
    """Whether a field of this title says where somebody goes."""
    return title in ("地点", "目的地") or title.startswith(("前往", "去往"))


def destination(text: str) -> tuple[str, str]:
    """`去市财政局 送材料`: where to, "" where nothing says so, and the text without that; with it where what is done
    there is said in the same breath (`去财政局送报表`)."""
    found = _WHERE_TO.search(text)
    if found is None:
        return "", text
    said = found["alone"] or found["begun"]
    left = " ".join(f"{text[: found.start()]} {text[found.end() :]}".strip(" ，,").split())
    if _PLACE.fullmatch(said):
        return said, left
    if (more := _GONE.fullmatch(said)) is not None:
        return more["place"], text
    if (more := _DONE_IN.fullmatch(said)) is not None and not _DONE_THERE.search(more["place"]):
        return more["place"], text
    return (said, left) if left and not _DONE_THERE.search(said) else ("", text)


_SPOT: Final = re.compile(
    r"(?P<place>\S{0,8}?(?:会议室|办公室|卫生间|厕所|洗手间|食堂|走廊|大厅|门口|车库|机房|档案室|值班室|接待室|电梯|楼梯间?)"
    r"|[一二三四五六七八九十\d]{1,3}[楼层]|\d{3,4}(?:室|房间?)?)[的，,\s]?(?P<what>\S.*)"
)


def spot(text: str) -> tuple[str, str]:
    """`三楼厕所漏水`: where something is, "" where the words do not begin with it, and the rest."""
    found = _SPOT.fullmatch(text)
    return (found["place"], found["what"]) if found else ("", text)


def is_spot(title: str) -> bool:
    return title in ("地点", "位置")


def is_subject(title: str) -> bool:
    """Whether a field of this title says what the whole is about."""
    return title.endswith(("事由", "内容", "事项", "用途", "原因", "主题", "名称", "任务", "标题"))
