"""Whose leave somebody's words are about: `张三的婚假`, `马六还有几天年假`."""

from __future__ import annotations

import re
from typing import Final

from cards import vocabulary

SELF: Final = frozenset({"我", "本人", "我自己", "自己"})

_NO_NAME: Final = (
    r"(?![今明后昨前本上下这去][天日周月年个次]|[一二三四五六七八九十]{1,2}[月天]|[取帮替给请休改]|撤|周|星期|大后)"
)
_NUMBER: Final = r"[A-Za-z]?\d{3,12}"
_OWNED: Final = re.compile(
    rf"{_NO_NAME}(?P<who>[一-鿿·]{{1,4}}?|{_NUMBER})的(?P<kind>[一-鿿]{{0,6}}?(?:假期?|[调补]休))(?:余额|情况|呢)?"
)
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖"
    "石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛阎闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷"
    "詹申欧耿关焦左柳甘祝包宁尚符舒阮纪梅童凌毕裴霍成苗谷盛曲翁冉骆蓝路游辛靳管柴阳司上官诸小老"
)
"""How somebody's name begins, mostly: without `的` a name cannot be told from other words by anything else."""
_OWNER: Final = re.compile(
    rf"(?P<who>[一-鿿·]{{2,4}}?|{_NUMBER})的[一-鿿]{{0,6}}?(?:假期?|[调补]休)"
    rf"|(?P<someone>{_NUMBER}|[{_SURNAMES}][一-鿿·]{{1,3}}?)(?:今年|目前|现在)?(?:还?剩|还有|有[几多])"
)
_NOBODY: Final = re.compile(
    r"[我您你咱谁哪假]|调休|补休|剩[余下]|[今明去前本上往]年|[本这上下个]月|今天|截[至止]|[一总]共|国家|法定|单位|公司|规定|大家|所有|全部"
    r"|[省市区县局处]$|目前|现在|请问|问[一下]|到底|究竟|多少|几天"
)


def asked(text: str) -> tuple[str, str]:
    """Whose leave of which kind a message names and says no more, `张三`, `婚假` of `张三的婚假`; ("", "") else."""
    found = _OWNED.fullmatch(vocabulary.plain(text).rstrip("?？"))
    return (found["who"], found["kind"]) if found and (found["who"] in SELF or named(text)) else ("", "")


def named(text: str) -> str:
    """Who may be meant in a question about somebody's leave, `马六` of `马六还有几天年假`; "" for nobody else."""
    found = _OWNER.match(vocabulary.plain(text))
    who = (found["who"] or found["someone"]) if found else ""
    return "" if _NOBODY.search(who) else who
