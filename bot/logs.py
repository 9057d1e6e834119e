"""Logs for operators: JSON lines on standard error, an action word and fields, the trace id, never a body.

Nothing that came from a person or a platform may stand in them, and exceptions quote such things: a ValueError shows
the value, a KeyError the name. So of an exception the log has its class, where it was raised, and a code where the
class is known to carry nothing else. Of what libraries say it has the fixed words, without what was put into them.
"""

from __future__ import annotations

import contextlib
import io
import logging
import sqlite3
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any, Final, TextIO, cast

import asyncpg
import structlog

from connectors.errors import PlatformError
from handlers.errors import DatabaseBusy, RuleError

_FRAMES: Final = 12
_FIELDS: Final = ("account", "letter", "reason")
"""What our own modules below `structlog` give along with a message."""
_LONGEST: Final = 200
_ROOT: Final = Path(__file__).resolve().parents[1]


def set_up(*, level: int = logging.INFO, file: TextIO | None = None, keep: bool = True) -> None:
    """Once, at the start of a command that runs for long. `keep` False lets a later call change it (tests)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_values,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=cast(TextIO, Unheard(file or sys.stderr))),
        cache_logger_on_first_use=keep,
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[Foreign()], force=True)


class Unheard(io.TextIOBase):
    """A disk that is full, or a reader that has gone, takes the log away and not the office: the service goes on."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._file.flush()


class Foreign(logging.Handler):
    """What goes through the standard library's logging, in the same lines."""

    def emit(self, record: logging.LogRecord) -> None:
        fields = {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        said = str(record.msg).partition("\n")[0][:_LONGEST]
        logger = structlog.get_logger()
        logger.log(record.levelno, said, logger=record.name, exc_info=record.exc_info or None, **fields)


def without_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception by its class and place; see above."""
    told = event.pop("exc_info", None)
    if told is True:
        told = sys.exc_info()
    error = told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        event["exception"] = list(_chain(error))
    return event


def _chain(error: BaseException) -> Iterator[dict[str, Any]]:
    """The exception, then what it was raised from."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        code = _code(one)
        yield {"error": type(one).__name__, **({"code": code} if code else {}), "at": _places(one)}
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _code(error: BaseException) -> str:
    """Of classes that put no value into it."""
    if isinstance(error, PlatformError):
        return f"{error.call} {error.code}".strip()
    if isinstance(error, RuleError):
        return error.code
    if isinstance(error, DatabaseBusy):
        return error.reason
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "")
    if isinstance(error, sqlite3.Error):
        return str(getattr(error, "sqlite_errorname", ""))
    return error.strerror or "" if isinstance(error, OSError) else ""


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(file: str) -> str:
    """Ours from the project's folder on, a library's from its package on."""
    path = Path(file)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(_ROOT))
    parts = path.parts
    return "/".join(parts[parts.index("site-packages") + 1 :]) if "site-packages" in parts else path.name
