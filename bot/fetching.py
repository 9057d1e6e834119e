"""A file that somebody sent in the chat: fetched from the platform, looked at, kept, and handed to its item.

Outside of any transaction until the content is on the disk; the act, the end of the due row and the answer are one.
"""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from bot.pages.attachments import Cabinet, Kept, Unfit
from cards import attaching as words
from cards import desk as desk_cards
from cards.model import Text
from connectors.clock import Clock
from connectors.contract import Connector, Media
from connectors.errors import PlatformBusy, PlatformError
from handlers.approval import store
from handlers.approval.language import book
from handlers.approval.language.form_model import Field, Type
from handlers.approval.papers import files
from handlers.approval.talk import attaching
from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.errors import RuleError
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.transaction import Database, Transaction

log = structlog.get_logger(__name__)

_MOST_A_DAY: Final = 300
_MOST_MB: Final = 20
_KINDS: Final = (
    "pdf", "ofd", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et", "txt", "csv", "jpg", "jpeg", "png", "gif",
    "webp", "heic", "zip",
)  # fmt: skip
"""What may be handed in where no field of a form says."""
_PIECE: Final = 1 << 16


class Fetcher:
    """`on_due` is the job for rows of `attaching.FETCH`."""

    def __init__(
        self,
        database: Database,
        connectors: Mapping[str, Connector],
        cabinet: Cabinet,
        clock: Clock,
        office: Callable[[], Office],
    ) -> None:
        self._database, self._connectors, self._cabinet = database, connectors, cabinet
        self._clock, self._office = clock, office

    async def on_due(self, row: Due) -> None:
        connector = self._connectors.get(row.payload["account"])
        if connector is None:  # the account was taken out of office.yaml
            await self._database.write(partial(due.finish, due=row))
            return
        try:
            kept = await self._kept(connector, row)
        except PlatformBusy as busy:
            await self._database.write(partial(due.later, due=row, error=busy.code, now=self._clock.now()))
            return
        except PlatformError as error:
            log.warning("file.not_fetched", account=connector.account, code=error.code)
            await self._told(row, words.unfit("gone"))
            return
        except Unfit as unfit:
            log.info("file.unfit", why=unfit.code)
            await self._told(row, words.unfit(unfit.code, unfit.limit))
            return
        try:
            await self._database.write(partial(self._attached, row, kept))
        except RuleError as refused:
            await self._told(row, desk_cards.refusal(refused.code, refused.circumstances))

    async def _kept(self, connector: Connector, row: Due) -> Kept:
        """Raises PlatformError, Unfit."""
        today = self._clock.now() - timedelta(days=1)
        number = await self._database.read(lambda tx: files.count_since(tx, row.payload["person"], today))
        if number >= _MOST_A_DAY:
            raise Unfit("too_many", str(_MOST_A_DAY))
        one = await self._database.read(partial(_field, row=row))
        media = await connector.download(row.payload["media"])
        name = _named(row.payload["name"] or media.name, media, row.payload["kind"])
        photo = one is not None and one.type is Type.PHOTO
        return await self._cabinet.take(
            name, _pieces(media.data), most_mb=one.max_mb if one else _MOST_MB,
            kinds=() if photo else one.kinds if one else _KINDS, photo=photo,
        )  # fmt: skip

    async def _attached(self, row: Due, kept: Kept, tx: Transaction) -> None:
        if not await due.finish(tx, row):
            return
        ctx = self._context(tx, row)
        person = await directory.load(tx, row.payload["person"])
        if person is None or not person.active:
            return
        await files.add(
            tx, files.File(id=kept.id, name=kept.name, size=kept.size, type=kept.type, person=person.id, at=ctx.now)
        )
        text = await attaching.brought(ctx, person, row.payload["data"], kept.id, name=kept.name)
        await _say(ctx, row, text)

    async def _told(self, row: Due, text: str) -> None:
        """The row is done: whoever sent the file knows why nothing came of it."""

        async def unit(tx: Transaction) -> None:
            if await due.finish(tx, row):
                await _say(self._context(tx, row), row, text)

        await self._database.write(unit)

    def _context(self, tx: Transaction, row: Due) -> Context:
        origin = Origin(
            person=row.payload["person"], account=row.payload["account"], door="file", trace=row.payload["trace"]
        )
        return Context(tx=tx, now=self._clock.now(), trace=origin.trace, origin=origin, office=self._office())


async def _field(tx: Transaction, row: Due) -> Field | None:
    """The field of the form for which the file is evidence."""
    key = row.payload["data"].get("evidence")
    item = await store.load(tx, row.payload["data"]["item"]) if key else None
    form = await book.of_version(tx, item.form_version) if item else None
    return form.fields.get(key) if form and key else None


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(data), _PIECE):
        yield data[begin : begin + _PIECE]


_PICTURES: Final = ((b"\xff\xd8\xff", ".jpg"), (b"\x89PNG", ".png"), (b"GIF8", ".gif"), (b"RIFF", ".webp"))


def _named(name: str, media: Media, kind: str) -> str:
    """Platforms send pictures without a name, and often as a mere stream of octets."""
    if name and "." in name:
        return name
    guessed = mimetypes.guess_extension(media.content_type.partition(";")[0].strip()) or ""
    ending = next((ending for begin, ending in _PICTURES if media.data.startswith(begin)), guessed)
    return f"{name or ('照片' if kind == 'image' else '文件')}{ending}"


async def _say(ctx: Context, row: Due, text: str) -> None:
    person = await directory.load(ctx.tx, row.payload["person"])
    where = await directory.reach(ctx.tx, person) if person else None
    if where is not None:
        await outbox.post(ctx.tx, Letter(to=where, message=Text(text), key=f"{row.key}:said"), now=ctx.now)
