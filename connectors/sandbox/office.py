"""The office that a sandbox plays: its members and groups, as every fake needs them. Data is in `config/sample/`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Member:
    """`id` is the id on this fake's platform; members without one there are simply not in the fake's directory."""

    id: str
    name: str
    department: str
    post: str = ""
    manager: str = ""  # a member's id on the same platform
    mobile: str = ""
    union_id: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group chat with the bot in it (`robot` names its group-robot key where it is reached by webhook)."""

    id: str
    title: str
    members: tuple[str, ...]
    robot: str = ""


@dataclass(frozen=True, slots=True)
class SandboxOffice:
    members: tuple[Member, ...] = ()
    departments: dict[str, str] = field(default_factory=dict)  # department name -> parent's name ("" at the top)
    groups: tuple[Group, ...] = ()
