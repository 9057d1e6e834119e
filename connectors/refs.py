"""Who and what on a platform: never a bare string, because one id means different people on two platforms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A person's account on one platform.

    `account` is the name of the office's account in `office.yaml` (not the platform's name: an office may have two of a
    kind). `id` is the platform's id in the form in which it compares equal: case-folded for WeCom, whose userids are
    case-insensitive; the userId (staffId) for DingTalk.
    """

    account: str
    id: str


@dataclass(frozen=True, slots=True)
class ChatRef:
    """A group chat (or, with an id of the form `robot:<name>`, a group robot's webhook) of one account."""

    account: str
    id: str


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A sent message that may be tapped or updated; `id` is ours (WeCom task_id, DingTalk outTrackId)."""

    account: str
    id: str


Recipient = PersonRef | ChatRef
