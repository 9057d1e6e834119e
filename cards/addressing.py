"""How colleagues are spoken of in an office: `李主任`, `孙局`, `王师傅`, `李四主任`; and the leader without a name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_SHORT: Final = {
    "局长": "局", "处长": "处", "科长": "科", "所长": "所", "部长": "部", "厅长": "厅", "司长": "司", "县长": "县",
    "市长": "市", "区长": "区", "镇长": "镇", "院长": "院", "校长": "校", "队长": "队", "站长": "站", "股长": "股",
    "总经理": "总", "总监": "总", "总工程师": "总工", "工程师": "工",
}  # fmt: skip
_TITLES: Final = (
    "秘书长", "乡长", "馆长", "会长", "组长", "庭长", "检察长", "主任(?!科员)", "书记(?!员)", "主席", "经理", "主管",
    "调研员", "巡视员", "老师", "教授", "医生", "会计", "出纳", "秘书", *sorted(_SHORT, key=len, reverse=True),
)  # fmt: skip
_TITLE: Final = re.compile("|".join(_TITLES))
_DRIVER: Final = re.compile("司机|驾驶员")
_DRIVER_IS: Final = "师傅"
_COMPOUND: Final = frozenset(
    {
        "欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯", "端木", "东方", "南宫",
    }
)  # fmt: skip
_ENDS: Final = "|".join(
    sorted({*_SHORT.values(), *(one.partition("(")[0] for one in _TITLES), _DRIVER_IS}, key=len, reverse=True)
)
_ADDRESS: Final = re.compile(rf"[一-鿿·]{{0,6}}(?:{_ENDS})")
_LEADER: Final = re.compile(
    r"(?P<before>(?:请问|问下|问一下|今天|明天|后天|上午|下午|现在|这会儿?)*)(?:我们?|咱们?|本?[科处室])?的?(?:直接)?(?:领导|上级)"
    r"(?=在|今|明|后|下午|上午|下?周|有|没|忙|现|什么时候|几[点号]|哪|去哪|人呢|回来|请假|休假|出差|的?(?:日程|安排|行程))"
)


def may_be(word: str) -> bool:
    """Whether a word looks like an address, so that it is worth asking whose."""
    return _ADDRESS.fullmatch(word) is not None


def surname(name: str) -> str:
    return name[:2] if name[:2] in _COMPOUND and len(name) > 2 else name[:1]


@lru_cache(maxsize=4096)
def addresses(name: str, post: str) -> frozenset[str]:
    """Whatever the bearer of a post is called: with the surname or the whole name, a deputy without the `副` as well.

    Somebody of the rank 主任科员 is no 主任.
    """
    titles = {found[0] for found in _TITLE.finditer(post)}
    titles |= {f"副{one}" for one in titles if f"副{one}" in post} | {_SHORT[one] for one in titles if one in _SHORT}
    if _DRIVER.search(post):
        titles.add(_DRIVER_IS)
    return frozenset(f"{who}{title}" for who in (surname(name), name) for title in titles if who)


def leader_named(text: str, name: str) -> str:
    """`领导今天在吗` with the name of the asker's leader in place of the word; other texts as they are."""
    found = _LEADER.match(text)
    return f"{found['before']}{name}{text[found.end() :]}" if found else text


def asks_leader(text: str) -> bool:
    return _LEADER.match(text) is not None
