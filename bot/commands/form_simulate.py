"""`officebot form simulate`: who would decide for whom, in which order, and why; nothing is written."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from bot import office as offices
from bot.commands import database, form_files, form_people, options
from cards import desk
from cards import forms as form_cards
from config.problems import guess
from handlers import errors
from handlers.approval import submitting
from handlers.approval.language import expressions, fill, form_model, routes
from handlers.approval.language.expressions import About
from handlers.approval.language.fill import FieldProblem, Known
from handlers.approval.language.form_model import Form, Type
from handlers.approval.language.routes import People, Route, Station
from handlers.approval.talk import answers, asking


@click.command("simulate", help="演练：某人这样填，由谁审批、先后次序和原因。例：simulate 报修 --as 张三 地点=三楼")
@click.argument("form", metavar="表单")
@click.argument("values", metavar="[字段=内容]...", nargs=-1)
@click.option("--as", "name", required=True, metavar="姓名或工号", help="谁来申请。")
@options.config_option
@options.json_option
def command(form: str, values: tuple[str, ...], name: str, config_file: Path, as_json: bool) -> int:
    configuration = options.configuration(config_file)
    chosen = form_files.named(configuration, form)
    people = database.run(form_people.people(configuration))
    applicant = form_people.applicant(people, name)
    about = routes.about(people, applicant, today=options.today(), work=offices.work(configuration))
    filled = _filled(chosen, values, people, about)
    try:
        route = submitting.route(chosen, filled, applicant, people, about=about)
    except errors.RuleError as error:
        raise click.ClickException(desk.refusal(error.code, error.circumstances)) from error
    problems = fill.problems(chosen, filled, about, known=Known(people=frozenset(people.persons)))
    if as_json:
        options.print_json(as_data(chosen, applicant, filled, route, problems, people))
    else:
        _print(chosen, applicant, filled, route, problems, people)
    return 1 if route.blocked or problems else 0


def as_data(
    form: Form, applicant: str, filled: dict[str, Any], route: Route, problems: list[FieldProblem], people: People
) -> dict[str, Any]:
    """The simulation for programs; people by name."""
    return {
        "form": form.code,
        "version": form_model.version(form),
        "applicant": people.persons[applicant].name,
        "values": filled,
        "steps": [
            {
                "step": one.step,
                "title": one.title,
                "taken": one.index is not None,
                "people": [people.persons[person].name for person in one.people],
                "why": one.why.code,
                "of": one.why.name,
                "instead": one.instead,
                "apart": list(one.apart),
            }
            for one in route.stations
        ],
        "blocked": route.blocked,
        "zero_approval": route.unattended if not route.steps else "",
        "problems": [{"path": list(one.path), "code": one.code, "limit": one.limit} for one in problems],
    }


def _print(
    form: Form, applicant: str, filled: dict[str, Any], route: Route, problems: list[FieldProblem], people: People
) -> None:
    one = people.persons[applicant]
    click.echo(f"{form.title}（{form.code}），{one.name}（{one.department or '没有部门'}）申请：")
    number = 0
    for station in route.stations:
        if station.index is None:
            click.echo(f"   -　{station.title}：{form_cards.why(station.why.code)}")
            continue
        number += 1
        click.echo(f"  {number:>2}　{station.title}：{in_words(station, people)}")
    if not route.steps:
        click.echo(f"  不用审批：{route.unattended or '没有一步适用'}")
    if route.blocked:
        click.echo("  走不通：上面没有人的那一步不能跳过，这样的申请交不上来。")
    for problem in problems:
        click.echo(f"  没填好：{asking.problem_words(form, problem)}")
    if expressions.used_names(form):
        click.echo("  说明：演练时按还没有用过额度算，提交时按当时的用量算")
    missing = [code for code, field in form.fields.items() if field.given_by == "office" and code not in filled]
    for code in missing:
        click.echo(f"  说明：{form.fields[code].title}由系统算出，演练时可以直接写 {code}=…")


def in_words(station: Station, people: People) -> str:
    """`李四（张三的直接上级）`."""
    why = form_cards.why(station.why.code, name=station.why.name, level=station.why.level)
    names = "、".join(people.persons[person].name for person in station.people)
    apart = form_cards.apart(station.apart)
    if station.instead:
        return f"{why}{form_cards.instead(station.instead)}{names}{apart}"
    return f"{names}（{why.strip()}{apart}）" if names else f"{why}{apart}"


def _filled(form: Form, words: tuple[str, ...], people: People, about: About) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for word in words:
        name, mark, text = word.partition("=")
        if not mark:
            raise click.ClickException(f"「{word}」应写成 字段=内容，例如 {next(iter(form.fields))}=内容。")
        code = _field(form, name.strip())
        raw[code] = _value(form, code, text.strip(), people, about.today)
    return fill.complete(form, fill.with_defaults(form, fill.normalise(form, raw)), about)


def _field(form: Form, name: str) -> str:
    for code, one in form.fields.items():
        if name in (code, one.title):
            return code
    meant = guess(name, [*form.fields, *(one.title for one in form.fields.values())])
    known = "、".join(f"{one.title}（{code}）" for code, one in form.fields.items())
    advice = f"是不是 {meant}？" if meant else f"有：{known}。"
    raise click.ClickException(f"{form.title}没有「{name}」这个字段。{advice}")


def _value(form: Form, code: str, text: str, people: People, today: date) -> Any:
    one = form.fields[code]
    if one.type is Type.PERSON:
        found = [people.named(name.strip()) for name in text.replace("、", ",").split(",")]
        return [person for persons in found for person in persons] or text
    if one.type in (Type.ATTACHMENT, Type.PHOTO):
        kind = "jpg" if one.type is Type.PHOTO else (one.kinds or ("pdf",))[0]
        count = int(text) if text.isdecimal() else 1
        return [{"id": f"file{number}", "name": f"{number}.{kind}", "size": 1} for number in range(1, count + 1)]
    if one.type is Type.TABLE:
        try:
            return json.loads(text)
        except ValueError as error:
            raise click.ClickException(f"{one.title}是表格，写成 JSON：{code}='[{{...}}]'。") from error
    if one.type is Type.CHOICES:
        return text.replace("、", ",").split(",")
    return answers.raw(one, text, today=today, known=fill.NOTHING_KNOWN)
