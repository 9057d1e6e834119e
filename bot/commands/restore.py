"""`officebot restore`: a backup back into an empty place, with the same checks as when it was made."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from bot.backups import restoring
from bot.backups.archive import Manifest
from bot.backups.trouble import Trouble
from bot.commands import backup, options, progress
from bot.commands import database as databases
from bot.proofs import keys

_HELP = (
    "恢复：把备份放回空的地方，再核对一遍条数、休假余额和留痕的总指纹。数据库里已经有数据就不做，不会覆盖任何东西。"
    "机器上什么都没有时先用 --settings-into 取出配置。"
)


@click.command(help=_HELP)
@click.argument("file", metavar="文件", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--settings-into", type=click.Path(path_type=Path, file_okay=False), metavar="文件夹",
              help="只把 office.yaml、人员表、表单等取到这个空文件夹里，数据不动。")  # fmt: skip
@backup.passphrase_option
@options.config_option
@options.json_option
def command(
    file: Path, settings_into: Path | None, passphrase_file: Path | None, config_file: Path, as_json: bool
) -> int:
    try:
        word = backup.passphrase(passphrase_file)
        if settings_into is not None:
            return _settings(file, settings_into, word)
        configuration = options.configuration(config_file)
        with progress.shown() as bars:
            work = restoring.restore(configuration, file, passphrase=word, now=options.now(), progress=bars)
            made = databases.run(work)
    except Trouble as trouble:
        raise click.ClickException(f"{trouble.words}。") from trouble
    if as_json:
        options.print_json(backup.as_data(file, made))
    else:
        _say(made, key=keys.folder(configuration.base) / keys.PRIVATE)
    return 0


def _settings(file: Path, folder: Path, word: str) -> int:
    made = restoring.unpack_settings(file, folder, passphrase=word)
    click.echo(f"配置已放到 {folder}（{_moment(made)}的备份）。")
    if not word:
        click.echo("密钥没有取出：给口令再来一次，或者自己把 secrets.env 和 data/audit/signing.key 放回去。")
    click.echo(f"下一步：核对 {folder}/office.yaml 里的数据库地址，")
    click.echo(f'再运行 officebot restore "{file}" --config "{folder / "office.yaml"}"')
    return 0


def _moment(made: Manifest) -> str:
    """On the office's wall: the nightly backup is made on the day before by UTC."""
    return f"{datetime.fromisoformat(made.made).astimezone(options.BEIJING):%Y年%m月%d日 %H:%M}"


def _say(made: Manifest, *, key: Path) -> None:
    click.echo(f"已恢复到{_moment(made)}的样子，核对通过：")
    backup.say_figures(made)
    click.echo("备份之后的操作不在里面，这一次恢复已记入留痕。")
    click.echo("请用以前发出去的校验码核对一遍，看少了什么：officebot audit verify --heads 文件")
    if not key.exists():
        click.echo("没有取出签名钥匙：把原来的 data/audit/signing.key 放回去，不然会换一把新的。")
