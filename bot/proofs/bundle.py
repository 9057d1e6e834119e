"""A bundle: facts with their proofs under one signed head, readable and checkable without this system.

    README.md  verify.py            how to check, and the program that does
    head.txt  heads.json            the head of today; earlier ones, each with the proof that it is the beginning
    facts.jsonl                     a fact a line: index, leaf, proof, and the personal values that are shown
    names.json                      people and items by the ids that stand in facts
    summary.xlsx  summary.pdf       for people
    slips/*.pdf                     the printed slips
    attachments/<sha256>            by their content
    manifest.json  manifest.note    the hash of every file above, signed
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from bot.proofs.redaction import ALL
from bot.proofs.scope import Place
from cards import records
from handlers.audit import facts as canon
from handlers.audit import heads, leaf, salted, sealing
from handlers.audit.heads import Head
from handlers.audit.notes import Signer, Verifier
from handlers.transaction import Row, Transaction

FORMAT: Final = "officebot-bundle/1"
GROWTH: Final = "officebot-consistency/1"
_HEADS: Final = 400
_VERIFIER: Final = Path(__file__).with_name("verifier.py")
_README: Final = Path(__file__).with_name("bundle.md")
_AT_ONCE: Final = 500
_DENSE: Final = 8  # of so many leaves in a row, one at least is wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A fact with its place in the tree; `personal` is what the bundle gives of its values (`salted.given`)."""

    index: int
    leaf: str
    proof: tuple[bytes, ...]
    personal: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def line(self) -> str:
        data: dict[str, Any] = {"index": self.index, "leaf": self.leaf, "proof": [one.hex() for one in self.proof]}
        return canon.canonical(data | ({"personal": dict(self.personal)} if self.personal else {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the manifest says of the whole."""

    office: str
    what: str
    made: str
    redacted: Sequence[str] = ()


async def proven(
    tx: Transaction, places: Sequence[Place], *, size: int, redact: Collection[str] = ()
) -> list[Proven]:
    """These facts as the bundle gives them, in their order; one that is gone from the journal is missing here too.

    Some hundreds at a time. Raises LookupError where nodes of the tree are gone.
    """
    if places and places[-1][0] - places[0][0] < len(places) * _DENSE:
        await sealing.warm(tx, places[0][0], places[-1][0])
    numbers = [number for _, number in places]
    rows = {row["id"]: row for row in await _rows(tx, numbers)}
    hidden = await _personal(tx, numbers, redact)
    return [
        Proven(
            index=index,
            leaf=leaf.of_row(rows[number]).decode(),
            proof=tuple(await sealing.included(tx, index, size)),
            personal=hidden.get(number, {}),
        )
        for index, number in places
        if number in rows
    ]


async def older(tx: Transaction, head: Head, *, sizes: Collection[int] = ()) -> list[tuple[str, list[bytes]]]:
    """The heads given out before with their proofs: all of those `sizes`, of the others the last."""
    by_size = {one.size: one for one in await heads.every(tx) if one.whole and 0 < one.size < head.size}
    wanted = sorted({*sorted(by_size)[-_HEADS:], *(size for size in sizes if size in by_size)})
    return [(by_size[size].note, await sealing.consistent(tx, size, head.size)) for size in wanted]


async def growth(tx: Transaction, first: int, second: int, *, keys: Sequence[Verifier]) -> dict[str, Any]:
    """The proof between the heads of two sizes. Raises LookupError(size) where there is no head of one of them."""
    by_size = {one.size: one for one in await heads.every(tx) if one.whole}
    for size in (first, second):
        if size not in by_size:
            raise LookupError(size)
    proof = await sealing.consistent(tx, first, second) if first < second else []
    return {
        "format": GROWTH, "first": by_size[first].note, "second": by_size[second].note,
        "proof": [one.hex() for one in proof], "keys": [key.text for key in keys],
    }  # fmt: skip


def files(one: Proven) -> list[str]:
    """The SHA-256 of what came with this fact."""
    found = leaf.read(one.leaf)
    return list(found.body["sha256"]) if found.kind == "approval.files_attached" else []


class Archive:
    """The zip while it is made; blocking. Everything that goes in is in the manifest."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self._prints: dict[str, str] = {}

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._zip.close()

    def put(self, name: str, data: bytes) -> None:
        self._zip.writestr(name, data)
        self._prints[name] = sha256(data).hexdigest()

    def take(self, name: str, path: Path) -> None:
        """A file of the disk, some of it at a time."""
        digest = sha256()
        with path.open("rb") as source, self._zip.open(name, "w", force_zip64=True) as target:
            while some := source.read(1 << 20):
                digest.update(some)
                target.write(some)
        self._prints[name] = digest.hexdigest()

    def furnish(self, head: Head, older: Sequence[tuple[str, Sequence[bytes]]]) -> None:
        """What every bundle has."""
        grown = [{"note": note, "proof": [one.hex() for one in proof]} for note, proof in older]
        self.put("README.md", _README.read_bytes())
        self.put("verify.py", _VERIFIER.read_bytes())
        self.put("head.txt", head.note.encode())
        self.put("heads.json", json.dumps(grown, ensure_ascii=False, indent=1).encode())

    def seal(self, label: Label, *, keys: Sequence[Verifier], signer: Signer) -> str:
        """Manifest and signature; the manifest's SHA-256."""
        manifest = {
            "format": FORMAT, "office": label.office, "what": label.what, "made": label.made,
            "tree": "sha256 (RFC 6962)", "leaf": leaf.FORMAT, "keys": [key.text for key in keys],
            "redacted": list(label.redacted), "words": _words(), "files": self._prints,
        }  # fmt: skip
        data = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        digest = sha256(data).hexdigest()
        self._zip.writestr("manifest.json", data)
        self._zip.writestr("manifest.note", signer.sign(f"{FORMAT}\n{digest}\n"))
        return digest


def redacted(facts: Iterable[Proven], codes: Collection[str]) -> list[Proven]:
    """Without the values of these fields and keys (`ALL`: without any); what is left proves what it proved.

    For facts whose values are whole.
    """
    return [replace(one, personal=_given(_whole(one.personal), codes)) for one in facts]


def _words() -> dict[str, str]:
    """For the verifier, which knows no office's words."""
    return {**records.KINDS, **{f"field.{name}": title for name, title in records.FIELDS.items()}}


def _given(values: Mapping[str, tuple[str, str]], codes: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Left out is also what repeats the words of something left out: the sentence that a form was filled in with has
    its reason in it once more."""
    if not codes:
        return {name: salted.given(salt, value) for name, (salt, value) in values.items()}
    chosen = {name for name in values if {name, ALL} & set(codes)}
    hidden = set(_words_in(json.loads(values[name][1]) for name in chosen))
    for _, value in values.values():
        whole = salted.record(value) or {}
        hidden |= set(_words_in(one for key, one in whole.items() if key in codes))
    found = {}
    for name, (salt, value) in values.items():
        parts = salted.record(value)
        repeats = parts is None and _repeats(value, hidden)
        if name in chosen or repeats:
            continue
        again = {key for key, one in (parts or {}).items() if _repeats(canon.canonical(one), hidden)}
        found[name] = salted.given(salt, value, without={*codes, *again})
    return found


def _words_in(values: Iterable[Any]) -> Iterator[str]:
    """Texts of two characters and more; a shorter one stands everywhere."""
    for one in values:
        if isinstance(one, str) and len(one.strip()) > 1:
            yield one.strip()
        elif isinstance(one, Mapping):
            yield from _words_in(one.values())
        elif isinstance(one, list):
            yield from _words_in(one)


def _repeats(text: str, hidden: Collection[str]) -> bool:
    return any(canon.canonical(one)[1:-1] in text for one in hidden)


def _whole(personal: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    return {name: (one["salt"], one["value"]) for name, one in personal.items()}


async def _rows(tx: Transaction, numbers: Sequence[int]) -> list[Row]:
    found: list[Row] = []
    for at in range(0, len(numbers), _AT_ONCE):
        some = numbers[at : at + _AT_ONCE]
        found += await tx.fetch(f"SELECT * FROM journal WHERE id IN ({', '.join('?' * len(some))})", *some)
    return found


async def _personal(
    tx: Transaction, numbers: Sequence[int], redact: Collection[str]
) -> dict[int, dict[str, Mapping[str, Any]]]:
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for at in range(0, len(numbers), _AT_ONCE):
        some = numbers[at : at + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        rows = await tx.fetch(f"SELECT * FROM journal_personal WHERE journal IN ({marks}) ORDER BY id", *some)
        for row in rows:
            found.setdefault(row["journal"], {})[row["field"]] = (row["salt"], row["value"])
    return {number: _given(values, redact) for number, values in found.items()}
