"""`officebot audit`: check the journal or a bundle, sign a head, take records out with their proofs, change the key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click

from bot import heading
from bot.commands import audit_erase, audit_export, audit_rebuild, audit_words, files, options
from bot.commands import database as databases
from bot.pages.attachments import Cabinet
from bot.proofs import checking, keys, projections, verifier, wording
from bot.proofs.checking import Finding, Journal
from bot.proofs.keys import BadKey
from cards import causes
from config.loader import Configuration
from handlers.audit.heads import Head
from handlers.audit.notes import Verifier

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(help="留痕：核对记录有没有被改过，签发校验码，导出证据包，按留痕重建，按申请删除个人信息。")
def command() -> None:
    pass


command.add_command(audit_rebuild.command)
command.add_command(audit_erase.command)

_VERIFY = (
    "核对本系统的留痕；写了证据包就核对证据包。以前发出去的校验码（群消息、打印单）存成文件用 --heads 给出，"
    "没有它们，有全部权限的人重写一遍是查不出来的。"
)
_ROTATE = "换一把签名钥匙。旧的不能再签，旧校验码照样能核对；换钥匙本身记入留痕。"


@command.command("verify", help=_VERIFY)
@click.argument("bundle", required=False, metavar="[证据包]", type=click.Path(path_type=Path, exists=True))
@click.option("--heads", "heads_file", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="文件",
              help="以前保存的校验码，群里的原话整段存下来就行。")  # fmt: skip
@click.option("--key", "known", multiple=True, metavar="公钥", help="另外得到的公钥（核对证据包时用），可以写几次。")
@click.option("--journal-only", is_flag=True, help="只核对留痕本身，不和事项、台账、附件对照。")
@options.config_option
@options.json_option
def verify(
    bundle: Path | None, heads_file: Path | None, known: Sequence[str], journal_only: bool, config_file: Path,
    as_json: bool,
) -> int:  # fmt: skip
    kept = heads_file.read_text(encoding="utf-8", errors="replace") if heads_file else ""
    if heads_file and not verifier.notes_in(kept):
        raise click.ClickException(f"{heads_file} 里没有完整的校验码。{verifier.WHOLE}")
    if bundle is not None:
        return _bundle(bundle, known, kept, as_json=as_json)
    found, counts, more, names, unread = databases.run(
        _verified(options.configuration(config_file), kept, known, tables=not journal_only)
    )
    if as_json:
        options.print_json(audit_words.as_json(found, counts, more, names=names, unread=unread))
    else:
        click.echo("\n".join(audit_words.report(found, counts, more, names=names, unread=unread)))
    return 1 if found.findings or more else 0


@command.command("head", help="现在签发一个校验码：全部留痕的条数和总指纹，带签名。交给别人保存，以后能查出改动。")
@click.option("-o", "--output", type=_FILE, metavar="文件", help="添到这个文件的末尾；不写就只显示。")
@options.config_option
@options.json_option
def head(output: Path | None, config_file: Path, as_json: bool) -> int:
    configuration = options.configuration(config_file)
    made = databases.run(_head(configuration))
    if output is not None:
        try:
            heading.append(output, made)
        except OSError as error:
            raise click.ClickException(f"写不了 {output}：{causes.why(error)}，没有写入。") from error
    if as_json:
        options.print_json({"size": made.size, "root": made.root.hex(), "at": made.at.isoformat(),
                            "key": made.signer, "note": made.note})  # fmt: skip
        return 0
    click.echo(made.note, nl=False)
    click.echo(f"\n公钥：{keys.public(keys.folder(configuration.base))[-1].text}", err=True)
    return 0


_EXPORT = "导出证据包：记录、证明、校验码、打印单、附件、汇总表（Excel 和 PDF）和核对程序，离开本系统也能核对。"
_REDACT = "遮盖这个栏目，用中文名，如 意见、事由、手机；可以写几次，写“全部”就全部遮盖。其余内容的证明不受影响。"


@command.command("export", help=_EXPORT)
@click.option("--from", "begin", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="从这一天起，如 2026-04-01。")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="到这一天为止（含）。")
@click.option("--item", type=click.IntRange(min=1), metavar="编号", help="只要这一件事项。")
@click.option("--person", metavar="姓名", help="只要这个人的：本人的事项、办理过的、关于本人的。重名的写工号。")
@click.option("--kind", metavar="名称", help="只要这一类事项或者记录，如 用印申请、休假、导出证据包。")
@click.option("--redact", multiple=True, metavar="栏目", help=_REDACT)
@click.option("--heads", "heads_file", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="文件",
              help="对方手里的校验码，证据包里放进和它们对得上的证明。")  # fmt: skip
@click.option("-o", "--output", type=_FILE, required=True, metavar="文件.zip", help="存到。")
@options.config_option
@options.json_option
def export(
    begin: datetime | None, end: datetime | None, item: int | None, person: str | None, kind: str | None,
    redact: Sequence[str], heads_file: Path | None, output: Path, config_file: Path, as_json: bool,
) -> int:  # fmt: skip
    if (begin is None) != (end is None):
        raise click.UsageError("--from 和 --to 要一起写。")
    if item is None and begin is None and not person and not kind:
        raise click.UsageError("写明要什么：--from 和 --to，或者 --item、--person、--kind。")
    if begin and end and end < begin:
        raise click.UsageError("--to 不能早于 --from。")
    kept = heads_file.read_text(encoding="utf-8", errors="replace") if heads_file else ""
    asked = audit_export.Asked(
        item=item or 0, person=person or "", kind=kind or "", span=_span(begin, end) if begin and end else None,
        redact=tuple(redact), kept=kept,
    )  # fmt: skip
    made = databases.run(audit_export.exported(options.configuration(config_file), asked, output))
    data = {"file": str(output), "facts": made.facts, "size": made.head.size, "slips": made.slips,
            "attachments": made.attachments, "manifest_sha256": made.sha256}  # fmt: skip
    if as_json:
        options.print_json(data)
    else:
        click.echo(f"已写出 {output}：{made.facts} 条记录，{made.slips} 份打印单，{made.attachments} 个附件。")
        click.echo("对方核对：解压后运行 python3 verify.py；公钥和校验码请另外给对方。")
    return 0


_GROWN = "两个校验码之间的接续证明：后一个的留痕是从前一个长出来的，前面的没有改过。用证据包里的 verify.py 核对。"


@command.command("grown", help=_GROWN)
@click.argument("first", type=click.IntRange(min=1), metavar="前一个的条数")
@click.argument("second", type=click.IntRange(min=1), metavar="后一个的条数")
@click.option("-o", "--output", type=_FILE, required=True, metavar="文件.json", help="存到。")
@options.config_option
def grown(first: int, second: int, output: Path, config_file: Path) -> int:
    if first > second:
        raise click.UsageError("先写条数少的那个。")
    data = databases.run(audit_export.grown(options.configuration(config_file), first, second))
    files.write(output, json.dumps(data, ensure_ascii=False, indent=1).encode())
    click.echo(f"已写出 {output}。核对：python3 verify.py {output} --key 公钥")
    return 0


@command.command("rotate", help=_ROTATE)
@options.config_option
def rotate(config_file: Path) -> int:
    configuration = options.configuration(config_file)
    try:
        before, signer = keys.rotate(keys.folder(configuration.base))
    except (BadKey, OSError) as error:
        raise click.ClickException("找不到原来的钥匙，或者没有权限。先运行一次 officebot audit head。") from error
    made = databases.run(_head(configuration))
    click.echo(f"已换钥匙：{before.id.hex()} 换成 {signer.verifier.id.hex()}。新公钥：\n{signer.verifier.text}")
    click.echo(f"新钥匙签发的第一个校验码：\n{made.note}", nl=False)
    return 0


def _bundle(bundle: Path, known: Sequence[str], kept: str, *, as_json: bool) -> int:
    try:
        result = verifier.check(verifier.read(bundle), known, kept)
    except (OSError, verifier.Unreadable) as error:
        raise click.ClickException(f"{bundle} 打不开：{error}") from error
    except ValueError as error:
        raise click.ClickException("公钥的格式不对，应是一行：名称+编号+一串字母数字。") from error
    if as_json:
        options.print_json(
            {"ok": not result.bad, "passed": result.good, "wrong": result.bad, "limits": result.limits}
        )
    else:
        click.echo("\n".join(verifier.words(result)))
    return 1 if result.bad else 0


async def _verified(
    configuration: Configuration, kept: str, known: Sequence[str], *, tables: bool
) -> tuple[Journal, dict[str, int], list[Finding], Mapping[str, str], int]:
    """What was found, how much was compared, names for the sentences, and how many heads could not be read."""
    try:
        ours = [*keys.public(keys.folder(configuration.base)), *(Verifier.parse(one) for one in known)]
    except (BadKey, ValueError) as error:
        raise click.ClickException("公钥文件或者 --key 的格式不对。") from error
    given, wrong = checking.given(kept, ours)
    async with databases.opened(configuration) as database:
        url = configuration.settings.database.url.get_secret_value()
        found = await checking.journal(database, url, given, keys=ours)
        counts, more = dict[str, int](), list[Finding]()
        if tables:
            cabinet = Cabinet(configuration.base / "data" / "attachments")
            counts, more = await projections.findings(database, cabinet)
        named = sorted(audit_words.ids([*found.findings, *more]))
        names, _ = await database.read(partial(wording.known, ids=named))
        return found, counts, more, names, wrong + verifier.unread_in(kept)


async def _head(configuration: Configuration) -> Head:
    async with databases.opened(configuration) as database:
        return await audit_export.signed(configuration, database)


def _span(begin: datetime, end: datetime) -> tuple[datetime, datetime]:
    first, last = begin.replace(tzinfo=options.BEIJING), end.replace(tzinfo=options.BEIJING)
    return first, last + timedelta(days=1)
