"""Re-reading what a push of the smart approval hinted at (`yunzhijia.md` 5.3): the platform's word, not the push's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.yunzhijia.client import Client

_BASE = "/gateway/workflow/form/thirdpart/"


class Approvals:
    """Scope `team`. Whoever holds that secret can approve as anybody: nothing here decides, it only looks."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def status(self, flow: str) -> str:
        """RUNNING, FINISH, DISAGREE, RETURNED, ... of one flow instance."""
        answer = await self._client.call("team", f"{_BASE}getFlowStatus", json={"flowInstId": flow})
        data = answer.get("data")
        return str(data.get("status", "") if isinstance(data, Mapping) else data or "")

    async def waiting_for(self, flow: str) -> Sequence[Mapping[str, Any]]:
        """`{oid, name, taskId}` of those who must decide now."""
        body = {"flowInstIds": [flow], "pageNumber": 1, "pageSize": 1}
        answer = await self._client.call("team", f"{_BASE}findFlows", json=body)
        data = answer.get("data")
        rows = data.get("list") if isinstance(data, Mapping) else data
        first = rows[0] if isinstance(rows, list) and rows else {}
        found: list[Mapping[str, Any]] = first.get("currentApprovers") or []
        return found
