"""An approval of a platform's own, told to somebody who is written to elsewhere: nothing can be decided here."""

from __future__ import annotations

from typing import Final, Protocol

from cards.accounts import PLATFORMS
from cards.model import Card, Tone

__all__ = ["Card", "over", "waiting"]

_ENDS: Final = {
    "approved": ("已通过", Tone.GOOD), "rejected": ("未通过", Tone.BAD), "gone": ("已作废", Tone.NEUTRAL),
    "returned": ("已退回", Tone.WAITING),
}  # fmt: skip


class Native(Protocol):
    """What is needed of `connectors.contract.NativeApproval`."""

    @property
    def title(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def url(self) -> str: ...


def waiting(platform: str, found: Native, *, office: str) -> Card:
    where = PLATFORMS.get(platform, platform)
    return Card(
        kind="mirror.waiting", source=office, title=f"{where}审批：{_title(found)}"[:60],
        subtitle="这件事在平台自己的审批里，等您处理", url=found.url, note=f"请到{where}打开办理；在这里回复不起作用。",
    )  # fmt: skip


def over(platform: str, found: Native, *, office: str) -> Card:
    where = PLATFORMS.get(platform, platform)
    words, tone = _ENDS[found.state]
    return Card(
        kind="mirror.over", source=office, title=f"{where}审批{words}：{_title(found)}"[:60], state=words, tone=tone,
        url=found.url, note=f"{'请修改后重新提交。' if found.state == 'returned' else ''}办理过程请到{where}查看。",
    )  # fmt: skip


def _title(found: Native) -> str:
    return " ".join(found.title.split()) or "（没有标题）"
