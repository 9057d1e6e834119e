"""For whom a leave is asked: `帮张三请年假 5月6日`, `张三明天请病假`. Pure."""

from __future__ import annotations

import re
from typing import Final

_FOR: Final = re.compile(r"\s*(?:请|麻烦)?(?:帮|替|代|给|为)?\s*")
_LENGTHS: Final = (4, 3, 2)


def without(name: str, text: str) -> str:
    """The text without the name of whoever writes it, at its beginning."""
    return re.sub(rf"^\s*(?:本人|我叫|我是)?{re.escape(name)}[\s,，:：]*", "", text) if name else text


def maybe_names(text: str, reason: str) -> list[str]:
    """What a text begins with that may be a name, the longest first: nothing that was read as a day or as a kind, so
    that it stands in the `reason` that was left."""
    begin = _FOR.match(text)
    rest = text[begin.end() :] if begin else text
    return [rest[:length] for length in _LENGTHS if len(rest) >= length and rest[:length] in reason]
