"""Why a file, a port or a database could not be used, in Chinese: the system says it in English, and so do the drivers.

Only attributes of the errors are looked at, so that no driver is imported here.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import Final

_SYSTEM: Final = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOTDIR: "路径中间有一段不是文件夹",
    errno.EEXIST: "已经有了",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "磁盘配额用完了",
    errno.EROFS: "这个磁盘是只读的",
    errno.EIO: "磁盘读写出错",
    errno.EBUSY: "正被别的程序占用",
    errno.EMFILE: "打开的文件太多",
    errno.ENAMETOOLONG: "名称太长",
    errno.ELOOP: "链接绕成了圈",
    errno.EADDRINUSE: "已经被别的程序占用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
    errno.ECONNREFUSED: "那个地址和端口上没有服务在回答",
    errno.ECONNRESET: "连接被断开",
    errno.ETIMEDOUT: "等了很久没有回答",
    errno.ENETUNREACH: "网络不通",
    errno.EHOSTUNREACH: "网络不通",
}
_SQLITE: Final = {
    5: "正被别的程序锁着，稍后再试",
    6: "正被别的程序锁着，稍后再试",
    8: "文件是只读的，检查权限",
    10: "磁盘读写出错，检查磁盘",
    11: "文件已经损坏。先把它移到别处留着，再用 officebot restore 恢复最近的备份",
    13: "磁盘满了，清出空间再试",
    14: "文件打不开，检查路径和权限",
    26: "这个文件不是数据库，或者已经损坏。先把它移到别处留着，再用 officebot restore 恢复最近的备份",
}
"""By the primary result code, as https://www.sqlite.org/rescode.html numbers them."""
_POSTGRES: Final = {
    "3D000": "服务器上没有这个库，先建好（createdb），或者改正地址里的库名",
    "28P01": "用户名或密码不对，检查地址里的用户和密码",
    "28000": "服务器不让这个用户登录，检查用户名和服务器的 pg_hba.conf",
    "42501": "这个用户没有权限，请数据库管理员授权",
    "53100": "服务器的磁盘满了",
    "53300": "服务器的连接数用完了",
    "57P03": "服务器正在启动或者停止，稍后再试",
}
"""By SQLSTATE, appendix A of PostgreSQL's manual."""

_NETWORK: Final = {
    "ClientConnectorDNSError": "找不到这个主机名",
    "ClientConnectorCertificateError": "对方的证书不能信任",
    "ClientConnectorSSLError": "加密连接没有建起来",
    "ClientConnectorError": "连不上",
    "ClientProxyConnectionError": "代理连不上",
    "ClientHttpProxyError": "代理不让过",
    "ServerDisconnectedError": "对方断开了连接",
    "ClientOSError": "连接断了",
    "ConnectionTimeoutError": "等了很久没有回答",
    "SocketTimeoutError": "等了很久没有回答",
    "ServerTimeoutError": "等了很久没有回答",
    "TimeoutError": "等了很久没有回答",
}
"""What went wrong on the way to a platform, by the names that aiohttp gives it."""


def why(error: BaseException) -> str:
    """In a few words, without a full stop; the system's own where it says something rare."""
    if (state := _state(error)) is not None:
        return _POSTGRES.get(state, f"数据库报错（{state or type(error).__name__}）")
    if (code := _code(error)) is not None:
        return _SQLITE.get(code & 0xFF, f"数据库报错（{type(error).__name__}）")
    if isinstance(error, socket.gaierror):
        return "找不到这个主机名，检查地址和本机的 DNS"
    if isinstance(error, TimeoutError):
        return _SYSTEM[errno.ETIMEDOUT]
    if isinstance(error, OSError):
        return _SYSTEM.get(error.errno or 0) or error.strerror or type(error).__name__
    return type(error).__name__


def sentence(error: BaseException) -> str:
    """What a command ends with when nobody nearer knew better; "" for what no administrator can mend."""
    if _state(error) is not None or _code(error) is not None:
        return f"数据库用不了：{why(error)}。"
    if not isinstance(error, OSError):
        return ""
    place = f"{error.filename}：" if error.filename else ""
    return f"{place}{why(error)}。"


def network(words: str) -> str:
    """What went wrong on the way to a platform; a platform's own words stay as they are."""
    return _NETWORK.get(words, words)


def in_chinese(text: str) -> str:
    """The system's words within a sentence of somebody else's."""
    for number, words in _SYSTEM.items():
        text = text.replace(os.strerror(number), words)
    return text


def _state(error: BaseException) -> str | None:
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return state
    return "" if type(error).__module__.startswith("asyncpg") else None


def _code(error: BaseException) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return code
    return 0 if type(error).__module__ == "sqlite3" else None
