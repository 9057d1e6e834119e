"""`officebot init DIR`: a commented configuration to start from, made of the packaged example."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

import click

from bot.proofs import keys
from bot.proofs.keys import BadKey
from cards import causes
from config.crosscheck import PACKAGED
from config.secrets import SECRETS_FILE

_OURS = "OFFICEBOT_SIGNING_KEY"  # no platform gives us this one, so it is made here
_HEAD = "# 密钥。每行一个：变量名=值。不要发给别人，不要放进版本库；备份时和数据库分开放。\n"


@click.command(help="在文件夹里写出 office.yaml、secrets.env 和 staff.csv，照里面的说明修改。已有的文件不会被覆盖。")
@click.argument("folder", metavar="文件夹", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> int:
    example = (PACKAGED / "example.yaml").read_text(encoding="utf-8")
    files = {
        "office.yaml": example.encode(),
        "staff.csv": (PACKAGED / "example_staff.csv").read_bytes(),
        SECRETS_FILE: _secrets(example).encode(),
    }
    if present := [name for name in files if (folder / name).exists()]:
        raise click.ClickException(f"{folder} 里已经有 {'、'.join(present)}，换一个文件夹，或者先移走它们。")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            _write(folder / name, data, private=name == SECRETS_FILE)
        signer = keys.ensure(keys.folder(folder))
    except BadKey as error:
        raise click.ClickException(f"{keys.folder(folder)} 里的签名密钥读不了，请换一个文件夹。") from error
    except OSError as error:
        _take_back(folder, files)
        raise click.ClickException(f"写不进 {folder}：{causes.why(error)}。请检查权限和磁盘空间。") from error
    click.echo(f"已写好 {folder} 里的 {'、'.join(files)}。")
    click.echo(f"留痕的签名密钥在 {keys.folder(folder) / keys.PRIVATE}，只有本人能读。公钥记下来，以后核对要用：")
    click.echo(f"  {signer.verifier.text}")
    click.echo("接下来：改 office.yaml 和 staff.csv，把密钥填进 secrets.env，然后运行")
    click.echo(f'  officebot check --config "{folder / "office.yaml"}"')
    return 0


def _take_back(folder: Path, names: Iterable[str]) -> None:
    """All of them are ours: none was there before. What is left of them would stop the next try."""
    for name in names:
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _secrets(example: str) -> str:
    """A line per variable of the example, in its order, under the words that explain it there."""
    rows = [_HEAD]
    for match in re.finditer(r'^\s*\w+: "[^"$]*\$\{(\w+)\}[^"$]*"[^\S\n]*(?:#[^\S\n]*(.*))?$', example, re.MULTILINE):
        value = secrets.token_hex(32) if match[1] == _OURS else ""
        comment = f"# {match[2]}\n" if match[2] else ""
        rows.append(f"{comment}{match[1]}={value}\n")
    return "".join(rows)


def _write(file: Path, data: bytes, *, private: bool) -> None:
    # The mode is set before the first byte: a secret must not be readable even for a moment.
    file.touch(mode=0o600 if private else 0o644, exist_ok=False)
    file.write_bytes(data)
