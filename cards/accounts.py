"""What is said about a person's accounts: which there are, linking another one, where messages go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cards import vocabulary
from cards.model import Card, Field

PLATFORMS: Final = {"wecom": "企业微信", "dingtalk": "钉钉", "yunzhijia": "云之家", "yuezhengyi": "粤政易"}
_SAID: Final = {
    "企业微信": "wecom", "企微": "wecom", "微信": "wecom", "钉钉": "dingtalk", "云之家": "yunzhijia",
    "粤政易": "yuezhengyi",
}  # fmt: skip

_MINE: Final = frozenset({"我的账号", "我的帐号", "账号", "帐号", "首选账号", "绑定账号", "绑定帐号", "绑定"})
_CODE: Final = re.compile(r"(?:绑定(?:账号|帐号|码)?\s*)?(\d{3}\s?\d{3})")
_LINK: Final = re.compile(r"绑定\s*(?:账号|帐号)?\s*([^\d\s].{0,60})")
_PREFER: Final = re.compile(
    r"(?:(?:以后|今后|请)?(?:都)?(?:发|发送|通知)(?:到|给)我?的?|首选(?:账号|帐号)?\s*)(\S.{0,60})"
)


@dataclass(frozen=True, slots=True)
class Place:
    """One account of a person: its name in office.yaml, its platform, the id there, and whether messages go there."""

    account: str
    platform: str
    id: str
    preferred: bool


def asks(text: str) -> bool:
    return vocabulary.plain(text) in _MINE


def code_in(text: str, *, bare: bool) -> str:
    """The six digits of “绑定 482 913”, or "" ; `bare` also takes the digits alone."""
    word = vocabulary.plain(text)
    match = _CODE.fullmatch(word)
    if match is None or (not bare and not word.startswith("绑定")):
        return ""
    return match[1].replace(" ", "")


def link_to(text: str) -> str:
    """What stands behind 绑定, or ""."""
    match = _LINK.fullmatch(vocabulary.plain(text))
    return match[1].strip() if match else ""


def prefers(text: str) -> str:
    """What stands behind 以后发到, or ""."""
    match = _PREFER.fullmatch(vocabulary.plain(text))
    return match[1].strip() if match else ""


def platform_said(word: str) -> str:
    """The platform that a word means, or ""."""
    return _SAID.get(word.strip(), "")


def platform(code: str) -> str:
    return PLATFORMS.get(code, code)


def place(one: Place, *, several: bool = False) -> str:
    """`several`: the office has more than one account on this platform, so its name is said as well."""
    return f"{platform(one.platform)}（{one.account}）" if several else platform(one.platform)


def mine(name: str, places: Sequence[Place], others: Sequence[str], *, office: str) -> Card:
    """What “我的账号” shows; `others` are platforms of the office where the person has no account yet."""
    twice = {one.platform for one in places if sum(other.platform == one.platform for other in places) > 1}
    fields = [
        Field(platform(one.platform)[:5], f"{_shown(one.id)}{f'（{one.account}）' if one.platform in twice else ''}"
              f"{'　首选' if one.preferred else ''}")
        for one in places
    ]  # fmt: skip
    lines = []
    if len(places) > 1:
        lines.append("消息发到首选的一个，发不出去时改发下一个；在哪个平台上审批都算您本人办的。")
        lines.append(f"换首选的，请回复“以后发到{platform(_other(places).platform)}”。")
    if others:
        names = "、".join(platform(one) for one in others)
        lines.append(f"在{names}也有账号的，请回复“绑定 {platform(others[0])}”。")
    return Card(
        kind="accounts.mine", source=office, title=f"{name}的账号", fields=tuple(fields), note="".join(lines)
    )


def _other(places: Sequence[Place]) -> Place:
    return next((one for one in places if not one.preferred), places[0])


def _shown(id: str) -> str:
    """Enough to know it again."""
    return id if len(id) <= 4 else f"{id[:2]}…{id[-2:]}"


def code(digits: str, target: str, *, minutes: int) -> str:
    return (
        f"绑定码：{digits[:3]} {digits[3:]}\n请在{platform(target)}里找到本单位的工作助理，发“绑定 {digits}”，"
        f"{minutes}分钟内有效，只能用一次。不要把它告诉别人。"
    )


def which(platforms: Sequence[str]) -> str:
    names = [platform(one) for one in platforms]
    if not names:
        return "本单位的平台您都已经登记了。发“我的账号”查看。"
    return f"要绑定哪个平台的账号？请回复“绑定 {names[0]}”" + "".join(f"或“绑定 {name}”" for name in names[1:]) + "。"


def linked(name: str, here: str, there: str) -> str:
    """For the account that has just been linked."""
    return (
        f"绑定好了：这个{platform(here)}账号现在是{name}的。消息仍发到{platform(there)}；"
        f"要改发到这里，请回复“以后发到{platform(here)}”。"
    )


def linked_there(there: str, id: str) -> str:
    """For the account where the code was asked for."""
    return (
        f"您的{platform(there)}账号（{_shown(id)}）已绑定，在那里审批也算您本人办的。"
        "不是您本人操作的，请马上联系管理员解除。"
    )


def preferred(place_: str) -> str:
    return f"好的，以后的消息发到{place_}。"


def refused(why: str, *, here: str = "", name: str = "") -> str:
    """Why the digits linked nothing, and what to do next."""
    return {
        "wrong": "绑定码不对，或者已经用过、过期了，没有绑定。请在已登记的账号里重新发“绑定 平台名”。",
        "locked": "绑定码错了太多次，请一小时后再试，或者请管理员绑定。",
        "taken": f"这个{platform(here)}账号登记的是{name}，没有绑定，绑定码已作废。登记有误的，请联系管理员。",
        "same": f"这个{platform(here)}账号本来就是您的，不用绑定。",
        "elsewhere": "这个绑定码不是给这个平台用的，没有绑定。请看清平台再发一次。",
        "has_one": f"您在{platform(here)}已经登记了另一个账号，没有绑定。要更换请联系管理员。",
        "left": "对方已经不在本单位名册里，没有绑定。",
        "deaf": f"{platform(here)}里发不了消息给我，不能用绑定码。请管理员在服务器上绑定。",
    }[why]


def warned(why: str, there: str) -> str:
    """For the account where the code was asked for: somebody else has typed it."""
    if why == "taken":
        return f"有人在{platform(there)}里用了您的绑定码，而那个账号登记的是别人，没有绑定，绑定码已作废。"
    return f"您在{platform(there)}已经登记了另一个账号，没有绑定。要更换请联系管理员。"


def no_such_place(word: str, names: Sequence[str]) -> str:
    return f"您没有登记“{word}”的账号。现在有：{'、'.join(names)}。发“我的账号”查看。"


def no_such_platform(word: str, names: Sequence[str]) -> str:
    return f"本单位没有用“{word}”。可以绑定：{'、'.join(names)}。" if names else f"本单位没有用“{word}”，不能绑定。"


def stranger() -> str:
    return (
        "您还不在本单位名册里。在别的平台上登记过的，请在那边给工作助理发“绑定账号”，"
        "把得到的六位数字发到这里；都没有登记过的，请联系管理员。"
    )


def in_group() -> str:
    return "绑定账号请在和我的单独聊天里办，不要发到群里。"


def account_gone(*, moved: int, dead: int) -> str:
    """For administrators: letters of an account that office.yaml no longer has."""
    parts = [f"{moved}条已改发到本人的其他账号"] if moved else []
    parts += [f"{dead}条没有别的账号可发，已停下"] if dead else []
    return f"有账号从 office.yaml 里去掉了，还没发出的消息：{'，'.join(parts)}。停下的请在账号恢复后重发，或当面通知。"
