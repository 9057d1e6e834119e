"""Words for the journal's heads: what is said to a group chat once a day, and what stands on a printed slip."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cards import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A signed head in neutral terms: `size` facts under `root`, signed `at` with the key of this number (hex)."""

    size: int
    root: bytes
    at: datetime
    signer: str
    note: str

    @property
    def fingerprint(self) -> str:
        return base64.b64encode(self.root).decode()


def day(seal: Seal, *, office: str) -> str:
    """The message to a group; whoever keeps the chat keeps the proof."""
    lines = [
        f"【{office}】留痕校验码（{_exact(seal.at)}）",
        f"到此时共封存 {seal.size} 条记录。下面这段不用看懂，留在群里就行：",
        "以后谁改动、删掉或者补进一条旧记录，用它都能查出来。",
    ]
    return "\n".join(lines) + "\n\n" + seal.note


def on_slip(seal: Seal) -> Sequence[str]:
    """Under the history of a slip."""
    return (
        f"留痕已封存至第 {seal.size} 条，总指纹 {seal.fingerprint}（{_exact(seal.at)} 签发，公钥编号 {seal.signer}）。",
        "右边的二维码是这份校验码的原文，可以用来核对系统的记录后来有没有被改动；它不是电子签名。",
    )


def _exact(at: datetime) -> str:
    return at.astimezone(words.BEIJING).strftime("%Y-%m-%d %H:%M:%S")


SUMMARY = "证据包汇总"
KIND_HEAD = ("记录类型", "条数")
RECORD_HEAD = ("序号", "记录时间", "类型", "事项或对象", "办理人", "内容")
PROVES = (
    "能证明：这些记录在上面的校验码签发之前就是这样，之后没有改动、删除、插入或者调换次序。核对方法见 README.md。",
    "不能证明：录入的内容当时就是真的；挑出来的记录没有漏掉别的；办理人本人在手机前。在卡片上点“同意”是由平台账号认证的"
    "内部办理记录，不是《电子签名法》第十三条所说的可靠电子签名。",
)


def summary_lines(
    what: str, made: str, parts: Sequence[tuple[str, int]], redacted: Sequence[str]
) -> Sequence[tuple[str, str]]:
    """The head of a bundle's summary: what it is, when it was made, how much of what, what is left out."""
    inside = "，".join(f"{name} {count}" for name, count in parts)
    hidden = [("遮盖", "、".join(redacted) + "（其余内容照样能证明；有遮盖的不附打印单和附件）")] if redacted else []
    return [("范围", what), ("制作时间", made), ("内容", inside), *hidden]


def left_out(count: int) -> str:
    return f"另有 {count} 条没有印在这里，全部见 summary.xlsx。"
