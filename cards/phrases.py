"""The few words that renderers add to a card or a message by themselves."""

from __future__ import annotations

OPEN = "查看详情"
ACT = "去办理"
REPEAT = "（如已收到，请忽略本条）"
STATE = "状态"
