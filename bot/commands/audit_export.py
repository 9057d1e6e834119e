"""What `officebot audit export` and `audit grown` do: words of the command line into a wish, a head, a file."""

from __future__ import annotations

import secrets
import sys
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from bot import office as offices
from bot.commands import database as databases
from bot.commands import options
from bot.database.open import OpenDatabase
from bot.pages.attachments import Cabinet
from bot.pages.printed import NoFont
from bot.proofs import bundle, bundling, keys, redaction, scope, verifier
from bot.proofs.bundling import Source
from bot.proofs.keys import BadKey
from bot.proofs.redaction import Unknown
from bot.proofs.scope import Wish
from bot.sealing import NotOurs, Sealer
from config.loader import Configuration
from connectors.clock import SystemClock
from handlers.audit.facts import Origin
from handlers.audit.heads import Broken, Head
from handlers.audit.sealing import Moved
from handlers.context import Office
from handlers.people.directory import Person
from handlers.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """As it was typed; `kept` is the text of a file with heads."""

    item: int
    person: str
    kind: str
    span: tuple[datetime, datetime] | None
    redact: tuple[str, ...]
    kept: str


async def exported(configuration: Configuration, asked: Asked, output: Path) -> bundling.Made:
    """Raises ClickException with what to do."""
    office = offices.build(configuration)
    async with databases.opened(configuration) as database:
        wish = await database.read(partial(_wish, asked=asked, office=office))
        head = await signed(configuration, database)
        source = Source(
            database=database, office=office, folder=keys.folder(configuration.base),
            cabinet=Cabinet(configuration.base / "data" / "attachments"), now=options.now(),
            trace=secrets.token_hex(8),
        )  # fmt: skip
        draft = output.with_name(f".{output.name}.part")
        try:
            made = await _made(source, wish, head=head, into=draft, kept=asked.kept)
            if not made.facts:
                raise click.ClickException("这个范围里没有记录。")
            what = wish.words(office)
            await database.write(
                partial(
                    bundling.exported, made=made, what=what, redacted=wish.redact, origin=Origin(door="command"),
                    now=options.now(),
                )
            )  # fmt: skip
            draft.replace(output)
        except OSError as error:
            raise click.ClickException(f"{output} 写不进去（{error.strerror}）。") from error
        finally:
            draft.unlink(missing_ok=True)
    return made


async def grown(configuration: Configuration, first: int, second: int) -> dict[str, Any]:
    async with databases.opened(configuration) as database:
        known = keys.public(keys.folder(configuration.base))
        try:
            return await database.read(partial(bundle.growth, first=first, second=second, keys=known))
        except LookupError as error:
            raise click.ClickException(f"没有 {error.args[0]} 条时签发的校验码，条数写在校验码的第二行。") from error


async def signed(configuration: Configuration, database: OpenDatabase) -> Head:
    """A head of what is there now. Raises ClickException."""
    sealer = Sealer(database, SystemClock(), keys.folder(configuration.base), second=configuration.settings.audit.sm3)
    try:
        return await sealer.head()
    except (BadKey, OSError) as error:
        raise click.ClickException("签名钥匙读不了或写不了，检查 data/audit 的权限。") from error
    except (Broken, LookupError) as error:
        raise click.ClickException("留痕和上一个校验码对不上，没有签发。先运行 officebot audit verify。") from error
    except (NotOurs, Moved) as error:
        raise click.ClickException("另一个实例正在封存，稍后再试。") from error
    finally:
        await sealer.release()


async def _made(source: Source, wish: Wish, *, head: Head, into: Path, kept: str) -> bundling.Made:
    sizes = verifier.sizes_in(kept)
    with click.progressbar(length=1, label="取出记录", file=sys.stderr) as bar:

        def progress(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        try:
            return await bundling.make(source, wish, head=head, into=into, sizes=sizes, progress=progress)
        except LookupError as error:
            if wish.item:
                raise click.ClickException(f"没有{wish.item}号事项，请核对编号。") from error
            raise click.ClickException("封存的指纹缺了，做不出证明。先运行 officebot audit verify。") from error
        except NoFont as error:
            raise click.ClickException("安装里缺字体文件，做不出打印单。") from error


async def _wish(tx: Transaction, asked: Asked, office: Office) -> Wish:
    try:
        codes = redaction.codes(asked.redact, office)
    except Unknown as error:
        near = f"是不是 {'、'.join(error.near)}？" if error.near else "用页面或汇总表上的中文栏目名。"
        raise click.ClickException(f"没有叫“{error.word}”的栏目。{near}") from error
    kind = scope.kind_called(asked.kind, office) if asked.kind else ""
    if kind is None:
        raise click.ClickException(f"没有叫“{asked.kind}”的事项或记录类型。写模板的名称，如 用印申请。")
    person = await _person(tx, asked.person) if asked.person else None
    return Wish(item=asked.item, person=person, kind=kind, span=asked.span, redact=codes, redact_words=asked.redact)


async def _person(tx: Transaction, word: str) -> Person:
    """By name, number or id, leavers too."""
    found = await scope.people_called(tx, word)
    if not found:
        raise click.ClickException(f"没有叫“{word}”的人，写姓名或工号。")
    if len(found) > 1:
        numbers = "、".join(one.staff_no or one.id for one in found)
        raise click.ClickException(f"有 {len(found)} 个人叫“{word}”，写工号：{numbers}。")
    return found[0]
