"""What the smart bot answers in its own chat: short, because cards and results come in the app's chat."""

from __future__ import annotations


def received() -> str:
    return "已收到，卡片和结果请看工作应用里的消息。"


def failed() -> str:
    return "没有收下，请过一会儿再发一次。"


def no_files() -> str:
    return "这里不能收文件和照片，请发到工作应用里，或者在网页上传。"


def welcome() -> str:
    return "您好，直接说要办的事就行，例如“年假 下周三到周五 回家”。卡片和结果在工作应用里。"
