"""`officebot form check` and `form list`: the form files, their mistakes, and what the office has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from bot import forms
from bot.commands import options
from config import forms as form_files
from config.forms import FormFile
from config.loader import Configuration
from config.problems import guess
from handlers.approval.language import form_model
from handlers.approval.language.form_model import Form


@click.command("check", help="检查一个表单文件；不写文件就检查全部。一次列出所有错误，有错误时退出码是 1。")
@click.argument("file", metavar="[文件.yaml]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@options.config_option
@options.json_option
def check(file: Path | None, config_file: Path, as_json: bool) -> int:
    configuration = options.configuration(config_file)
    files = [single(configuration, file)] if file else read(configuration)
    problems = [problem for one in files for problem in one.problems]
    if file is None:
        problems += forms.unfilled(files, roles=configuration.settings.roles, file=str(config_file))
    serious = sum(problem.serious for problem in problems)
    if as_json:
        options.print_json({"ok": not serious, "problems": [asdict(problem) for problem in problems]})
        return 1 if serious else 0
    for problem in problems:
        click.echo(str(problem))
    advice = f"，另有 {len(problems) - serious} 条建议" if len(problems) > serious else ""
    click.echo(f"共 {serious} 个错误{advice}。" if serious else f"{len(files)} 份表单都可以使用{advice}。")
    return 1 if serious else 0


@click.command("list", help="列出单位的表单：编号、名称、是否启用、环节。")
@options.config_option
@options.json_option
def listing(config_file: Path, as_json: bool) -> int:
    found = forms.usable(read(options.configuration(config_file)))
    if as_json:
        options.print_json([_as_data(form) for form in found.values()])
        return 0
    for category, members in _by_category(list(found.values())).items():
        click.echo(f"{category}：")
        for form in members:
            off = "" if form.is_enabled else "　（未启用）"
            click.echo(f"  {form.code:<16}{form.title}　{' → '.join(step.title for step in form.steps())}{off}")
    return 0


def read(configuration: Configuration) -> list[FormFile]:
    return forms.read(configuration.form_folders(), roles=configuration.settings.roles)


def single(configuration: Configuration, file: Path) -> FormFile:
    return forms.check(form_files.read(file), roles=configuration.settings.roles)


def named(configuration: Configuration, word: str) -> Form:
    """A form by code, title or alias, or a file; disabled ones too. Raises ClickException."""
    if word.endswith((".yaml", ".yml")):
        return from_file(configuration, Path(word))
    found = forms.usable(read(configuration))
    for form in found.values():
        if word in (form.code, form.title, *form.aliases):
            return form
    meant = guess(word, [name for form in found.values() for name in (form.code, form.title)])
    advice = f"是不是 {meant}？" if meant else "运行 officebot form list 看有哪些。"
    raise click.ClickException(f"没有「{word}」这个表单。{advice}")


def from_file(configuration: Configuration, path: Path) -> Form:
    """Raises ClickException with every mistake when the file cannot be used."""
    file = single(configuration, path)
    if not file.usable:
        wrong = "\n".join(str(problem) for problem in file.problems if problem.serious)
        raise click.ClickException(f"这份表单还不能使用：\n{wrong}")
    return forms.runtime(file)


def _by_category(found: Sequence[Form]) -> dict[str, list[Form]]:
    grouped: dict[str, list[Form]] = {}
    for form in found:
        grouped.setdefault(form.category, []).append(form)
    return grouped


def _as_data(form: Form) -> dict[str, object]:
    return {
        "form": form.code,
        "title": form.title,
        "category": form.category,
        "enabled": form.is_enabled,
        "version": form_model.version(form),
        "steps": [step.title for step in form.steps()],
    }
