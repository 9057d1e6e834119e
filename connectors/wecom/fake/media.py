"""Files: three days, by kind and size (wecom.md 11.5)."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from aiohttp import web

from connectors.sandbox.phones import MessageKind
from connectors.wecom.fake.world import Call, Refusal, World, refuse_unless

_LIFE = timedelta(days=3)
_MEGABYTE = 1024 * 1024
# kind -> (largest, too big, endings or any)
_KINDS: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "image": (10 * _MEGABYTE, 40009, (".jpg", ".jpeg", ".png")),
    "voice": (2 * _MEGABYTE, 40010, (".amr",)),
    "video": (10 * _MEGABYTE, 40011, (".mp4",)),
    "file": (20 * _MEGABYTE, 40006, ()),
}
_VIEWS: dict[str, MessageKind] = {"image": "image", "voice": "voice", "video": "video", "file": "file"}


@dataclass(frozen=True, slots=True)
class Stored:
    id: str
    kind: str
    name: str
    data: bytes
    until: datetime

    @property
    def view(self) -> MessageKind:
        return _VIEWS[self.kind]


class MediaStore:
    def __init__(self, world: World) -> None:
        self._world = world
        self._files: dict[str, Stored] = {}

    async def upload(self, call: Call) -> dict[str, Any]:
        kind = call.query.get("type", "")
        refuse_unless(kind in _KINDS, "invalid media type", 40004)
        refuse_unless("media" in call.files, "missing media", 41005)
        name, data = call.files["media"]
        largest, too_big, endings = _KINDS[kind]
        refuse_unless(name, "a file needs a name", 44001)
        refuse_unless(len(data) > 5, "media is empty", 44001)
        refuse_unless(len(data) <= largest, "media too big", too_big)
        refuse_unless(not endings or name.lower().endswith(endings), "wrong kind of file", 40005)
        stored = self.keep(kind, name, data)
        created = str(int(self._world.clock.now().timestamp()))
        return {"type": kind, "media_id": stored.id, "created_at": created}

    def keep(self, kind: str, name: str, data: bytes) -> Stored:
        """For uploads and for what members send."""
        stored = Stored(self._world.number("media"), kind, name, data, self._world.clock.now() + _LIFE)
        self._files[stored.id] = stored
        return stored

    def find(self, media_id: str) -> Stored:
        found = self._files.get(media_id)
        if found is None or found.until <= self._world.clock.now():
            raise Refusal(40007, "invalid media_id")
        return found

    def kept(self, media_id: str) -> Stored:
        """For the page that draws the phones, which shows what was once there; raises LookupError."""
        return self._files[media_id]

    async def get(self, call: Call) -> web.Response:
        found = self.find(call.query.get("media_id", ""))
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        named = {"Content-Disposition": f'attachment; filename="{quote(found.name)}"'}
        return web.Response(body=found.data, content_type=kind, headers=named)
