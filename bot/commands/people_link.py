"""`officebot people link` and `unlink`: an account given to a person, moved to another one, or taken away; by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from bot import office as offices
from bot.commands import database, options, people_words
from config.loader import Configuration
from connectors.refs import PersonRef
from handlers.approval.standins import handover, leaving
from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.context import Context
from handlers.people import changes, facts, linking
from handlers.people.plan import MERGED, Known, Plan
from handlers.people.roles import RolesSet
from handlers.transaction import Transaction

_ORIGIN = Origin(door="command")
_dry_option = click.option("--dry-run", is_flag=True, help="只列出会有什么变动，什么也不改。")
Planned = Callable[[Sequence[Known], str], Plan]


@click.command(
    "link", help="把平台账号登记给一个人，例如：people link 张三 dd-main zhangsan。账号是别人的，要加 --move 才改过来。"
)
@click.argument("name", metavar="姓名")
@click.argument("account", metavar="账号")
@click.argument("platform_id", metavar="平台上的ID")
@click.option("--move", is_flag=True, help="原来是别人的也改过来；那人没有别的账号又不在人员表里的，两人并成一个。")
@_dry_option
@options.config_option
@options.json_option
def link(
    name: str, account: str, platform_id: str, move: bool, dry_run: bool, config_file: Path, as_json: bool
) -> int:
    configuration = options.configuration(config_file)
    ref = _ref(configuration, account, platform_id)
    return _carry_out(
        configuration, name, lambda present, person: linking.link(present, person, ref, move=move),
        dry_run=dry_run, as_json=as_json,
    )  # fmt: skip


@click.command("unlink", help="解除一个人的平台账号；以后通讯录也不会再把它关联回来。")
@click.argument("name", metavar="姓名")
@click.argument("account", metavar="账号")
@click.argument("platform_id", metavar="[平台上的ID]", default="")
@_dry_option
@options.config_option
@options.json_option
def unlink(name: str, account: str, platform_id: str, dry_run: bool, config_file: Path, as_json: bool) -> int:
    configuration = options.configuration(config_file)

    def planned(present: Sequence[Known], person: str) -> Plan:
        theirs = next(one for one in present if one.id == person).on(account)
        if platform_id or len(theirs) != 1:
            ref = PersonRef(account, platform_id) if platform_id else _which(account, theirs)
            return linking.unlink(present, person, _same_case(ref, theirs))
        return linking.unlink(present, person, theirs[0])

    return _carry_out(configuration, name, planned, dry_run=dry_run, as_json=as_json)


def _ref(configuration: Configuration, account: str, platform_id: str) -> PersonRef:
    platforms = {one.name: one.platform for one in configuration.settings.accounts}
    if account not in platforms:
        raise click.ClickException(f"office.yaml 里没有账号「{account}」，有：{'、'.join(platforms)}。")
    platform_id = platform_id.strip()
    if not platform_id:
        raise click.ClickException("平台上的 ID 是空的，什么也没有改。到平台后台的通讯录里复制。")
    # as in bot/roster.py: WeCom's ids are compared without regard to case
    return PersonRef(account, platform_id.casefold() if platforms[account] == "wecom" else platform_id)


def _which(account: str, theirs: Sequence[PersonRef]) -> PersonRef:
    if not theirs:
        raise click.ClickException(f"在「{account}」没有登记账号。")
    raise click.ClickException(f"在「{account}」登记了不止一个，请写明：{'、'.join(one.id for one in theirs)}。")


def _same_case(ref: PersonRef, theirs: Sequence[PersonRef]) -> PersonRef:
    return next((one for one in theirs if one.id.casefold() == ref.id.casefold()), ref)


def _carry_out(configuration: Configuration, name: str, planned: Planned, *, dry_run: bool, as_json: bool) -> int:
    plan = database.run(_run(configuration, name, planned, dry_run=dry_run))
    applied = not dry_run and not plan.refusals
    if as_json:
        options.print_json({"ok": not plan.refusals, "applied": applied, **people_words.as_data(plan, RolesSet())})
    else:
        people_words.print_plan(plan, RolesSet(), applied=applied, file="")
    return 1 if plan.refusals else 0


async def _run(configuration: Configuration, name: str, planned: Planned, *, dry_run: bool) -> Plan:
    office, now = offices.build(configuration), options.now()

    async def unit(tx: Transaction) -> Plan:
        person = await _person(tx, name)
        plan = planned(await changes.present(tx), person)
        if dry_run or plan.refusals:
            return plan
        await changes.apply(tx, plan, now=now, origin=_ORIGIN)
        ctx = Context(tx=tx, now=now, trace="", origin=_ORIGIN, office=office)
        await _merged(ctx, plan, into=person)
        return plan

    async with database.opened(configuration) as opened:
        return await (opened.read(unit) if dry_run else opened.write(unit))


async def _person(tx: Transaction, name: str) -> str:
    found = [one for one in await handover.somebody(tx, name) if one.active]
    if not found:
        raise click.ClickException(f"没有找到「{name}」，请写全名或工号。")
    if len(found) > 1:
        which = "、".join(one.staff_no or one.id for one in found)
        raise click.ClickException(f"有 {len(found)} 位「{name}」，请写工号：{which}。")
    return found[0].id


async def _merged(ctx: Context, plan: Plan, *, into: str) -> None:
    """Whoever lost the last account by it was this person all along; what waited for them is offered to this person."""
    if plan.left_by != MERGED:
        return
    for person in plan.left:
        await log.record(ctx.tx, facts.PeopleMerged(person=person.id, into=into), origin=ctx.origin, now=ctx.now)
    await leaving.left(ctx, plan.left, into={person.id: into for person in plan.left})
