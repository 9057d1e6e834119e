"""What a province adds to the national kinds of leave (config/leave/provinces/*.yaml), as frozen records.

Every figure has a source, how sure it is, and from when it holds (office-rules.md 2.1); what is not known of a province
is named, so that nobody takes silence for a rule.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from config.fields import Section, wrong
from config.leave_policy import Allowance, Code, Text

Count = Literal["workdays", "calendar_days", "calendar_days_minus_statutory"]


class ProvincialKind(Allowance):
    """`total`: the parts stand in place of the national ones and are not added. `counting` replaces the kind's own."""

    total: bool = False
    counting: Count | None = None


class Version(Section):
    """`certainty`: text (the articles were read), press (from reports), recalled (to be checked before use).

    `open` names the kinds of which the province has or may have a rule that is not recorded here.
    """

    valid_from: date
    valid_to: date | None = None
    source: Text
    certainty: Literal["text", "press", "recalled"]
    kinds: dict[Code, ProvincialKind] = Field(default_factory=dict)
    open: tuple[Code, ...] = ()


class Province(Section):
    """One file; `versions` follow one another without gap or overlap."""

    province: Text
    aliases: tuple[Text, ...] = ()
    versions: tuple[Version, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _versions_follow(self) -> Self:
        for earlier, later in pairwise(self.versions):
            if earlier.valid_to is None or (later.valid_from - earlier.valid_to).days != 1:
                what = f"{later.valid_from} 起的一版和前一版之间有重叠或空档"
                raise wrong(what, "前一版的 valid_to 写成后一版 valid_from 的前一天", key="versions")
        return self

    def on(self, day: date) -> Version | None:
        """The version in force on a day; None before the first and after the last."""
        begun = [one for one in self.versions if one.valid_from <= day]
        last = begun[-1] if begun else None
        return last if last is not None and (last.valid_to is None or day <= last.valid_to) else None

    def called(self, name: str) -> bool:
        return name.strip() in (self.province, *self.aliases)


def parse(data: Any) -> Province:
    """A parsed file, checked. Raises `pydantic.ValidationError` with everything that is wrong."""
    return Province.model_validate(data)
