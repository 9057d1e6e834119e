"""What belongs to an office beside its database: its configuration, its attachments, its keys and secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot import heading
from bot.proofs import keys
from config import secrets
from config.loader import Configuration

ATTACHMENTS: Final = "attachments"
_LARGEST: Final = 32 * 1024 * 1024
_FILE: Final = re.compile(r"""["'\s:,\[{]file:\s*([^\s"',\]}]+)""")


def attachments(configuration: Configuration) -> Path:
    return configuration.base / "data" / ATTACHMENTS


def stored(folder: Path) -> Iterator[Path]:
    """Every file of the cabinet, with its small picture; no drafts."""
    yield from sorted(path for path in folder.glob("??/*") if path.is_file() and not path.name.startswith("."))


def settings(configuration: Configuration) -> dict[str, Path]:
    """What the administrators keep: `office.yaml` and what it names beside it, by path relative to it; no secrets."""
    found: dict[str, Path] = {}
    for name in _named(configuration):
        found |= _below(configuration.base, configuration.base / name)
    public = keys.folder(configuration.base)
    for name in (keys.PUBLIC, heading.FILE):
        found |= _below(configuration.base, public / name)
    return found


def folders(configuration: Configuration) -> tuple[str, ...]:
    """Those that `office.yaml` names: one that is empty has to be there all the same, or the file is refused."""
    base = configuration.base.resolve()
    paths = {(base / name).resolve() for name in _named(configuration)}
    return tuple(sorted(path.relative_to(base).as_posix() for path in paths if path.is_dir() and base in path.parents))


def _named(configuration: Configuration) -> list[str]:
    told = configuration.settings
    policy = told.leave.policy
    named = [configuration.name, told.people, *told.forms, *told.leave.calendars, *told.leave.provinces]
    named += [policy] if isinstance(policy, str) else list(policy or ())
    return [*named, told.notices.dates] if told.notices.dates else named


def secret(configuration: Configuration) -> dict[str, Path]:
    """What nobody else may read: the key that signs, `secrets.env`, and the files that `office.yaml` takes secrets
    from (`file:`), as far as they lie in its folder."""
    base = configuration.base
    names = _FILE.findall((base / configuration.name).read_text(encoding="utf-8", errors="replace"))
    paths = [base / secrets.SECRETS_FILE, keys.folder(base) / keys.PRIVATE, *(base / name for name in names)]
    found: dict[str, Path] = {}
    for path in paths:
        found |= _below(base, path)
    return found


def _below(base: Path, path: Path) -> dict[str, Path]:
    """A file, or the files of a folder, inside `base`; what lies elsewhere is somebody else's to keep."""
    if path.is_dir():
        files = [one for one in sorted(path.rglob("*")) if one.is_file()]
    else:
        files = [path] if path.is_file() else []
    inside = {}
    for one in files:
        try:
            name = one.resolve().relative_to(base.resolve()).as_posix()
        except ValueError:
            continue
        if not any(part.startswith(".") for part in Path(name).parts) and one.stat().st_size <= _LARGEST:
            inside[name] = one
    return inside
