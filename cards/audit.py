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
        "下方二维码是这份校验码的原文，可以用来核对系统的记录后来有没有被改动；它不是电子签名。",
    )


def _exact(at: datetime) -> str:
    return at.astimezone(words.BEIJING).strftime("%Y-%m-%d %H:%M:%S")
