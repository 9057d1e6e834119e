"""What a hand may ask for, checked: one frozen model per act of the control address."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from connectors.sandbox.faults import Fault, Target

_YEAR = 366 * 86400

Name = Annotated[str, Field(min_length=1, max_length=300)]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Say(_Request):
    user: Name
    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    chat: str = ""


class Send(_Request):
    """`data` is base64."""

    user: Name
    kind: Annotated[str, Field(pattern="^(image|file|voice|video)$")]
    name: Name
    data: Base64Bytes


class Tap(_Request):
    user: Name
    message: Name
    button: Name
    inputs: dict[str, list[str]] = {}


class Open(_Request):
    user: Name


class NewFault(_Request):
    """A rule of `faults.py`; with `lasts` (seconds of the demo's clock) it ends by itself, whatever `times` says."""

    kind: Name
    target: Target = "api"
    match: str = ""
    times: int = 1
    seconds: Annotated[float, Field(ge=0, le=3600)] = 0.0
    status: Annotated[int, Field(ge=400, le=599)] = 503
    lasts: Annotated[float, Field(ge=0, le=_YEAR)] = 0.0

    def rule(self) -> Fault:
        return Fault(**self.model_dump(exclude={"lasts"}))


class Event(_Request):
    name: Name
    fields: dict[str, Any] = {}


class Forward(_Request):
    """Seconds; a clock is moved forward only, and a year at most in one go."""

    forward: Annotated[float, Field(ge=0, le=_YEAR)]
