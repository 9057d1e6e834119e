"""`officebot form replay`: last year's items on a changed form, and where they would have gone otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from bot import office as offices
from bot.commands import database, form_files, form_simulate, options
from config.loader import Configuration
from config.problems import listed
from handlers.approval.language import book, replaying, routes
from handlers.approval.language.form_model import Form
from handlers.approval.language.replaying import Outcome, Report
from handlers.approval.language.routes import People
from handlers.approval.talk import asking
from handlers.transaction import Transaction

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("replay", help="回放：把过去一年的事项放到改过的表单上走一遍，列出不同之处。什么也不改。")
@click.argument("form", metavar="表单")
@click.option("--against", required=True, metavar="新文件.yaml", type=_FILE, help="改过的表单。")
@click.option("--days", default=365, show_default=True, metavar="天数", help="看过去多少天。")
@options.config_option
@options.json_option
def command(form: str, against: Path, days: int, config_file: Path, as_json: bool) -> int:
    configuration = options.configuration(config_file)
    old, new = form_files.named(configuration, form), form_files.from_file(configuration, against)
    if new.code != old.code:
        raise click.ClickException(f"{against.name} 是表单 {new.code}，不是 {old.code}。")
    since = options.now() - timedelta(days=days)
    report, people = database.run(_replayed(configuration, old, new, since))
    if as_json:
        options.print_json(as_data(report, people))
    else:
        _print(report, new, people)
    return 0


async def _replayed(configuration: Configuration, old: Form, new: Form, since: datetime) -> tuple[Report, People]:
    async def read(tx: Transaction) -> tuple[Report, People]:
        zone = ZoneInfo(configuration.settings.office.timezone)
        items = await replaying.past(tx, old.code, since=since, zone=zone, new=new)
        versions = {item.version: await book.of_version(tx, item.version) for item in items}
        olds = {version: form or old for version, form in versions.items()}
        people = await routes.load_people(tx)
        return replaying.replay(items, olds, new, people, work=offices.work(configuration)), people

    async with database.opened(configuration) as opened:
        return await opened.read(read)


def as_data(report: Report, people: People) -> dict[str, Any]:
    """The report for programs; people by name."""
    return {
        "looked_at": report.looked_at,
        "gone": report.gone,
        "differences": [
            {
                "number": one.item.number,
                "applicant": people.persons[one.item.applicant].name,
                "on": one.item.on.isoformat(),
                "before": _outcome(one.before, people),
                "after": _outcome(one.after, people),
            }
            for one in report.differences
        ],
    }


def _outcome(outcome: Outcome, people: People) -> dict[str, Any]:
    return {
        "steps": [
            {"step": one.step, "title": one.title, "people": [people.persons[who].name for who in one.people]}
            for one in outcome.stations
        ],
        "problems": [{"path": list(one.path), "code": one.code, "limit": one.limit} for one in outcome.problems],
        "blocked": outcome.blocked,
        "refused": outcome.refused,
    }


def _print(report: Report, new: Form, people: People) -> None:
    for one in report.differences:
        name = people.persons[one.item.applicant].name
        click.echo(f"{one.item.number}号　{one.item.on}　{name}")
        click.echo(f"  原来：{_way(one.before, new, people)}")
        click.echo(f"  改后：{_way(one.after, new, people)}")
    gone = f"，{report.gone} 件的申请人已不在名单里，没有看" if report.gone else ""
    click.echo(f"看了 {report.looked_at} 件，{len(report.differences)} 件会不同{gone}。")


def _way(outcome: Outcome, form: Form, people: People) -> str:
    if outcome.refused:
        return "算不出流程"
    steps = [f"{one.title}：{form_simulate.in_words(one, people)}" for one in outcome.stations]
    way = " → ".join(steps) or "不用审批"
    if outcome.blocked:
        way += "　（走不通）"
    wrong = [asking.problem_words(form, one) for one in outcome.problems if one.path[0] in form.fields]
    return way + (f"　（交不上来：{listed(wrong)}）" if wrong else "")
