from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import pytest

from bot import sync
from connectors.clock import MovableClock
from connectors.contract import Capabilities, DirectoryDepartment, DirectoryPerson
from connectors.errors import PlatformBusy
from connectors.refs import PersonRef
from handlers.context import Office
from handlers.mailroom import due
from handlers.people import directory
from handlers.roster.handler import KIND
from tests.contract.rigs import dingtalk, wecom, yuezhengyi, yunzhijia
from tests.handlers.people.offices import facts_of, people_of

OFFICE = Office(roles={"clerk": ("科员",)})


@dataclass
class Platform:
    """A directory; `meanwhile` happens while it is read."""

    account: str = "wecom"
    members: list[DirectoryPerson] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[None]] | None = None
    down: bool = False
    capabilities: Capabilities = Capabilities(directory=True)  # noqa: RUF009 - frozen

    async def people(self) -> list[DirectoryPerson]:
        if self.down:
            raise PlatformBusy("HTTP 503")
        if self.meanwhile:
            await self.meanwhile()
        return self.members

    async def departments(self) -> list[DirectoryDepartment]:
        return [DirectoryDepartment("1", "办公室")]


@pytest.fixture
def clock(now: datetime) -> MovableClock:
    return MovableClock(now)


@pytest.fixture
def platform() -> Platform:
    return Platform(members=[DirectoryPerson(id=f"u{n}", name=f"人{n}", post="科员") for n in range(8)])


@pytest.fixture
def asked(database, clock):
    """The due row of a changed directory, claimed."""

    async def run():
        await database.write(
            lambda tx: due.by(tx, f"{KIND}:wecom", KIND, clock.now(), {"account": "wecom"}, now=clock.now())
        )
        (row,) = await database.write(partial(due.claim, owner="w", now=clock.now() + timedelta(hours=2), limit=9))
        return row

    return run


async def test_people_and_the_roles_of_their_posts_come_in_together(database, platform, clock):
    report = await sync.sync_account(database, platform, clock, office=OFFICE)
    assert (report.applied, report.members, len(report.roles.granted)) == (True, 8, 8)
    assert len(await database.read(lambda tx: directory.in_role(tx, "clerk"))) == 8


async def test_a_dry_run_reports_the_same_and_writes_nothing(database, platform, clock):
    report = await sync.sync_account(database, platform, clock, office=OFFICE, dry_run=True)
    assert (report.applied, len(report.plan.joined)) == (False, 8)
    assert await facts_of(database) == []


async def test_a_refused_sync_touches_no_role_either(database, platform, clock):
    await sync.sync_account(database, platform, clock, office=OFFICE)
    platform.members = platform.members[:2]
    report = await sync.sync_account(database, platform, clock, office=Office())
    assert [doubt.code for doubt in report.plan.refusals] == ["brake"]
    assert len(await database.read(lambda tx: directory.in_role(tx, "clerk"))) == 8


async def test_what_was_due_is_done_with_the_people_in_one_unit(database, platform, clock, asked):
    row = await asked()
    await on_due(database, platform, clock, row)
    assert len(await people_of(database)) == 8
    assert await database.read(due.next_at) is None


async def test_a_directory_that_changed_again_while_it_was_read_is_read_again(database, platform, clock, asked):
    row = await asked()

    async def changed() -> None:
        await database.write(lambda tx: due.by(tx, row.key, KIND, clock.now(), row.payload, now=clock.now()))

    platform.meanwhile = changed
    await on_due(database, platform, clock, row)
    assert await people_of(database) == {}
    assert await database.read(due.next_at) is not None


async def test_a_platform_that_is_down_is_asked_again_later(database, platform, clock, asked):
    row = await asked()
    platform.down = True
    await on_due(database, platform, clock, row)
    assert await database.read(due.next_at) > clock.now()
    assert (await database.read(lambda tx: tx.first("SELECT error FROM due")))["error"] == "PlatformBusy"


async def test_an_account_that_was_taken_out_of_the_configuration_is_forgotten(database, clock, asked):
    row = await asked()
    await sync.on_due(row, database=database, connectors={}, clock=clock, office=Office)
    assert await database.read(due.next_at) is None


async def on_due(database, platform, clock, row) -> None:
    await sync.on_due(row, database=database, connectors={"wecom": platform}, clock=clock, office=Office)


async def test_what_the_log_says_names_nobody(database, platform, clock, capsys):
    await sync.sync_account(database, platform, clock)
    said = "".join(capsys.readouterr())
    assert "people.sync" in said
    assert "人1" not in said
    assert await database.read(lambda tx: directory.by_ref(tx, PersonRef("wecom", "u1")))


@pytest.mark.parametrize("platform", [wecom, dingtalk, yunzhijia, yuezhengyi], ids=lambda one: one.Rig.platform)
async def test_a_real_connector_against_its_platforms_stand_in(sqlite_database, platform):
    rig = platform.Rig()
    await rig.start()
    try:
        report = await sync.sync_account(sqlite_database, rig.connector, rig.clock)
        assert (await sync.sync_account(sqlite_database, rig.connector, rig.clock)).plan.empty
    finally:
        await rig.close()
    people = await people_of(sqlite_database)
    assert report.members == len(people)
    assert {"张三", "李四"} <= set(people)
    assert people["李四"].on(rig.account) == [PersonRef(rig.account, rig.person)]
    assert people["李四"].person.department == "综合科"
    if platform is not yunzhijia:  # whose lists name no superior
        assert people["张三"].person.manager == people["李四"].id
