"""Messages of an older deployment: fewer kinds, and the legacy task card (wecom.md 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.phones import Button, Message
from connectors.wecom.fake.bodies import Bodies, address
from connectors.wecom.fake.directory import Directory
from connectors.wecom.fake.messages import TASK_ID_USED, Messages
from connectors.wecom.fake.world import (
    BOT,
    Call,
    Data,
    Refusal,
    World,
    distinct,
    objects_of,
    refuse_unless,
    text_of,
)


@dataclass(slots=True)
class Task:
    """One task card; `ended` by member: the words in place of the buttons."""

    id: str
    message: str
    body: Data
    receivers: list[str]
    ended: dict[str, str] = field(default_factory=dict)


class TaskMessages(Messages):
    """`kinds` are the message types that this deployment knows; any other is refused with 40008."""

    def __init__(
        self, world: World, bodies: Bodies, directory: Directory, has_callback: Callable[[], bool], *,
        kinds: frozenset[str],
    ) -> None:  # fmt: skip
        super().__init__(world, bodies, directory, has_callback)
        self._kinds = kinds
        self.tasks: dict[str, Task] = {}

    async def send(self, call: Call) -> dict[str, Any]:
        kind = str(call.body.get("msgtype", ""))
        refuse_unless(kind in self._kinds, "invalid msgtype", 40008)
        if kind != "taskcard":
            return await super().send(call)
        self._check_app(call.body)
        receivers, invalid = self._receivers(call.body)
        body = call.body.get("taskcard")
        if not isinstance(body, dict):
            raise Refusal(40058, "missing taskcard")
        _check(body)
        refuse_unless(self._has_callback(), "the app has no callback url", 48002)
        refuse_unless(body["task_id"] not in self.tasks, "task_id already used", TASK_ID_USED)
        task = Task(str(body["task_id"]), self._world.number("msg"), body, receivers)
        self.tasks[task.id] = task
        for who in receivers:
            self._world.show(who, BOT, self._drawn(task, who))
        return {"invaliduser": "|".join(invalid), "msgid": task.message}

    async def update_task(self, call: Call) -> dict[str, Any]:
        """`message/update_taskcard`: once per member."""
        refuse_unless(call.body.get("agentid") == self._world.agent_id, "no right on this app", 301002)
        task = self.tasks.get(text_of(call.body, "task_id"))
        if task is None:
            raise Refusal(40058, "no such task")
        words, invalid = text_of(call.body, "replace_name"), []
        for asked in call.body.get("userids") or ():
            who = str(asked).casefold()
            if who not in task.receivers or who in task.ended:
                invalid.append(who)
                continue
            task.ended[who] = words
            self._world.show(who, BOT, self._drawn(task, who))
        return {"invaliduser": invalid}

    def task_of(self, message: str, user: str) -> Task | None:
        """The task card that this bubble shows, while it can be tapped."""
        found = next((task for task in self.tasks.values() if task.message == message), None)
        return None if found is None or user.casefold() in found.ended else found

    def _drawn(self, task: Task, who: str) -> Message:
        state = task.ended.get(who, "")
        bubble = Message(task.message, self._world.stamp(), "card", title=str(task.body["title"]), source="taskcard")
        bubble.text, bubble.url = str(task.body["description"]), str(task.body.get("url", ""))
        bubble.state, bubble.updates = state, int(bool(state))
        styles = {"red": "danger", "blue": "primary"}
        bubble.buttons = [
            Button(one["key"], one["name"], styles.get(one.get("color", ""), "plain"), dead=bool(state))
            for one in task.body["btn"]
        ]
        return bubble


def _check(body: Data) -> None:
    text_of(body, "title")
    text_of(body, "description")
    refuse_unless(len(text_of(body, "task_id")) <= 128, "invalid task_id")
    if body.get("url"):
        address(str(body["url"]))
    buttons = objects_of(body, "btn", 1, 2)
    distinct([text_of(one, "key") for one in buttons], "keys")
    for one in buttons:
        text_of(one, "name")
        refuse_unless(len(str(one["key"]).encode()) <= 128, "key too long")
        refuse_unless(one.get("color", "blue") in {"red", "blue"}, "invalid color")
