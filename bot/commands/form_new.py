"""`officebot form new`: a form file from questions and answers, with comments, checked as soon as it is written."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from bot.commands import asking, files, form_files, options
from bot.commands.form_files import read
from config.loader import Configuration

_CODES = {
    "事由": "reason", "原因": "reason", "地点": "place", "时间": "time", "日期": "day", "起止时间": "time",
    "金额": "amount", "数量": "count", "份数": "copies", "电话": "phone", "联系电话": "phone", "备注": "note",
    "附件": "files", "照片": "photo", "内容": "content", "名称": "name", "标题": "subject", "单位": "unit_name",
    "部门": "department", "人员": "people", "类别": "kind", "类型": "kind", "用途": "purpose", "明细": "lines",
}  # fmt: skip
_TYPES = (
    ("text", "一行文字"), ("long_text", "一段文字"), ("number", "数字"), ("money", "金额"), ("date", "日期"),
    ("date_range", "起止日期"), ("time_range", "某天的起止时间"), ("choice", "从几项里选一项"), ("choices", "选几项"),
    ("person", "本单位的人"), ("department", "部门"), ("phone", "电话"), ("attachment", "附件"), ("photo", "照片"),
)  # fmt: skip
_WHO = (
    ("manager_of: applicant", "申请人的直接上级"),
    ("department_head: applicant", "申请人所在部门的负责人"),
    ("role", "担任某个角色的人（office.yaml 的 roles）"),
    ("post", "任某个职务的人"),
    ("person", "指定的一个人"),
)


@dataclass(frozen=True, slots=True)
class Field:
    code: str
    title: str
    kind: str
    required: bool
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    code: str
    title: str
    who: str


@click.command("new", help="一问一答，写出一份带说明的表单文件。")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="文件.yaml", help="写到哪个文件。"
)
@options.config_option
@options.json_option
def command(output: Path | None, config_file: Path, as_json: bool) -> int:
    """With `--json` the questions go to standard error, so that standard output is the answer alone."""
    configuration = options.configuration(config_file)
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        code, path = _written(configuration, output)
    problems = form_files.single(configuration, path).problems
    if as_json:
        serious = any(problem.serious for problem in problems)
        found = [asdict(problem) for problem in problems]
        options.print_json({"ok": not serious, "form": code, "file": str(path), "problems": found})
        return 0
    click.echo(f"\n写好了：{path}")
    for problem in problems:
        click.echo(str(problem))
    if not configuration.settings.forms and output is None:
        folder = path.parent.name
        click.echo(f"请在 {config_file} 里写 forms: [{folder}/]，这个文件夹里的表单才会启用。")
    click.echo(f"接着可以演练：officebot form simulate {path} --as 姓名")
    return 0


def _written(configuration: Configuration, output: Path | None) -> tuple[str, Path]:
    """Asks, and writes the file; the form's code and where the file is. Raises ClickException for one that exists."""
    if output is not None and output.exists():  # before all the questions, not after
        raise click.ClickException(f"{output} 已经存在，没有覆盖。")
    title = asking.told("表单叫什么名称（例如：会议室借用）")
    code = _code("表单的英文编号（小写字母和下划线）", taken={file.path.stem for file in read(configuration)})
    category = click.prompt("归在哪一类", default="办公").strip()
    fields = _fields()
    steps = _steps(sorted(configuration.settings.roles))
    folder = next(iter(configuration.settings.forms), "forms")
    path = output or configuration.base / folder / f"{code}.yaml"
    if path.exists():
        raise click.ClickException(f"{path} 已经存在，没有覆盖。")
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, text(code, title, category, fields, steps).encode())
    return code, path


def text(code: str, title: str, category: str, fields: list[Field], steps: list[Step]) -> str:
    """The file. Titles go in as JSON texts where they could be read as something else."""
    lines = [
        f"# {title}。每一项怎么写，见 config/forms/README.md；改完运行 officebot form check。",
        f"form: {code}",
        f"title: {_quoted(title)}",
        "aliases: []                          # 在对话里还可以怎么叫它",
        f"category: {_quoted(category)}",
        "basis: []                            # 依据的文件",
        f'summary: "{{{fields[0].code}}}"',
        "",
        "fields:",
    ]
    for field in fields:
        lines += [f"  {field.code}:", f"    title: {_quoted(field.title)}", f"    type: {field.kind}"]
        lines += [f"    required: {'true' if field.required else 'false'}"]
        lines += [f"    options: [{', '.join(_quoted(one) for one in field.options)}]"] if field.options else []
    if not steps:
        return "\n".join([*lines, "", "zero_approval: 不用审批               # 没有审批环节时要写明原因", ""])
    lines += ["", "route:"]
    for step in steps:
        lines += [
            f"  - step: {step.code}",
            f"    title: {_quoted(step.title)}",
            f"    who: {{{step.who}}}",
            "    if_empty: {role: admin}          # 没有人时由谁办；skip 跳过，stop 不受理",
        ]
    return "\n".join([*lines, ""])


def _quoted(word: str) -> str:
    plain = re.fullmatch(r"[一-鿿][一-鿿\w（）、，。—-]*", word)
    return word if plain and word not in ("是", "否") else json.dumps(word, ensure_ascii=False)


def _fields() -> list[Field]:
    click.echo("\n要填哪些内容？一项一项来，名称留空就结束。")
    found: list[Field] = []
    while True:
        title = _ask(f"第 {len(found) + 1} 项的名称")
        if not title and found:
            return found
        if not title:
            click.echo("至少要有一项。")
            continue
        code = _field_code(title, {field.code for field in found})
        kind = _TYPES[asking.one_of("填什么", [word for _, word in _TYPES]) - 1][0]
        choices = _options() if kind in ("choice", "choices") else ()
        found.append(Field(code, title, kind, asking.yes("必填吗", default=True), choices))


def _options() -> tuple[str, ...]:
    while True:
        words = re.split(r"[,，、\s]+", click.prompt("有哪些选项（用逗号隔开）").strip())
        found = tuple(dict.fromkeys(word for word in words if word))
        if len(found) > 1:
            return found
        click.echo("至少写两个选项。")


def _steps(roles: list[str]) -> list[Step]:
    click.echo("\n由谁审批？按先后次序一步一步来，名称留空就结束。")
    found: list[Step] = []
    while True:
        title = _ask(f"第 {len(found) + 1} 步的名称（例如：部门负责人审批）")
        if not title:
            return found
        who = _WHO[asking.one_of("谁来办", [word for _, word in _WHO]) - 1][0]
        if who in ("role", "post", "person"):
            hint = f"（{'、'.join(roles)}）" if who == "role" and roles else ""
            question = {"role": f"角色{hint}", "post": "职务", "person": "姓名或工号"}[who]
            who = f"{who}: {_named(asking.told(question))}"
        found.append(Step(f"step{len(found) + 1}", title, who))


def _ask(question: str) -> str:
    """May be left empty."""
    return str(click.prompt(question, default="", show_default=False)).strip()


def _named(word: str) -> str:
    return word if re.fullmatch(r"[a-z][a-z0-9_]*", word) else _quoted(word)


def _code(question: str, *, taken: set[str]) -> str:
    while True:
        code = str(click.prompt(question)).strip().lower()
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", code):
            click.echo("只能用小写字母、数字和下划线，以字母开头，例如 room_use。")
        elif code in taken:
            click.echo(f"已经有表单叫 {code} 了，换一个。")
        else:
            return code


def _field_code(title: str, taken: set[str]) -> str:
    code = _CODES.get(title, "")
    number = 1
    while not code or code in taken:
        code, number = f"field{number}", number + 1
    return code
