"""What stands in a log line, and what never does."""

from __future__ import annotations

import errno
import io
import json
import logging

import pytest
import structlog

from bot import logs
from handlers.errors import NotFound


@pytest.fixture
def written():
    """The log's lines as records; the configuration of the other tests comes back."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    file = io.StringIO()
    logs.set_up(file=file, keep=False)
    yield lambda: [json.loads(line) for line in file.getvalue().splitlines()]
    structlog.configure(**before)
    logging.root.handlers[:], logging.root.level = handlers, level


def test_an_exception_is_its_class_and_place_without_what_it_quotes(written):
    try:
        try:
            int("张三 13800000004")
        except ValueError as error:
            raise NotFound(code="no_such_item", name="张三") from error
    except NotFound:
        structlog.get_logger().exception("event.failed", number=3)
    [line] = written()
    assert (line["event"], line["level"], line["number"]) == ("event.failed", "error", 3)
    assert [one["error"] for one in line["exception"]] == ["NotFound", "ValueError"]
    assert line["exception"][0]["code"] == "no_such_item"
    assert line["exception"][0]["at"][-1].startswith("tests/bot/test_logs.py:")
    assert "张三" not in str(line)


def test_a_library_is_quoted_without_what_it_was_given(written):
    logging.getLogger("aiohttp.server").error("Error handling request from %s", "203.0.113.9")
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task exception=KeyError('张三')>")
    logging.getLogger("handlers.mailroom.deliver").warning("outbox.busy", extra={"account": "dd", "reason": "full"})
    first, second, third = written()
    assert first["event"] == "Error handling request from %s"
    assert second["event"] == "Task exception was never retrieved"
    assert (third["logger"], third["account"], third["reason"]) == ("handlers.mailroom.deliver", "dd", "full")


def test_lines_of_one_event_have_its_trace(written):
    with structlog.contextvars.bound_contextvars(trace="ab12"):
        logging.getLogger("somebody").error("words")
        structlog.get_logger().info("event")
    assert [line["trace"] for line in written()] == ["ab12", "ab12"]


def test_a_disk_that_is_full_takes_the_log_and_not_the_office():
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

        def flush(self):
            raise BrokenPipeError

    file = logs.Unheard(Full())
    assert print("a line", file=file, flush=True) is None
