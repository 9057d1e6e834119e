"""Every page and every command is somebody's own, nobody's data, an act with its own fact, or leaves one that says who
looked. A new one has to say which it is."""

from __future__ import annotations

import inspect
from pathlib import Path

import click
import pytest

from bot.__main__ import officebot
from bot.app import Service
from bot.bench import office as bench
from bot.bench.office import Crowd

OWN = "own"
NOBODY = "nobody's data, or what the whole office may know"
ACT = "an act, with its own fact"

PAGES = {
    "GET /office/": OWN,
    "GET /office/login": NOBODY,
    "GET /office/login/back": "SignedIn",
    "POST /office/logout": OWN,
    "GET /office/items/{item}": "watching.looked",
    "GET /office/items/{item}/news": "watching.looked",
    "POST /office/items/{item}/acts": ACT,
    "POST /office/items/{item}/files": OWN,
    "GET /office/items/{item}/files/{file}": "watching.looked",
    "GET /office/items/{item}/files/{file}/small": "watching.looked",
    "GET /office/items/{item}/slip.pdf": "watching.printed",
    "GET /office/items/{item}/proof": "_items.load",
    "GET /office/check": NOBODY,
    "GET /office/slips/{serial}": "_shown_to",
    "POST /office/check/bundle": NOBODY,
    "POST /office/check/head": NOBODY,
    "GET /office/log": "LogQueried",
    "GET /office/log/file.xlsx": "LogExported",
    "GET /office/people": NOBODY,
    "GET /office/forms": NOBODY,
    "GET /office/forms/{code}": OWN,
    "POST /office/forms/{code}": ACT,
    "POST /office/forms/{code}/live": OWN,
    "POST /office/forms/{code}/files": OWN,
    "POST /office/forms/{code}/drop": OWN,
    "GET /office/leave": "watching.looked",
    "GET /office/leave/people": "watching.looked",
    "GET /office/leave/sheets": NOBODY,
    "GET /office/leave/sheets/file": "leave_book.exported",
    "GET /office/leave/statement": "watching.looked",
    "POST /office/leave/statement": ACT,
    "GET /office/leave/statement/{serial}.pdf": "watching.looked",
    "GET /office/leave/check": NOBODY,
    "GET /office/leave/check/{serial}": "watching.looked",
    "GET /office/calendar": "watching.looked",
    "POST /office/calendar": ACT,
    "POST /office/calendar/{number}/cancel": ACT,
    "GET /office/calendar/feeds": OWN,
    "POST /office/calendar/feeds": ACT,
    "POST /office/calendar/feeds/{feed}/revoke": ACT,
    "GET /office/rooms": NOBODY,
    "POST /office/rooms": ACT,
    "POST /office/rooms/{number}/cancel": ACT,
    "GET /office/team": "watching.looked",
    "GET /office/releases/{pair}": "FormCompared",
    "GET /office/notices": OWN,
    "GET /office/notices/{notice}": OWN,
    "POST /office/notices/{notice}": ACT,
    "GET /office/notices/{notice}/roster.xlsx": "roster_book.exported",
    "GET /office/notices/{notice}/files/{file}": OWN,
    "GET /office/operation": NOBODY,
    "GET /office/operation/dead": NOBODY,  # to whom and why it failed, never what it says
    "POST /office/operation/dead": ACT,
    "GET /office/bundle": NOBODY,
    "GET /office/bundle/file.zip": "bundling.exported",
    "GET /office/static/{name}": NOBODY,
    "GET /office": NOBODY,
    "GET /ics/{token}.ics": OWN,
}


@pytest.fixture
def routes(tmp_path):
    """ "GET /office/items/{item}" -> handler, of a whole service."""
    bench.furnish(tmp_path, Crowd(people=0, leaders=0), url=f"sqlite://{tmp_path / 'office.db'}")
    service = Service(bench.configuration(tmp_path), clock=bench.clock(tmp_path))
    found = {}
    for route in service.application().router.routes():
        place = route.resource.canonical
        if route.method in ("GET", "POST") and place.startswith(("/office", "/ics")):
            found[f"{route.method} {place}"] = route.handler
    return found


def test_every_page_says_whose_data_it_shows(routes):
    assert set(routes) == set(PAGES)
    for place, says in PAGES.items():
        if says not in (OWN, NOBODY, ACT):
            assert says in _source(routes[place]), place


def _source(handler):
    """Of the file in which a page is made, behind the guard around it."""
    inside = inspect.getclosurevars(handler).nonlocals.values()
    method = next((one for one in inside if inspect.ismethod(one)), handler)
    return Path(inspect.getfile(method)).read_text(encoding="utf-8")


COMMANDS = {
    **dict.fromkeys((
        "demo", "init", "check", "doctor", "migrate", "form check", "form list", "form new", "form replay",
        "form simulate", "leave cases", "leave preview", "serve", "sandbox", "probe", "decode", "bench fill", "faults",
        "audit head", "audit verify", "audit grown", "calendar rooms", "calendar year", "status",
    ), NOBODY),
    **dict.fromkeys((
        "people import", "people link", "people sync", "people unlink", "leave adjust", "leave forfeit", "leave rerate",
        "leave year-end", "handover", "calendar revoke", "audit rotate", "restore", "move",
    ), ACT),
    "audit erase": "erasing.Warrant",
    "audit export": "exported",
    "audit rebuild": "CommandRead",
    "backup": "facts.",
    "item slip": "slips.issue",
    "leave balance": "CommandRead",
    "leave explain": "CommandRead",
    "leave sheet": "exported",
    "people list": "CommandRead",
}  # fmt: skip


def test_every_command_says_whose_data_it_shows():
    found = dict(_commands(officebot, ()))
    assert set(found) == set(COMMANDS)


def _commands(command, path):
    if not isinstance(command, click.Group):
        yield " ".join(path), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        yield from _commands(command.get_command(context, name), (*path, name))


@pytest.mark.parametrize("name", [name for name, says in COMMANDS.items() if says not in (NOBODY, ACT)])
def test_a_command_that_reads_leaves_a_fact(name):
    command = dict(_commands(officebot, ()))[name]
    file = Path(inspect.getfile(inspect.unwrap(command.callback)))
    near = [file, *file.parent.glob(f"{file.stem.partition('_')[0]}*.py")]
    assert any(COMMANDS[name].rpartition(".")[2] in one.read_text(encoding="utf-8") for one in near)
