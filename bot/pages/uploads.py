"""One file from a browser, for one field of a form: looked at, kept, written down; answered with its line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from aiohttp import BodyPartReader, ClientPayloadError, web

from bot.pages import attachments, visit
from bot.pages.attachments import Cabinet, Kept, Unfit
from bot.pages.visit import Front, Visit
from handlers import errors
from handlers.approval.language.form_model import Field, Type
from handlers.approval.papers import files
from handlers.mailroom import gate

log = structlog.get_logger(__name__)

KINDS: Final = (Type.ATTACHMENT, Type.PHOTO)
_MOST_A_DAY: Final = 300


class Uploads:
    """For the pages that take files."""

    def __init__(self, front: Front, cabinet: Cabinet) -> None:
        self._front = front
        self._cabinet = cabinet

    async def take(self, request: web.Request, seen: Visit, one: Field | None, name: str) -> web.StreamResponse:
        """The line of the file, or a line that says why not. Raises BadRequest for what no page of ours sends."""
        if one is None or one.type not in KINDS or not request.content_type.startswith("multipart/"):
            raise errors.BadRequest("bad_action")
        try:
            kept = await self._kept(request, seen, one)
        except Unfit as unfit:
            log.info("file.unfit", why=unfit.code)
            if unfit.code == "marked":
                unfit = Unfit("marked", await self._front.marked(request, seen, unfit.limit, where="file"))
            return visit.render(request, "file_refused.html", {"unfit": unfit}, visit=seen)
        person = seen.person.id
        file = files.File(id=kept.id, name=kept.name, size=kept.size, type=kept.type, person=person, at=seen.now)
        await self._front.database.write(lambda tx: files.add(tx, file))
        sealed = attachments.note(kept, person=seen.person.id, key=self._front.key)
        return visit.render(request, "file.html", {"file": kept, "note": sealed, "name": name}, visit=seen)

    async def _kept(self, request: web.Request, seen: Visit, one: Field) -> Kept:
        today = seen.now - timedelta(days=1)
        number = await self._front.database.read(lambda tx: files.count_since(tx, seen.person.id, today))
        if number >= _MOST_A_DAY:
            raise Unfit("too_many", str(_MOST_A_DAY))
        try:
            part = await (await request.multipart()).next()
            if not isinstance(part, BodyPartReader):
                raise errors.BadRequest("bad_action")
            phrases = self._front.office().marked_phrases
            if rule := gate.found_in_name(part.filename or "", phrases):
                raise Unfit("marked", rule)
            photo = one.type is Type.PHOTO  # in whatever format a phone's camera writes
            return await self._cabinet.take(
                part.filename or "", _chunks(part), most_mb=one.max_mb, kinds=() if photo else one.kinds, photo=photo,
                marked=partial(gate.first, phrases=phrases),
            )  # fmt: skip
        except (ValueError, AssertionError, web.HTTPException, ClientPayloadError) as error:
            # how aiohttp says that the body ends before its own end
            log.info("file.broken_off", error=type(error).__name__)
            raise Unfit("broken_off") from None


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    """Raises ValueError where the part does not come to its end."""
    while chunk := await part.read_chunk(1 << 16):
        yield chunk
    if not part.at_eof():
        raise ValueError("the body ends early")
