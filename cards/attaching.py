"""Files that come as messages: the words typed for them, what is asked and answered."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = re.compile(r"(?:附|附上|附件|补充附件|传附件|加附件)\s*(\d{1,9})\s*号?")
_DONE: Final = frozenset({"好了", "发完了", "传完了", "没有了", "完了"})
_UNFIT: Final = {
    "file_too_big": "文件太大，最多{limit}MB，请压缩或分成几个再发。",
    "kind_of_file": "这种文件不能上传，或者文件的内容和后缀不一致。",
    "not_a_photo": "这不是照片，请拍照或选一张照片再发。",
    "empty_file": "这个文件是空的，请检查后重新发。",
    "broken_photo": "这张照片没有传完整或者已经损坏，请重新发。",
    "huge_photo": "这张照片的像素太多，请缩小后再发。",
    "bomb": "这个压缩文件展开后太大，不能上传。",
    "disk_full": "服务器的磁盘满了，文件没有存下来，请联系管理员，稍后再发。",
    "not_stored": "文件没有存下来，请稍后再发；还不行请联系管理员。",
    "too_many": "您今天已经传了{limit}个文件，请明天再传或联系管理员。",
    "gone": "文件没有取到（可能已经过期），请重新发一次。",
}


def numbered(text: str) -> int | None:
    """`附 3`: files for item 3 follow, or came just before."""
    match = _WORDS.fullmatch(text.strip())
    return int(match[1]) if match else None


def ends(text: str) -> bool:
    return text.strip().rstrip("。.！!") in _DONE


def send_it(number: int, *, url: str = "") -> str:
    """`url` is the item's page: WeCom passes no files on to an app, only pictures."""
    page = f"企业微信里只能发照片，其他文件请在网页上传：{url}" if url else ""
    return f"请把{number}号的文件或照片发过来，可以发几个；发完回复“好了”，不发了回复“算了”。{page}"


def send_evidence(number: int, title: str) -> str:
    return f"{number}号办结还缺“{title}”，请直接把它发过来；不办了请回复“算了”。"


def which(name: str) -> str:
    shown = f"“{name}”" if name else "文件"
    return f"收到{shown}。要附到哪件事项？请回复“附 编号”，例如“附 3”；30分钟内有效。"


def fetching(number: int) -> str:
    return f"收到，正在存到{number}号。"


def attached(number: int, name: str) -> str:
    return f"“{name}”已附到{number}号，相关人员会看到。还有的话请接着发。"


def confirmed(number: int) -> str:
    return f"{number}号已办结，照片和附件都在单子上。"


def enough() -> str:
    return "好的。"


def unfit(code: str, limit: str = "") -> str:
    return _UNFIT.get(code, "文件没有存下来，请重新发。").format(limit=limit)


def not_here() -> str:
    return "群里的文件不会附到事项上，请在与机器人的单独对话里发。"
