"""A bundle: facts with their proofs under one signed head, readable and checkable without this system.

    README.md  verify.py            how to check, and the program that does
    head.txt  heads.json            the head of today; earlier ones, each with the proof that it is the beginning
    facts.jsonl                     a fact a line: index, leaf, proof, and the personal values that are shown
    slips/*.pdf  summary.xlsx       for people
    attachments/<sha256>.*          by their content
    manifest.json  manifest.note    the hash of every file above, signed
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from bot.proofs import summary
from handlers.audit import facts as canon
from handlers.audit import heads, leaf, sealing
from handlers.audit.heads import Head
from handlers.audit.notes import Signer, Verifier
from handlers.transaction import Row, Transaction, to_ms

FORMAT: Final = "officebot-bundle/1"
ALL: Final = "all"
_HEADS: Final = 60
_VERIFIER: Final = Path(__file__).with_name("verifier.py")
_README: Final = Path(__file__).with_name("bundle.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A fact with its place in the tree; `personal` are (salt, value) by field, without those left out."""

    index: int
    leaf: str
    proof: tuple[bytes, ...]
    personal: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def line(self) -> str:
        shown = {name: {"salt": salt, "value": value} for name, (salt, value) in self.personal.items()}
        data: dict[str, Any] = {"index": self.index, "leaf": self.leaf, "proof": [one.hex() for one in self.proof]}
        return canon.canonical(data | ({"personal": shown} if shown else {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What goes into a bundle. `slips` and `attachments` are contents by file name."""

    office: str
    what: str
    made: str
    facts: Sequence[Proven]
    head: Head
    older: Sequence[tuple[str, Sequence[bytes]]]
    names: Mapping[str, str] = field(default_factory=dict)
    slips: Mapping[str, bytes] = field(default_factory=dict)
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    redacted: Sequence[str] = ()


async def of_item(tx: Transaction, item: str, *, size: int) -> list[Proven]:
    """Everything about one item, and what it moved in leave ledgers."""
    rows = await tx.fetch("SELECT * FROM journal WHERE subject = ? ORDER BY id", item)
    people = {row["actor"] for row in rows} | {_applicant(row) for row in rows}
    for person in sorted(one for one in people if one):
        moved = await tx.fetch("SELECT * FROM journal WHERE subject = ? AND kind = 'leave.moved' ORDER BY id", person)
        rows = [*rows, *(row for row in moved if json.loads(row["body"]).get("ref") == item)]
    return await _proven(tx, rows, size)


async def between(tx: Transaction, begin: datetime, end: datetime, *, size: int) -> list[Proven]:
    """Everything from the first fact recorded at `begin` or later to the last one before `end`, without a gap: where
    facts were sealed out of their order, what lies between comes along."""
    row = await tx.first(
        "SELECT MIN(s.idx) AS first, MAX(s.idx) AS last FROM seal_order s JOIN journal j ON j.id = s.journal"
        " WHERE j.recorded_ms >= ? AND j.recorded_ms < ? AND s.idx < ?",
        to_ms(begin), to_ms(end), size,
    )  # fmt: skip
    if row is None or row["first"] is None:
        return []
    return await _proven(tx, await sealing.sealed(tx, row["first"], row["last"] + 1), size)


async def older(tx: Transaction, head: Head) -> list[tuple[str, list[bytes]]]:
    """The heads given out before, the last of each size, with their proofs."""
    by_size = {one.size: one for one in await heads.every(tx) if 0 < one.size < head.size}
    wanted = [by_size[size] for size in sorted(by_size)][-_HEADS:]
    return [(one.note, await sealing.consistent(tx, one.size, head.size)) for one in wanted]


def redacted(facts: Iterable[Proven], names: Collection[str]) -> list[Proven]:
    """Without the personal values of these fields (`ALL`: without any); what is left proves what it proved."""
    return [
        replace(one, personal={name: value for name, value in one.personal.items() if not {name, ALL} & set(names)})
        for one in facts
    ]


def files(one: Proven) -> list[str]:
    """The SHA-256 of what came with this fact."""
    found = leaf.read(one.leaf)
    return list(found.body["sha256"]) if found.kind == "approval.files_attached" else []


def manifest_of(contents: Contents, *, keys: Sequence[Verifier]) -> tuple[dict[str, bytes], bytes]:
    """The files, and the manifest over them."""
    older = [{"note": note, "proof": [one.hex() for one in proof]} for note, proof in contents.older]
    inside = {
        "README.md": _README.read_bytes(),
        "verify.py": _VERIFIER.read_bytes(),
        "head.txt": contents.head.note.encode(),
        "heads.json": json.dumps(older, ensure_ascii=False, indent=1).encode(),
        "facts.jsonl": "".join(one.line() + "\n" for one in contents.facts).encode(),
        "summary.xlsx": summary.write(contents.facts, names=contents.names, title=contents.what),
        **{f"slips/{name}": data for name, data in contents.slips.items()},
        **{f"attachments/{name}": data for name, data in contents.attachments.items()},
    }
    manifest = {
        "format": FORMAT, "office": contents.office, "what": contents.what, "made": contents.made,
        "tree": "sha256 (RFC 6962)", "leaf": leaf.FORMAT, "keys": [key.text for key in keys],
        "redacted": list(contents.redacted),
        "files": {name: sha256(data).hexdigest() for name, data in inside.items()},
    }  # fmt: skip
    return inside, json.dumps(manifest, ensure_ascii=False, indent=1).encode()


def packed(inside: Mapping[str, bytes], manifest: bytes, signer: Signer) -> bytes:
    """The zip."""
    note = signer.sign(f"{FORMAT}\n{sha256(manifest).hexdigest()}\n")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in {**inside, "manifest.json": manifest, "manifest.note": note.encode()}.items():
            bundle.writestr(name, data)
    return buffer.getvalue()


async def _proven(tx: Transaction, rows: Iterable[Row], size: int) -> list[Proven]:
    by_number = {row["id"]: row for row in rows}
    indexes = await sealing.indexes(tx, by_number)
    hidden = await _personal(tx, list(by_number))
    found = []
    for number, row in by_number.items():
        index = indexes.get(number)
        if index is None or index >= size:
            continue
        proof = tuple(await sealing.included(tx, index, size))
        text = leaf.of_row(row).decode()
        found.append(Proven(index=index, leaf=text, proof=proof, personal=hidden.get(number, {})))
    return sorted(found, key=lambda one: one.index)


async def _personal(tx: Transaction, numbers: Sequence[int]) -> dict[int, dict[str, tuple[str, str]]]:
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for at in range(0, len(numbers), 500):
        some = numbers[at : at + 500]
        marks = ", ".join("?" * len(some))
        rows = await tx.fetch(f"SELECT * FROM journal_personal WHERE journal IN ({marks}) ORDER BY id", *some)
        for row in rows:
            found.setdefault(row["journal"], {})[row["field"]] = (row["salt"], row["value"])
    return found


def _applicant(row: Row) -> str:
    return str(json.loads(row["body"]).get("applicant", ""))


