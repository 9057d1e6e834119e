"""Re-reading what a push of the smart approval hinted at (`yunzhijia.md` 5.3): the platform's word, not the push's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.contract import NativeApproval
from connectors.yunzhijia.client import Client

_BASE: Final = "/gateway/workflow/form/thirdpart/"
_STATES: Final = {
    "RUNNING": "running", "SUSPEND": "running", "FINISH": "approved", "DISAGREE": "rejected", "RETURNED": "returned",
    "TOSUBMIT": "returned", "ABANDON": "gone", "DELETE": "gone",
}  # fmt: skip
Row = Mapping[str, Any]


class Approvals:
    """Scope `team`. Whoever holds that secret can approve as anybody: nothing here decides, it only looks."""

    def __init__(self, client: Client, *, base: str) -> None:
        self._client, self._base = client, base

    async def native(self, flow: str) -> NativeApproval:
        """State, form and whose turn it is; three questions, because no answer has all of it."""
        state = _STATES.get(await self._status(flow), "running")
        basic, form = await self._form(flow)
        ids = [str(basic.get(name) or "") for name in ("formDefId", "formInstId")]
        link = f"{self._base}/cloudflow-mobile/approval/{'/'.join([*ids, flow])}" if all(ids) else ""
        title = _value(form, "_S_TITLE") or str(basic.get("title") or "")
        return NativeApproval(
            id=flow, title=title, state=state, applicant=_value(form, "_S_APPLY"), url=link,
            waiting=await self._waiting(flow) if state == "running" else (),
        )  # fmt: skip

    async def _status(self, flow: str) -> str:
        data = await self._read("getFlowStatus", {"flowInstId": flow})
        return str(data.get("status", "") if isinstance(data, Mapping) else data or "")

    async def _form(self, flow: str) -> tuple[Row, Row]:
        """`basicInfo` and the widgets by their code."""
        data = await self._read("viewFormInstByFlowInstId", {"flowInstId": flow})
        data = data if isinstance(data, Mapping) else {}
        return _object(data.get("basicInfo")), _object(_object(data.get("formInfo")).get("widgetMap"))

    async def _waiting(self, flow: str) -> tuple[str, ...]:
        """`currentApprovers` of the flow: the oids of those who must decide now."""
        data = await self._read("findFlows", {"flowInstIds": [flow], "pageNumber": 1, "pageSize": 1})
        rows = data.get("list") if isinstance(data, Mapping) else data
        first = _object(rows[0]) if isinstance(rows, list) and rows else {}
        people = first.get("currentApprovers")
        found = [str(_object(one).get("oid") or "") for one in people] if isinstance(people, list) else []
        return tuple(one for one in found if one)

    async def _read(self, name: str, asked: Mapping[str, Any]) -> Any:
        return (await self._client.call("team", f"{_BASE}{name}", json=asked)).get("data")


def _value(widgets: Row, code: str) -> str:
    """The text of a widget, or the first of the ids of a person widget."""
    found = _object(widgets.get(code)).get("value")
    if isinstance(found, list):
        found = found[0] if found else ""
    return str(found or "")


def _object(value: Any) -> Row:
    return value if isinstance(value, Mapping) else {}
