"""A bundle that somebody uploaded: checked in a process of its own, compared with our own journal, shown as records.

Nothing of it is ever written but the zip itself, into a file that goes when the answer is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog

from bot.proofs import confined, verifier, wording
from bot.proofs.bundle import Proven
from bot.proofs.wording import Told, Words
from handlers.audit import leaf
from handlers.audit.notes import Verifier
from handlers.context import Office

log = structlog.get_logger(__name__)

MOST_MB: Final = 64
"""Of an upload; the page points to `verify.py` for larger ones."""
OPENS_TO_MB: Final = 256
SHOWN: Final = 200
"""Records that the page shows; all are checked."""
_LABEL: Final = 4 << 20
_SECONDS: Final = 90.0


class TooLong(Exception):
    """The check was stopped: too much memory or time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`unreadable` in words, "" for a bundle; `facts` the first of its records, `wrong` the places of bad ones."""

    unreadable: str = ""
    good: Sequence[str] = ()
    bad: Sequence[str] = ()
    limits: Sequence[str] = ()
    wrong: Sequence[int] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    ours: bool = False
    facts: Sequence[Told] = ()


async def inspect(
    path: Path, *, office: Office, ours: Sequence[Verifier], keys: Sequence[str] = (), heads: Path | None = None
) -> Answer:
    """`keys` are public keys that whoever asks brought along; without any, ours where the bundle names one of them.

    Raises TooLong.
    """
    named = await asyncio.to_thread(_keys, path)
    known = [key.text for key in ours]
    is_ours = bool(set(named) & set(known))
    by = list(keys) or (known if is_ours else [])
    told = await _run(path, by, heads)
    if "unreadable" in told:
        return Answer(unreadable=str(told["unreadable"]))
    facts = await asyncio.to_thread(_shown, path, office)
    return Answer(
        good=told["good"], bad=told["bad"], limits=told["limits"], wrong=told["wrong"], about=told["about"],
        ours=is_ours and not set(by) - set(known), facts=facts,
    )  # fmt: skip


async def _run(path: Path, keys: Sequence[str], heads: Path | None) -> dict[str, Any]:
    arguments = [str(path), "--json", "--most-mb", str(OPENS_TO_MB)]
    arguments += [part for key in keys for part in ("--key", key)] + (["--heads", str(heads)] if heads else [])
    program = [sys.executable, "-I", "-B", str(confined.__file__), str(verifier.__file__), *arguments]
    process = await asyncio.create_subprocess_exec(
        *program, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(_SECONDS):
            out, _ = await process.communicate()
    except TimeoutError:
        raise TooLong from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    try:
        found: dict[str, Any] = json.loads(out)
    except ValueError:
        log.warning("bundle.check_stopped", status=process.returncode)
        raise TooLong from None
    return found


def _keys(path: Path) -> list[str]:
    """The keys that the bundle says it is signed with; none where it cannot be read."""
    try:
        data = json.loads(_part(path, "manifest.json"))
        return [str(one) for one in data["keys"]][:100]
    except _BAD:
        return []


def _shown(path: Path, office: Office) -> list[Told]:
    """The first records as far as they can be read; names are those that the bundle brings along."""
    names: dict[str, Any] = {}
    with contextlib.suppress(*_BAD):
        names = json.loads(_part(path, "names.json"))
    found: list[Told] = []
    with contextlib.suppress(*_BAD), zipfile.ZipFile(path) as packed, packed.open("facts.jsonl") as lines:
        words = Words(office=office, names=_texts(names.get("names")), forms=_texts(names.get("forms")))
        while len(found) < SHOWN and (line := lines.readline(_LABEL)):
            found.append(wording.told(_fact(json.loads(line)), words))
    return found


def _fact(data: Mapping[str, Any]) -> Proven:
    """Raises ValueError, KeyError, TypeError for what is none."""
    leaf.read(data["leaf"])
    personal = {str(name): dict(one) for name, one in data.get("personal", {}).items()}
    return Proven(index=int(data["index"]), leaf=str(data["leaf"]), proof=(), personal=personal)


def _part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as packed, packed.open(name) as file:
        return file.read(_LABEL)


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(one) for key, one in value.items()} if isinstance(value, dict) else {}


_BAD: Final = (
    OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError, EOFError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
