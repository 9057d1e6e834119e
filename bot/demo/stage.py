"""Which phones lie on the table of the demo page, and in whose hands. The fakes hold what they show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.demo import hints

Part = Literal["", "applicant", "leader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One phone: `user` is an id on `platform`, `chat` a group's id (empty: the chat with the bot), `role` the caption.

    `part` tells the page's guide whose taps tick off its three steps.
    """

    platform: str
    user: str
    role: str
    chat: str = ""
    part: Part = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`workday` decides which days the suggested sentences name; give the office's own calendar where there is one."""

    office: str
    places: tuple[Place, ...]
    workday: Callable[[date], bool] = hints.statutory_workday
