"""`officebot people`: the staff list and the platforms' directories brought in, and who is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bot import office as offices
from bot import roster, sync
from bot.commands import database, leave_people, leave_start, options, people_link, people_words
from cards import causes, desk
from config import staff as staff_file
from config.loader import Configuration
from config.settings import Settings
from config.staff import StaffSheet
from connectors import registry
from connectors.clock import SystemClock
from connectors.contract import Connector
from connectors.errors import PlatformError
from connectors.transport import Http
from handlers import errors
from handlers.approval.standins import leaving
from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.audit.own_facts import CommandRead
from handlers.context import Context
from handlers.leave import opening
from handlers.leave.casebook import cases
from handlers.leave.law import counting
from handlers.leave.law.rules import LeaveRules
from handlers.people import changes, directory, roles, staff
from handlers.people.matching import Wanted
from handlers.people.plan import Known, Plan
from handlers.people.roles import RolesSet
from handlers.transaction import Transaction

_ORIGIN = Origin(door="command")
_NOTHING = "什么也没有导入。"
_dry_option = click.option("--dry-run", is_flag=True, help="只列出会有什么变动，什么也不改。")


@click.group(help="人员：导入人员表，同步平台通讯录，查看名单。")
def command() -> None:
    pass


@command.command(
    "import", help="导入人员表（CSV 或 Excel）。有一行说不清就一行也不导入；同一份表导入两次没有变动。"
)
@click.argument("file", metavar="文件", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--leavers", is_flag=True, help="表里没有的人按离职处理；不加时只列出来。")
@_dry_option
@options.config_option
@options.json_option
def import_(file: Path, leavers: bool, dry_run: bool, config_file: Path, as_json: bool) -> int:
    configuration = options.configuration(config_file)
    sheet = staff_sheet(file, configuration)
    if problems := [problem for problem in sheet.problems if problem.serious]:
        if as_json:
            options.print_json({"ok": False, "problems": [asdict(problem) for problem in problems]})
        else:
            click.echo("\n".join(map(str, problems)))
            click.echo(f"共 {len(problems)} 个问题，一个人也没有导入。")
        return 1
    wanted = _wanted(sheet, configuration.settings)
    click.echo(f"{file}：{len(wanted)} 人，正在比对……", err=True)
    people = _entitlements(sheet, configuration)
    plan, given, openings = database.run(_import(configuration, wanted, sheet, leavers=leavers, dry_run=dry_run))
    applied = not dry_run and not plan.refusals
    if as_json:
        data = {**people_words.as_data(plan, given), "people": people, "openings": openings}
        options.print_json({"ok": not plan.refusals, "applied": applied, **data})
        return 1 if plan.refusals else 0
    for one in people if dry_run else ():
        click.echo(leave_start.line(one))
    status = _show(plan, given, applied=applied, file=str(file), as_json=False)
    if dry_run or (applied and not plan.empty) or openings:
        more = "" if dry_run else "，运行 officebot leave preview 看每个人的"
        click.echo(f"{people_words.openings(openings, applied=applied)}年休假：{leave_start.summary(people)}{more}。")
    return status


@command.command("sync", help="从平台的通讯录更新人员；不写账号就同步所有账号。")
@click.argument("account", metavar="[账号]", required=False)
@click.option("--confirm", "confirmed", is_flag=True, help="少了很多人也照样执行。先用 --dry-run 看过清单再加。")
@_dry_option
@options.config_option
@options.json_option
def sync_(account: str | None, confirmed: bool, dry_run: bool, config_file: Path, as_json: bool) -> int:
    configuration = options.configuration(config_file)
    if confirmed and account is None:
        raise click.UsageError("--confirm 要写明是哪个账号。")
    names = [one.name for one in configuration.settings.accounts]
    if account is not None and account not in names:
        raise click.ClickException(f"office.yaml 里没有账号「{account}」，有：{'、'.join(names)}。")
    asked = [account] if account else names
    reports, failed = database.run(_sync(configuration, asked, dry_run=dry_run, confirmed=confirmed))
    if as_json:
        options.print_json({"ok": not failed, "accounts": [_report_json(report) for report in reports]})
    refused = 0
    for report in () if as_json else reports:
        click.echo(f"{report.account}：通讯录里有 {report.members} 人、{report.departments} 个部门。")
        refused += _show(report.plan, report.roles, applied=report.applied, file="", as_json=False)
    return 1 if failed or refused or any(report.plan.refusals for report in reports) else 0


@command.command("list", help="列出在职的人和他们的账号、角色。")
@options.config_option
@options.json_option
def list_(config_file: Path, as_json: bool) -> int:
    known, held = database.run(_list(options.configuration(config_file)))
    people = [_person_json(one, held.get(one.id, []), known) for one in known if one.person.active]
    if as_json:
        options.print_json(people)
        return 0
    people_words.print_people(people)
    click.echo(f"共 {len(people)} 人。")
    return 0


command.add_command(people_link.link)
command.add_command(people_link.unlink)


def staff_sheet(file: Path, configuration: Configuration) -> StaffSheet:
    """Raises ClickException for a file that cannot be read."""
    accounts = {account.name: account.platform for account in configuration.settings.accounts}
    try:
        data = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"读不了 {file}：{causes.why(error)}。") from error
    own = configuration.categories()
    return staff_file.parse(data, file=str(file), accounts=accounts, today=options.today(), categories=own)


def _wanted(sheet: StaffSheet, settings: Settings) -> list[Wanted]:
    platforms = {account.name: account.platform for account in settings.accounts}
    return [roster.as_wanted(row, platforms, sheet.columns) for row in sheet.rows]


def _entitlements(sheet: StaffSheet, configuration: Configuration) -> list[dict[str, Any]]:
    rules = leave_people.office(configuration).of(LeaveRules)
    platforms = {account.name: account.platform for account in configuration.settings.accounts}
    return leave_start.preview(sheet.rows, platforms, rules, today=options.today())


async def _import(
    configuration: Configuration, wanted: Sequence[Wanted], sheet: StaffSheet, *, leavers: bool, dry_run: bool
) -> tuple[Plan, RolesSet, list[dict[str, Any]]]:
    """People, roles and opening balances in one unit: a figure that cannot be recorded takes everything back."""
    now, office = options.now(), leave_people.office(configuration)

    async def unit(tx: Transaction) -> tuple[Plan, RolesSet, list[dict[str, Any]]]:
        plan = await staff.bring_in(tx, wanted, now=now, origin=_ORIGIN, leavers=leavers, dry_run=dry_run)
        if dry_run or plan.refusals:
            return plan, RolesSet(), []
        given = await roles.set_roles(tx, configuration.settings.roles, now=now, origin=_ORIGIN)
        ctx = Context(tx=tx, now=now, trace="", origin=_ORIGIN, office=office)
        await leaving.left(ctx, plan.left)
        return plan, given, await _openings(ctx, sheet)

    async with database.opened(configuration) as opened:
        return await (opened.read(unit) if dry_run else opened.write(unit))


async def _openings(ctx: Context, sheet: StaffSheet) -> list[dict[str, Any]]:
    """What was corrected. Raises ClickException, which undoes the unit, with the row that cannot be recorded."""
    found = []
    for row in sheet.rows:
        minutes = leave_start.opening_minutes(row)
        if row.opening is None or minutes is None:
            continue
        try:
            person = await leave_people.person(ctx.tx, row.staff_no or row.name)
            approver = await leave_people.person(ctx.tx, row.opening.approver)
            change = await opening.record(ctx, person, minutes, reason=row.opening.reason, approver=approver.id)
        except click.ClickException as error:
            raise click.ClickException(f"第 {row.line} 行 {row.name} 的期初余额：{error.message}{_NOTHING}") from error
        except errors.RuleError as refused:
            why = desk.refusal(refused.code)
            raise click.ClickException(f"第 {row.line} 行 {row.name} 的期初余额：{why}{_NOTHING}") from refused
        if change is not None:
            days = cases.plain(counting.in_days(minutes))
            found.append({"name": row.name, "staff_no": row.staff_no, "days": days, "minutes": change})
    return found


async def _sync(
    configuration: Configuration, accounts: Iterable[str], *, dry_run: bool, confirmed: bool
) -> tuple[list[sync.Report], list[str]]:
    """The reports, and the accounts whose directory could not be read: one that is down does not stop the others."""
    reports, failed, settled = [], [], offices.build(configuration)
    async with database.opened(configuration) as office, AsyncExitStack() as stack:
        for name in accounts:
            connector = await _connector(configuration.settings, name, stack)
            if not connector.capabilities.directory:
                click.echo(f"{name}：这个平台没有通讯录接口，跳过。", err=True)
                continue
            click.echo(f"{name}：正在读取通讯录，人多时要几分钟……", err=True)
            try:
                report = await sync.sync_account(
                    office, connector, SystemClock(), office=settled, dry_run=dry_run, confirmed=confirmed,
                    origin=Origin(account=name, door="command"),
                )  # fmt: skip
            except PlatformError as error:
                why = " ".join(part for part in (error.code, causes.network(error.words)) if part)
                click.echo(f"{name}：通讯录读不了（{why}）。运行 officebot doctor 看权限和网络。", err=True)
                failed.append(name)
            else:
                reports.append(report)
    return reports, failed


async def _list(configuration: Configuration) -> tuple[list[Known], Mapping[str, list[str]]]:
    async def unit(tx: Transaction) -> tuple[list[Known], Mapping[str, list[str]]]:
        known = await changes.present(tx)
        fact = CommandRead(about="people", command="people list", rows=len(known))
        await log.record(tx, fact, origin=_ORIGIN, now=options.now())
        return known, {one.id: sorted(await directory.roles_of(tx, one.id)) for one in known}

    async with database.opened(configuration) as office:
        return await office.write(unit)


async def _connector(settings: Settings, name: str, stack: AsyncExitStack) -> Connector:
    account = next(one for one in settings.accounts if one.name == name)
    http = Http(proxy=account.proxy)
    stack.push_async_callback(http.close)
    connector = registry.build(account, http=http, clock=SystemClock())
    stack.push_async_callback(connector.close)
    return connector


def _show(plan: Plan, given: RolesSet, *, applied: bool, file: str, as_json: bool) -> int:
    """Prints what happened; the exit status."""
    if as_json:
        options.print_json({"ok": not plan.refusals, "applied": applied, **people_words.as_data(plan, given)})
    else:
        people_words.print_plan(plan, given, applied=applied, file=file)
    return 1 if plan.refusals else 0


def _report_json(report: sync.Report) -> dict[str, Any]:
    return {
        "account": report.account,
        "ok": not report.plan.refusals,
        "applied": report.applied,
        "members": report.members,
        "departments": report.departments,
        **people_words.as_data(report.plan, report.roles),
    }


def _person_json(one: Known, held: Sequence[str], known: Iterable[Known]) -> dict[str, Any]:
    person = asdict(one.person)
    names = {other.id: other.person.name for other in known}
    return {
        **person,
        "manager_name": names.get(one.person.manager, ""),
        "accounts": [{"account": ref.account, "id": ref.id} for ref in one.accounts],
        "roles": list(held),
    }
