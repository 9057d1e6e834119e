"""A leave that is not taken after all: what people say (“取消休假”, “5月6号的假不休了”), and what they are told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_GIVES_UP: Final = re.compile(
    r"(?:取消|撤销|撤回|作废|收回|退掉)(?=[^,，。;；\n]*[假休])|不(?:想|用)?(?:再)?(?:请|休|要)了"
)
_ABOUT: Final = re.compile(r"[假休请]")
_OTHER: Final = re.compile(
    r"怎么|如何|能不能|可以|什么|变更|销假|通知|会议|日程|预订|提醒|授权|加班|[吗么?？]\s*$|不能取消|取消不了"
)
_FILLER: Final = re.compile(
    r"取消|撤销|撤回|作废|收回|退掉|不(?:想|用)?(?:再)?(?:请|休|要)了|算了|申请|休假|请假|[的我把了吧想要请假休,，、。\s]"
)
_LONGEST: Final = 30


def asks(text: str) -> bool:
    """Whether somebody gives up a leave."""
    plain = text.strip()
    if len(plain) > _LONGEST:
        return False
    known = _GIVES_UP.search(plain) is not None and _ABOUT.search(plain) is not None
    return known and _OTHER.search(plain) is None


def dates(text: str) -> str:
    """What is left of such a message to be read as dates; empty where nothing tells which leave is meant."""
    return _FILLER.sub(" ", text).strip()


def none() -> str:
    return "没有找到可以取消的休假。发“到哪了”可以看您最近的申请。"


def which(names: Sequence[str]) -> str:
    return "您有几次休假，请写明取消哪一次，例如“取消5月6日的休假”：\n" + "\n".join(f"· {name}" for name in names)


def shown(*, waits: bool) -> str:
    """Beside the leave's own card, whose button does it."""
    if waits:
        return "这份申请还没有批完：在下面的卡片上点“撤回”，就收回了。"
    return "在下面的卡片上点“取消休假”，天数就全部退回；只改时间请说“改到5月9日”。"


def begun(name: str) -> str:
    return f"{name}已经开始，不能取消了。提前回来的请说“销假”。"
