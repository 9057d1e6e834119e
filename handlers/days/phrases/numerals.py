"""Characters and numbers: one form for every width, and Chinese numerals up to ninety-nine."""

from typing import Final

_SAME: Final = {
    **{chr(0xFF10 + n): str(n) for n in range(10)},
    **dict.fromkeys("—–―－‐‑−─", "-"),
    **dict.fromkeys("～〜∼", "~"),
    **dict.fromkeys("\u3000\u00a0\u2002\u2003\u2009\t\r\n", " "),
    "／": "/", "．": ".", "：": ":", "（": "(", "）": ")", "，": ",", "；": ";", "號": "号", "後": "后",
    "週": "周", "個": "个", "點": "点", "時": "时", "請": "请", "兩": "两",
}  # fmt: skip
_FOLD: Final = str.maketrans(_SAME)
_DIGITS: Final = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}

CHINESE: Final = (
    r"(?:[二三四五六七八九一]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|卅一?|[一二两三四五六七八九])"
)
"""A Chinese numeral from 1 to 99, as part of a pattern."""

NUMBER: Final = rf"(?:[0-9]{{1,2}}|{CHINESE})"


TAKEN: Final = "\ue000"
"""Stands for each character that a caller has understood already (the kind of leave). Belongs to no writing."""


def fold(text: str) -> str:
    """One form per character and the same length, so that a place in the result is a place in `text`."""
    return text.translate(_FOLD)


def number(text: str) -> int:
    """The value of what NUMBER matches, or of a year written digit by digit."""
    if text.isascii():
        return int(text)
    if text[0] in "廿卅":
        return (20 if text[0] == "廿" else 30) + sum(_DIGITS[sign] for sign in text[1:])
    if "十" not in text:
        return int("".join(str(_DIGITS[sign]) for sign in text))
    tens, _, ones = text.partition("十")
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
