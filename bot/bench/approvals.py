"""Approvals begun and decided, both durable, beside SpiffWorkflow with its state in SQLite (FULL).

The workflow engine keeps one user task of one process and nothing else: no form, no balance, no ledger, no journal, no
card. It comes with the development dependencies; where it is not installed there is nothing to compare with.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

from bot.app import Service
from bot.bench import office
from bot.bench.figures import Figure, beside, middle
from bot.bench.office import DAYS, Crowd
from bot.bench.plan import Plan
from bot.bench.running import Failed

_ROUNDS: Final = 5
_PROCESS: Final = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench">
<process id="slip" isExecutable="true">
  <startEvent id="asked"/><sequenceFlow id="first" sourceRef="asked" targetRef="decide"/>
  <userTask id="decide" name="decide"/><sequenceFlow id="second" sourceRef="decide" targetRef="over"/>
  <endEvent id="over"/>
</process></definitions>"""


def measure(plan: Plan) -> list[Figure]:
    """In turn, on the same disk: a round of theirs, a round of ours. A slip begins when it is submitted."""
    rates: dict[str, list[float]] = {"peer": [], "own": []}
    asyncio.run(_rounds(plan, rates))
    own = middle("approvals.own", rates["own"], "per_s")
    if not rates["peer"]:
        return [own]
    peer = middle("approvals.peer", rates["peer"], "per_s")
    return [peer, beside(own, peer)]


async def _rounds(plan: Plan, rates: dict[str, list[float]]) -> None:
    folder, crowd = plan.folder / "approvals", Crowd(people=plan.size(300, 6))
    office.furnish(folder, crowd, url=f"sqlite://{folder}/office.db")
    service, peer = await office.opened(folder), _peer(folder)
    try:
        for number, day in enumerate(DAYS[: plan.size(_ROUNDS, 1)]):
            plan.tell("approvals.own", number, _ROUNDS)
            if peer is not None:
                rates["peer"].append(await asyncio.to_thread(peer.rate, crowd.people))
            rates["own"].append(await _rate(service, crowd, day))
        approved = await office.count(service, "SELECT COUNT(*) AS n FROM item WHERE state = 'approved'")
    finally:
        await service.stop()
    if approved != len(rates["own"]) * crowd.people:
        raise Failed(f"{approved} slips are approved")


async def _rate(service: Service, crowd: Crowd, day: str) -> float:
    drafts = await office.drafted(service, crowd, day)
    begun = time.perf_counter()
    await office.decided(service, crowd, await office.submitted(service, crowd, drafts))
    return crowd.people / (time.perf_counter() - begun)


def _peer(folder: Path) -> Peer | None:
    try:
        return Peer(folder / "peer.db")
    except ModuleNotFoundError:
        return None


class Peer:
    """SpiffWorkflow as its own examples keep a workflow between two acts: serialised, in a row. Raises
    ModuleNotFoundError where it is not installed."""

    def __init__(self, file: Path) -> None:
        from lxml import etree
        from SpiffWorkflow.bpmn import BpmnWorkflow
        from SpiffWorkflow.bpmn.parser import BpmnParser
        from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
        from SpiffWorkflow.util.task import TaskState

        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(_PROCESS))
        self._new = partial(BpmnWorkflow, parser.get_spec("slip"))
        self._serializer: Any = BpmnWorkflowSerializer()
        self._ready: Any = TaskState.READY
        self._file = file

    def rate(self, number: int) -> float:
        """Approvals a second, one after the other, each with a commit when it begins and one when it is decided."""
        with closing(sqlite3.connect(self._file, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            database.execute("CREATE TABLE IF NOT EXISTS workflow (id INTEGER PRIMARY KEY, state TEXT)")
            begun = time.perf_counter()
            for _ in range(number):
                self._decide(database, self._begin(database))
            return number / (time.perf_counter() - begun)

    def _begin(self, database: sqlite3.Connection) -> int:
        workflow = self._new()
        workflow.do_engine_steps()
        state = self._serializer.serialize_json(workflow)
        return database.execute("INSERT INTO workflow (state) VALUES (?)", (state,)).lastrowid or 0

    def _decide(self, database: sqlite3.Connection, number: int) -> None:
        (state,) = database.execute("SELECT state FROM workflow WHERE id = ?", (number,)).fetchone()
        workflow = self._serializer.deserialize_json(state)
        (task,) = workflow.get_tasks(state=self._ready, manual=True)
        task.data["approved"] = True
        task.run()
        workflow.do_engine_steps()
        if not workflow.is_completed():
            raise Failed("the workflow engine has not decided")
        state = self._serializer.serialize_json(workflow)
        database.execute("UPDATE workflow SET state = ? WHERE id = ?", (state, number))
