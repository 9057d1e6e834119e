"""Items, stand-ins, files and forms in force out of the journal: what the tables show must be what it says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from handlers.approval import engine, facts, store
from handlers.approval.engine import Decision, Request, Step, Verb
from handlers.audit.log import Recorded
from handlers.audit.projecting import ERASED, Rows, Rules, Table, at_ms

OPENED: Final = facts.ItemOpened.KIND
"""The fact with which an item is in the journal; its subject has all others."""

_ROUTES: Final = frozenset({facts.ItemOpened.KIND, facts.ItemReopened.KIND})
_CONTENTS: Final = frozenset({*_ROUTES, facts.ItemAmended.KIND})
_NUMBER: Final = {"id": "the row's own number"}
_ENGINE: Final = ("state", "version", "current", "route_json", "rest_json")

TABLES: Final = (
    Table(
        name="item",
        key=("id",),
        columns=("number", "form", "form_version", "applicant", *_ENGINE, "fields_json", "created_ms", "changed_ms"),
        rows="number > 0",
        json=frozenset({"fields_json", "rest_json"}),
    ),
    Table(
        name="decision",
        key=("item", "place"),
        columns=("step", "person", "act", "on_behalf", "opinion", "detail", "at_ms"),
        beside={**_NUMBER, "account": "empty: the fact's own account says it"},
        rows="item IN (SELECT id FROM item WHERE number > 0)",
        json=frozenset({"detail"}),
        placed="item",
    ),
    Table(
        name="waiting",
        key=("item", "person"),
        columns=(),
        beside={**_NUMBER, "principal": "stand-ins follow the clock", "since_ms": "the order of a list"},
        rows="principal = ''",
    ),
    Table(
        name="proxy",
        key=("id",),
        columns=("principal", "proxy", "begin_ms", "end_ms", "forms", "source", "ended_ms", "given_ms"),
    ),
    Table(
        name="attachment",
        key=("hash", "person", "name"),
        columns=("size", "type"),
        beside={**_NUMBER, "at_ms": "moves when the same file is handed in once more"},
        more=True,  # what was handed in and never submitted is in no journal
    ),
    Table(name="attachment_use", key=("hash", "item"), columns=(), beside=_NUMBER, more=True),  # drafts use files too
    Table(name="form_release", key=("form",), columns=("version", "set_aside", "waiting", "person", "at_ms")),
)


def item(rows: Rows, recorded: Iterable[Recorded]) -> None:
    """The rows of one item from all facts about it, in their order."""
    told = list(recorded)
    opened = next((row for row in told if row.kind == OPENED), None)
    if opened is None:
        return
    # What was erased may have been what the route went by: then the decisions cannot be gone through again.
    request = None if any("detail" in row.erased for row in told) else rebuilt(told)
    rows.put("item", {**_opened(opened), **_engine(request, told), **_fields(told)})
    if request is None:
        return
    for place, decision in enumerate(request.decisions, 1):
        rows.put("decision", {"item": opened.subject, "place": place, **_decision(decision, told)})
    for person in engine.waiting_for(request):
        since = at_ms(told[-1])
        rows.put("waiting", {"item": opened.subject, "person": person, "principal": "", "since_ms": since})


def rebuilt(recorded: Iterable[Recorded]) -> Request | None:
    """The request that these facts of one item lead to, as `engine.replay` gives it; None for an item never submitted.

    Raises KeyError, ValueError or TypeError where the detail of a decision was erased.
    """
    rows = list(recorded)
    opened = next((row for row in rows if row.kind == facts.ItemOpened.KIND), None)
    if opened is None:
        return None
    draft = Request(id=opened.subject, applicant=opened.data["applicant"], unattended=opened.data.get("unattended", ""))
    return engine.replay(draft, _history(rows))


def _history(rows: Iterable[Recorded]) -> Iterator[Decision | tuple[Step, ...]]:
    for row in rows:
        if row.kind in _ROUTES and row.data["route"]:
            yield store.load_steps(json.dumps(row.data["route"]))
        elif row.kind == facts.StepDecided.KIND and row.data["verb"] != Verb.DISCARD:
            yield store.decision_of(_whole(row).data, at=row.effective)


def _whole(row: Recorded) -> Recorded:
    """With an empty opinion where it was erased: nothing in the course of an item depends on the words."""
    return replace(row, data={**row.data, "opinion": ""}) if "opinion" in row.erased else row


def _opened(fact: Recorded) -> dict[str, Any]:
    told = {name: fact.data[name] for name in ("number", "form", "form_version", "applicant")}
    return {"id": fact.subject, **told, "created_ms": fact.data.get("created_ms") or ERASED}


def _engine(request: Request | None, told: Sequence[Recorded]) -> dict[str, Any]:
    changed = max(at_ms(row) for row in told if row.kind in _CONTENTS or row.kind == facts.StepDecided.KIND)
    if request is None:
        last = [row for row in told if row.kind == facts.StepDecided.KIND][-1]
        said = {"state": last.data["state"], "version": last.data["version"]}
        return {**dict.fromkeys(_ENGINE, ERASED), **said, "changed_ms": changed}
    silenced = any("opinion" in row.erased for row in told)  # what is held stands in the route, words and all
    columns = store.engine_columns(request)
    return {**columns, "changed_ms": changed, **({"route_json": ERASED} if silenced else {})}


def _fields(told: Sequence[Recorded]) -> dict[str, Any]:
    """The form's content: whole where a fact has it whole, then what approvers changed."""
    content: dict[str, Any] | None = {}
    for row in told:
        if row.kind in _CONTENTS:
            content = None if "content" in row.erased else dict(row.data["content"])
        elif row.kind == facts.FieldsAmended.KIND and content is not None:
            content = None if "after" in row.erased else {**content, **row.data["after"]}
            for code in row.data["fields"] if content is not None else ():
                if content is not None and content[code] is None:
                    del content[code]
    return {"fields_json": ERASED if content is None else store.dump_fields(content)}


def _decision(decision: Decision, told: Iterable[Recorded]) -> dict[str, Any]:
    row = store.decision_columns(decision)
    silenced = any(
        "opinion" in fact.erased and fact.effective == decision.at and fact.data["person"] == decision.person
        for fact in told
    )
    return {**row, "opinion": ERASED} if silenced else row


def _proxy(rows: Rows, fact: Recorded) -> None:
    data = fact.data
    told = {name: data[name] for name in ("principal", "proxy", "begin_ms", "end_ms", "source")}
    forms = " ".join(data.get("forms", ()))
    rows.put("proxy", {"id": data["number"], **told, "forms": forms, "ended_ms": None, "given_ms": at_ms(fact)})


def _files(rows: Rows, fact: Recorded) -> None:
    if "files" in fact.erased:
        return  # they went with it
    for hash in fact.data["sha256"]:
        rows.put("attachment_use", {"hash": hash, "item": fact.subject})
    for one in fact.data["files"]:
        if "by" in one:
            told = {"name": one["name"], "size": one["size"], "type": one["type"], "at_ms": one["at_ms"]}
            rows.put("attachment", {"hash": one["sha256"], "person": one["by"], **told})


def _form(rows: Rows, fact: Recorded) -> None:
    if fact.data["gone"]:
        rows.drop("form_release", {"form": fact.subject})
        return
    told = {name: fact.data[name] for name in ("form", "version", "set_aside", "person")}
    rows.put("form_release", {**told, "waiting": int(fact.data["waiting"]), "at_ms": at_ms(fact)})


RULES: Final[Rules] = {
    facts.ProxyGiven.KIND: _proxy,
    facts.ProxyEnded.KIND: lambda rows, fact: rows.change(
        "proxy", {"id": fact.data["number"]}, {"ended_ms": at_ms(fact)}
    ),
    facts.FilesAttached.KIND: _files,
    facts.FormSet.KIND: _form,
}
