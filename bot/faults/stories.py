"""What people do, each a small story that ends well however often it is disturbed.

Whoever pressed a button looks at the own card too: where the answer to a tap was lost, DingTalk's client says that it
failed and shows the card as it was; the next tap shows how it is.
"""

from __future__ import annotations

from bot.faults import plan
from bot.faults.plan import Story
from bot.faults.town import Person, Town
from connectors.sandbox.phones import Message


async def tell(town: Town, story: Story) -> None:
    """Raises Difference."""
    if story.kind == "notice":
        await _notice(town, story)
        return
    who = town.askers[story.who]
    async with who.speaking:
        await (_chat(town, who, story) if story.kind == "chat" else _leave(town, who, story))


async def _chat(town: Town, who: Person, story: Story) -> None:
    words = f"第{story.word}句"
    await town.step(who, f"说“{words}”", lambda: town.say(who, words), lambda: town.card(who, words))


async def _leave(town: Town, who: Person, story: Story) -> None:
    said, boss = f"年假 {story.day} 回家", town.leaders[plan.leader_of(story.who)]

    def mine(*parts: str, button: str = "") -> Message | None:
        return town.card(who, story.day, *parts, button=button)

    def asked() -> Message | None:
        return town.card(boss, f"{who.name}的年假", story.day, button="同意")

    await town.step(who, f"说“{said}”", lambda: town.say(who, said), lambda: mine("请确认", button="提交"))
    await town.step(
        who, f"提交{story.day}的年假",
        lambda: town.tap(who, lambda: mine("请确认"), "提交"),
        lambda: asked() if town.pressed(who, story.day, button="提交") else None,
    )
    if story.kind == "withdrawn":
        await town.step(
            who, f"撤回{story.day}的年假",
            lambda: town.tap(who, lambda: mine(button="撤回"), "撤回"),
            lambda: mine("已撤回"),
        )
    elif story.kind == "approved":
        await town.step(
            boss, f"同意{who.name}{story.day}的年假",
            lambda: town.tap(boss, asked, "同意"),
            lambda: mine("已同意") if town.pressed(boss, f"{who.name}的年假", story.day, button="同意") else None,
        )
    else:
        await _reject(town, boss, asked() or _gone(), who, story)


def _gone() -> Message:
    raise LookupError("the card that was there a moment ago")


async def _reject(town: Town, boss: Person, card: Message, who: Person, story: Story) -> None:
    """In words, by the number on the card."""
    number = card.source_line.partition("· ")[2].partition("号")[0]
    said = f"驳回 {number} 人手不足"
    async with boss.speaking:
        await town.step(
            boss, f"说“{said}”", lambda: town.say(boss, said), lambda: town.card(who, story.day, "已驳回")
        )


async def _notice(town: Town, story: Story) -> None:
    sender, title = town.leaders[story.who], f"请报送材料{story.word}"
    said = f"通知 {plan.names(story.others)}：{title}。"

    def confirm() -> Message | None:
        return town.card(sender, "请确认", title, button="不涉密，提交")

    async with sender.speaking:
        await town.step(
            sender, f"说“{said}”",
            lambda: town.say(sender, said),
            confirm,
        )
        first = town.askers[story.others[0]]
        await town.step(
            sender, f"发出通知“{title}”",
            lambda: town.tap(sender, confirm, "不涉密，提交"),
            lambda: (
                town.card(first, title, button="收到")
                if town.pressed(sender, "发通知", title, button="不涉密，提交")  # not the counts' card
                else None
            ),
        )
    for number in story.others:
        await _receive(town, town.askers[number], title)


async def _receive(town: Town, who: Person, title: str) -> None:
    await town.wait(who, f"等“{title}”", lambda: town.card(who, title))
    await town.step(
        who, f"对“{title}”点收到",
        lambda: town.tap(who, lambda: town.card(who, title, button="收到"), "收到"),
        lambda: town.card(who, title, "您的回执 收到"),
    )
