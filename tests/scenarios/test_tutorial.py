"""config/forms/TUTORIAL.md, done from the first line to the last: its commands, its files, its conversations.

A block says by its first line what it is:

    sh                  commands; `sh 有错误`: the last of them ends with 1
    text                lines that the last command has printed, in this order; `…` stands for anything
    yaml FILE           the file, whole; `yaml+ FILE`: lines at its end; `diff FILE`: a line of it for another
    chat                谁说：what | 谁点：a button | 机器人对谁：part of what arrives, after the last act or save
"""

from __future__ import annotations

import asyncio
import csv
import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from town import PLATFORMS, Town

from bot.__main__ import run
from bot.commands import demo, options
from bot.database import schema
from bot.demo import world
from config import crosscheck
from handlers.approval.language import book

ROOT = Path(__file__).parents[2]
TUTORIAL = crosscheck.PACKAGED / "forms" / "TUTORIAL.md"
BLOCK = re.compile(r"^```(?P<kind>\S+) ?(?P<about>.*)\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    kind: str
    about: str
    text: str

    @property
    def lines(self):
        return self.text.splitlines()


def blocks():
    return [Block(**found.groupdict()) for found in BLOCK.finditer(TUTORIAL.read_text(encoding="utf-8"))]


class Reader:
    """Somebody who does what the page says, in a folder where officebot lies."""

    def __init__(self, place, monkeypatch, capsys):
        self.place, self.monkeypatch, self.capsys = place, monkeypatch, capsys
        self.town = None
        self.printed = []
        self.left = 0
        self.known = set()
        monkeypatch.chdir(place)

    async def do(self, block):
        await getattr(self, f"_{block.kind.rstrip('+')}")(block)

    async def _sh(self, block):
        for line in block.lines:
            program, *arguments = shlex.split(line)
            match program:
                case "cd":
                    self.monkeypatch.chdir(arguments[0])
                case "cp":
                    self._look_round()
                    shutil.copyfile(*arguments)
                    await self.town.service.watcher.look()
                case _:
                    assert self._is_run(program), line
                    await self._officebot(arguments)
        assert self.left == (1 if block.about else 0), self.printed

    def _is_run(self, program):
        return Path(program).resolve() == self.place / "run"

    async def _officebot(self, arguments):
        if arguments[0] == "demo":
            context = click.Context(click.Command("officebot"))
            given = demo.command.make_context("demo", arguments[1:], parent=context).params
            self.town = await opened(self.place / given["keep"])
            self.monkeypatch.setattr(options, "now", self.town.clock.now)
            return
        self.capsys.readouterr()
        self.left = await asyncio.to_thread(run, arguments)
        self.printed = self.capsys.readouterr().out.splitlines()

    async def _text(self, block):
        found = iter(self.printed)
        for line in block.lines:
            pattern = re.escape(line).replace("…", ".*")
            assert any(re.fullmatch(pattern, one) for one in found), f"{line!r} is not in {self.printed}"

    async def _yaml(self, block):
        file = self.place / block.about
        before = file.read_text(encoding="utf-8") if block.kind.endswith("+") else ""
        await self._save(file, before + block.text)

    async def _diff(self, block):
        file = self.place / block.about
        old, new = block.lines
        assert (old[0], new[0]) == ("-", "+")
        text = file.read_text(encoding="utf-8")
        assert text.count(old[1:]) == 1
        await self._save(file, text.replace(old[1:], new[1:]))

    async def _save(self, file, text):
        self._look_round()
        file.write_text(text, encoding="utf-8")
        await self.town.service.watcher.look()

    async def _chat(self, block):
        for line in block.lines:
            who, what = line.split("：", 1)
            if who.startswith("机器人对"):
                await self.arrives(who.removeprefix("机器人对"), what)
            elif who.endswith("说"):
                self._look_round()
                await self.town.say(*self.phone(who[:-1]), what)
            else:
                assert who.endswith("点"), line
                await self._tap(who[:-1], what)

    async def _tap(self, name, words):
        await self.town.until(lambda: self._with_button(name, words), f"a button “{words}” on {name}'s phone")
        card = self._with_button(name, words)[-1]
        self._look_round()
        await self.town.tap(*self.phone(name), card, words)

    def _with_button(self, name, words):
        shown = self.town.cards(*self.phone(name))
        return [card for card in shown if any(one.text == words and not one.dead for one in card.buttons)]

    async def arrives(self, name, part):
        """What is new, or newly changed, since the last act."""
        await self.town.until(
            lambda: any(part in words for words in self._seen(name) - self.known), f"“{part}” on {name}'s phone"
        )

    def _look_round(self):
        self.known = {words for name in self.phones() for words in self._seen(name)}

    def _seen(self, name):
        return {f"{one.id} {one!r}" for one in self.town.messages(*self.phone(name)) if not one.mine}

    def phone(self, name):
        return self.phones()[name]

    def phones(self):
        """The sample's people; who has several platforms is looked for on WeCom first, as the page says."""
        with (world.SAMPLE / "staff.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        places = {row["name"]: [(one, row[one]) for one in PLATFORMS if row.get(one)] for row in rows}
        return {name: found[0] for name, found in places.items() if found}


async def opened(folder):
    """What `officebot demo --keep FOLDER` brings up: the sample office itself, on a database in that folder."""
    url = f"sqlite://{folder}/data/demo.db"
    await schema.migrate(url)
    return await Town.open(
        folder,
        url,
        people=(world.SAMPLE / "staff.csv").read_text(encoding="utf-8"),
        office=lambda _: (world.SAMPLE / "office.yaml").read_text(encoding="utf-8"),
    )


@pytest.fixture
async def reader(tmp_path, monkeypatch, capsys):
    found = Reader(tmp_path, monkeypatch, capsys)
    yield found
    if found.town:
        await found.town.close()


async def test_the_tutorial_leads_from_an_empty_file_to_an_approved_item(reader):
    for block in blocks():
        await reader.do(block)
    form = reader.town.service.office.of(book.Forms).get("parking")
    numbered = await reader.town.rows("SELECT state FROM item WHERE form = 'parking' AND number > 0")
    assert [row["state"] for row in numbered] == ["approved"]
    assert form.route[1].when == "time.days > 2"


def test_every_block_of_the_page_is_one_that_is_done():
    fences = [line for line in TUTORIAL.read_text(encoding="utf-8").splitlines() if line.startswith("```")]
    assert len(fences) == 2 * len(blocks())
    assert {block.kind for block in blocks()} == {"sh", "text", "yaml", "yaml+", "diff", "chat"}


@pytest.mark.parametrize("page", ["README.md", "config/forms/README.md"])
def test_who_looks_for_it_finds_it(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    target = os.path.relpath(TUTORIAL, (ROOT / page).parent)
    assert f"]({target})" in text
