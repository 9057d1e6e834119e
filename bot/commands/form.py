"""`officebot form`: check, list, rehearse, compare and begin form files."""

from __future__ import annotations

import click

from bot.commands import form_files, form_new, form_replay, form_simulate


@click.group(help="表单：检查、演练、回放，新写一份。")
def command() -> None:
    pass


for _one in (form_files.listing, form_files.check, form_new.command, form_simulate.command, form_replay.command):
    command.add_command(_one)
