"""`officebot calendar`: who has what on a day, the subscription addresses of a lost phone, a year's holidays."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from bot import office as offices
from bot.commands import calendar_year, options
from bot.commands import database as databases
from cards import calendar as calendar_cards
from cards import desk
from config.loader import Configuration
from handlers import errors
from handlers.audit.facts import Origin
from handlers.calendar import feeds, rules, speaking, store
from handlers.calendar.rules import Period
from handlers.context import Context
from handlers.people import directory
from handlers.transaction import Transaction

_NOTHING = "没有预订。"


@click.group(help="日程：某天的会议室和车辆占用，停用订阅地址；从放假通知写出一年的工作日历。")
def command() -> None:
    pass


command.add_command(calendar_year.command)


@command.command("rooms", help="列出某天会议室、车辆、驾驶员由谁占用，默认今天。")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="例如 2026-05-06。")
@options.config_option
@options.json_option
def rooms(day: datetime | None, config_file: Path, as_json: bool) -> int:
    configuration = options.configuration(config_file)
    rows = databases.run(_rooms(configuration, day))
    if as_json:
        options.print_json(rows)
        return 0
    for row in rows:
        click.echo(f"{row['name']}　{row['when']}　{row['who']}")
    if not rows:
        click.echo(_NOTHING)
    return 0


@command.command("revoke", help="停用一个人的全部日历订阅地址，立即失效（例如手机丢了）。")
@click.argument("name", metavar="姓名或工号")
@options.config_option
def revoke(name: str, config_file: Path) -> int:
    configuration = options.configuration(config_file)
    try:
        count = databases.run(_revoke(configuration, name))
    except errors.RuleError as error:
        raise click.ClickException(desk.refusal(error.code, error.circumstances)) from error
    click.echo(calendar_cards.feeds_revoked_for(name, count))
    return 0


async def _rooms(configuration: Configuration, day: datetime | None) -> list[dict[str, str]]:
    zone = offices.build(configuration).timezone
    begin = rules.local_midnight(day.date() if day else options.today(), zone)
    period = Period(begin, begin + timedelta(days=1))

    async def read(tx: Transaction) -> list[dict[str, str]]:
        names = {one.id: one.name for one in await store.resources(tx, all=True)}
        rows = []
        for one in await store.between(tx, period):
            who = await directory.load(tx, one.person)
            when = calendar_cards.clock(one.period.begin, one.period.end)
            rows.append({"name": names[one.resource], "when": when, "who": who.name if who else "", "state": one.state})
        return sorted(rows, key=lambda row: (row["name"], row["when"]))

    async with databases.opened(configuration) as database:
        return await database.read(read)


async def _revoke(configuration: Configuration, name: str) -> int:
    office = offices.build(configuration)

    async def unit(tx: Transaction) -> int:
        trace = secrets.token_hex(8)
        origin = Origin(door="command", trace=trace)
        ctx = Context(tx=tx, now=datetime.now(UTC), trace=trace, origin=origin, office=office)
        return await feeds.revoke_all(ctx, (await speaking.someone(ctx, name)).id)

    async with databases.opened(configuration) as database:
        return await database.write(unit)
