"""Which phones lie on the table of the demo page, in whose hands, and what they are invited to say.

Configuration only (`config/sample/stage.yaml`); the fakes hold what the phones show.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from bot.demo import hints


class Place(BaseModel):
    """One phone: `user` is an id on `platform`, `chat` a group's id (empty: the chat with the bot), `role` the caption.

    `part` tells the page's guide whose taps tick off its three steps.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    platform: str
    user: str
    role: str
    chat: str = ""
    part: Literal["", "applicant", "leader"] = ""


class Stage(BaseModel):
    """`sentences` fill the chips, `{days}` in them three working days soon.

    `workday` decides which days these are; give the office's own calendar where there is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    office: str
    places: tuple[Place, ...]
    sentences: tuple[str, ...] = ()
    workday: Callable[[date], bool] = hints.statutory_workday


def load(file: Path, *, office: str, workday: Callable[[date], bool] = hints.statutory_workday) -> Stage:
    """`office` is the name above the page. Raises pydantic.ValidationError for a file of another shape."""
    return Stage.model_validate(yaml.safe_load(file.read_text("utf-8")) | {"office": office, "workday": workday})
