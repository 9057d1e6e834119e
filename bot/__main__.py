"""`python -m bot <command>`, also installed as `officebot`: reads arguments, nothing else.

A command is a module in `bot/commands/` with a `command`, and a line in the table below. It is imported when it is
called, so that `officebot check` does not pay for the web server.
"""

from __future__ import annotations

import codecs
import gc
import io
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from bot.commands import words
from cards import causes
from config.problems import ConfigInvalid, guess

# name -> module, and the line that `officebot --help` shows
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("bot.commands.demo", "在本机演示，不用任何账号"),
    "init": ("bot.commands.init", "写出一份带说明的配置，从它开始"),
    "check": ("bot.commands.check", "检查配置、表单、休假办法和工作日历，一次列出所有问题"),
    "doctor": ("bot.commands.doctor", "逐项检查运行环境，说明怎么修"),
    "migrate": ("bot.commands.migrate", "把数据库的表更新到这一版"),
    "people": ("bot.commands.people", "导入人员表，同步平台通讯录，查看名单"),
    "leave": ("bot.commands.leave", "休假：核对算例，查余额，解释每个数字"),
    "form": ("bot.commands.form", "表单：检查、演练、回放，新写一份"),
    "handover": ("bot.commands.handover", "离职交接：待办审批交给另一个人，可先预览"),
    "item": ("bot.commands.item", "单个事项：打印单"),
    "calendar": ("bot.commands.calendar", "会议室和车辆的占用，日历订阅地址，一年的放假安排"),
    "audit": ("bot.commands.audit", "留痕：核对有没有被改过，签发校验码，导出证据包"),
    "backup": ("bot.commands.backup", "备份到一个文件并核对，服务不用停"),
    "restore": ("bot.commands.restore", "把备份恢复到空的地方并核对"),
    "move": ("bot.commands.move", "把数据库搬到另一个地址并核对"),
    "serve": ("bot.commands.serve", "运行服务"),
    "status": ("bot.commands.status", "问运行中的服务：有没有要处理的事"),
    "sandbox": ("bot.commands.sandbox", "单独运行一个平台的沙箱"),
    "probe": ("bot.commands.probe", "试一次粤政易会发哪几种消息"),
    "decode": ("bot.commands.decode", "把一条原始回调翻译成明文，或说出被拒绝的原因"),
    "bench": ("bot.commands.bench", "在本机实测性能，和本机的极限相比"),
    "faults": ("bot.commands.faults", "故障演练：反复强行结束服务，再和不出故障的一遍逐项对比"),
}


class Commands(click.Group):
    """A group whose commands are imported one by one, at the moment of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        gc.disable()  # what is imported stays: looking for garbage meanwhile takes a fifth of a start
        try:
            command = import_module(COMMANDS[cmd_name][0]).command
        finally:
            gc.enable()
        assert isinstance(command, click.Command)
        return words.in_chinese(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            meant = guess(args[0], COMMANDS)
            advice = f"是不是想输入 {meant}？" if meant else "运行 officebot --help 看有哪些命令。"
            raise click.UsageError(f"没有「{args[0]}」这个命令。{advice}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=Commands, help="机关审批、请假、通知和留痕，用在钉钉、企业微信、云之家和粤政易里。")
@click.version_option(package_name="officebot", message="officebot %(version)s", help="显示版本。")
def officebot() -> None:
    pass


words.in_chinese(officebot)


def main(arguments: Sequence[str] | None = None) -> None:
    """Exits with 0, 1 for problems of the office, 2 for a command that is not understood; never with a traceback
    for what an administrator can mend."""
    _speakable()
    sys.exit(run(arguments))


def _speakable() -> None:
    """A terminal whose character set has no ✓, or no Chinese at all (an `ascii` forced from outside), stops nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            ascii_only = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding="utf-8" if ascii_only else stream.encoding, errors="replace")


def run(arguments: Sequence[str] | None = None) -> int:
    """As `main`, but returns the exit status."""
    try:
        result = officebot.main(arguments, prog_name="officebot", standalone_mode=False)
    except click.UsageError as error:
        click.echo(words.usage(error), err=True)
        return 2
    except click.ClickException as error:
        click.echo(f"错误：{error.format_message()}", err=True)
        return 1
    except click.Abort:
        click.echo("已中断。", err=True)
        return 130
    except ConfigInvalid as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        click.echo(f"配置有 {len(error.problems)} 个问题，没有启动。", err=True)
        return 1
    except Exception as error:
        # A disk, a port or a database that is not as it should be is nobody's mistake in here: said, and not traced.
        if not (said := causes.sentence(error)):
            raise
        click.echo(f"错误：{said}", err=True)
        return 1
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
