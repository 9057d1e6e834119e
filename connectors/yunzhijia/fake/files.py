"""The file service (8): real multipart, the token in a header, its own secret; an id per upload."""

from __future__ import annotations

from typing import Any

from aiohttp import BodyPartReader, web

from connectors.yunzhijia.fake.world import Refusal, World

_KEY = "cloudflow"


class FileService:
    def __init__(self, world: World) -> None:
        self._world = world
        self.kept: dict[str, tuple[str, bytes]] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/docrest/doc/file/uploadfile", self.upload),
            web.get("/docrest/doc/user/downloadfile", self.download),
        ]

    async def upload(self, request: web.Request) -> web.Response:
        try:
            self._check(request)
            return web.json_response(await self._taken(request))
        except Refusal as no:
            return self._refused("uploadfile", no)

    async def _taken(self, request: web.Request) -> dict[str, Any]:
        if not request.content_type.startswith("multipart/form-data"):
            raise Refusal(1001, "应使用 multipart/form-data")
        fields: dict[str, bytes] = {}
        name = ""
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            fields[part.name or ""] = bytes(await part.read())
            name = part.filename or name
        if fields.get("bizkey") != _KEY.encode() or not fields.get("file") or not name:
            raise Refusal(1001, "param error: bizkey, file")
        id_ = self._world.number("file")
        self.kept[id_] = (name, fields["file"])
        row = {"fileId": id_, "fileName": name, "fileType": name.rpartition(".")[2], "length": len(fields["file"])}
        self._world.note("in", "uploadfile", "200", {"fileName": name}, answer=row)
        return {"success": True, "errorCode": 100, "error": None, "data": [row]}

    async def download(self, request: web.Request) -> web.Response:
        try:
            self._check(request)
            if request.query.get("bizkey") != _KEY or (found := self.kept.get(request.query.get("fileId", ""))) is None:
                raise Refusal(1404, "文件不存在")
        except Refusal as no:
            return self._refused("downloadfile", no)
        self._world.note("in", "downloadfile", "200", dict(request.query))
        return web.Response(body=found[1], content_type="application/octet-stream")

    def _check(self, request: web.Request) -> None:
        self._world.check(request.headers.get("x-accessToken", ""), "resGroupSecret", secret="files")

    def _refused(self, name: str, no: Refusal) -> web.Response:
        self._world.note("in", name, str(no.code), "")
        return web.json_response({"success": False, "errorCode": no.code, "error": no.words, "data": None})
