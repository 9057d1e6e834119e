"""A delivery at one of WeCom's doors, proved and translated: pure, no clock, no network.

`doors.py` proves (wecom.md 3, 4), `tables.py` translates (wecom.md 5).
"""

from connectors.wecom.inbound.doors import CallbackDoor, doors

__all__ = ["CallbackDoor", "doors"]
