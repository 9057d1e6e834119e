"""`officebot check`: everything that is wrong with an office's files, in one go."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import click

from bot import calendars, forms, platforms, reminders
from bot.commands import options
from config import loader
from config.loader import Configuration, Findings
from config.problems import ConfigProblem


@click.command(help="检查配置、人员表、表单和工作日历，一次列出所有问题；有问题时退出码是 1。")
@options.config_option
@options.json_option
def command(config_file: Path, as_json: bool) -> int:
    findings = loader.examine(config_file, env=os.environ, today=options.today())
    problems = [*findings.problems, *calendars.problems(findings.calendars), *_forms(findings, config_file)]
    if findings.configuration is not None:
        problems += reminders.problems(findings.configuration)
        problems += platforms.problems(findings.configuration)
        problems += _administrators(findings.configuration, config_file)
    serious = sum(problem.serious for problem in problems)
    if as_json:
        options.print_json({"ok": not serious, "problems": [asdict(problem) for problem in problems]})
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo(_summary(serious, len(problems) - serious))
    return 1 if serious else 0


def _forms(findings: Findings, config_file: Path) -> list[ConfigProblem]:
    """All forms; whether anybody holds the roles of the packaged ones is asked when the office itself is in order."""
    files = forms.read(findings.form_folders, roles=findings.roles)
    found = [problem for file in files for problem in file.problems]
    if findings.configuration is None:
        return found
    return found + forms.unfilled(files, roles=findings.roles, file=str(config_file))


def _administrators(configuration: Configuration, config_file: Path) -> list[ConfigProblem]:
    """A backup that failed and a message that gave up are told to them and to nobody else."""
    if configuration.settings.roles.get("admin"):
        return []
    what = "没有写系统管理员：备份没有做成、消息发不出去，都没有人知道，网页“运行”也没有人能看"
    return [ConfigProblem(str(config_file), 0, "roles.admin", what, "admin: [姓名]", serious=False)]


def _summary(serious: int, advice: int) -> str:
    extra = f"，另有 {advice} 条建议" if advice else ""
    return f"共 {serious} 个问题{extra}。" if serious else f"配置可以使用{extra}。"
