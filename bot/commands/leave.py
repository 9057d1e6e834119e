"""`officebot leave`: the ledger's answers, and worked cases run against its rules."""

from __future__ import annotations

import click

from bot.commands import leave_answers, leave_cases, leave_preview, leave_sheet, leave_year


@click.group(help="休假：核对算例，查余额，解释每个数字的由来。")
def command() -> None:
    pass


for _one in (
    leave_cases.command,
    leave_preview.command,
    leave_answers.balance,
    leave_answers.explain,
    leave_year.adjust,
    leave_year.year_end,
    leave_year.rerate,
    leave_year.forfeit,
    leave_sheet.command,
):
    command.add_command(_one)
