"""A backup is made of a living office, read back, restored elsewhere; what is wrong is said before it hurts."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, date, datetime
from functools import partial

import asyncpg
import pytest
from pydantic import SecretStr

from bot.backups import archive, copying, departure, figures, making, nightly, restoring, sealed
from bot.backups.archive import Reader
from bot.backups.making import Wanted
from bot.backups.trouble import Trouble
from bot.commands import move
from bot.database.open import open_database
from bot.demo import world
from bot.pages.attachments import Cabinet
from bot.proofs import checking, keys
from bot.sealing import Sealer
from config import loader
from config.settings import Database
from connectors.clock import MovableClock
from handlers.approval import facts
from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.mailroom import leases

NOW = datetime(2026, 4, 27, 1, tzinfo=UTC)
PAPER = "%PDF-1.4 示例".encode() * 50


@pytest.fixture
async def office(tmp_path, database_url, monkeypatch):
    """On either database."""
    return await made_office(tmp_path / "office", database_url, monkeypatch)


@pytest.fixture
async def plain(tmp_path, sqlite_template, monkeypatch):
    """For what does not depend on the database."""
    (tmp_path / "office.db").write_bytes(sqlite_template.read_bytes())
    return await made_office(tmp_path / "office", f"sqlite://{tmp_path / 'office.db'}", monkeypatch)


async def made_office(folder, url, monkeypatch):
    """The configuration of an office with twenty facts under a signed head, a file, and some leave."""
    addresses = re.findall(r"\$\{(DEMO_\w+_URL)\}", (world.SAMPLE / "office.yaml").read_text(encoding="utf-8"))
    made = world.credentials() | dict.fromkeys(addresses, "http://127.0.0.1:9")
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    world.unpack(folder)
    (folder / "secrets.env").write_text("OFFICEBOT_SIGNING_KEY=very-secret\n", encoding="utf-8")
    configuration = at(loader.load(folder / "office.yaml", env=made, today=date(2026, 4, 27)), url)
    database = open_database(url)
    await attach(configuration, database)
    await database.write(granted)
    await record(database, 20)
    await head(configuration, database)
    await database.close()
    return configuration


async def granted(tx):
    for number in range(1, 40):
        await tx.execute(
            "INSERT INTO leave_entry (person, number, kind, lot, valid_from, limited, account_from, account_to,"
            " minutes, recorded_ms, effective, cause, ref, actor, note, charges) VALUES"
            " ('p1', ?, 'annual', ?, '2026-01-01', 0, 'pool', 'held', 240, 0, '2026-01-01', 'grant', '', '', '', '')",
            number, f"lot{number % 3}",
        )  # fmt: skip


def at(configuration, url):
    """The same office with another database."""
    settings = configuration.settings.model_copy(update={"database": Database(url=SecretStr(url))})
    return dataclasses.replace(configuration, settings=settings)


async def record(database, number):
    """Facts with personal values, as an office writes them."""

    async def unit(tx):
        for one in range(number):
            files = [{"name": "证明.pdf"}]
            fact = facts.FilesAttached(item=f"i{one}", step=0, verb="submit", sha256=[], files=files)
            await log.record(tx, fact, origin=Origin(person="p1"), now=NOW)

    await database.write(unit)


async def head(configuration, database):
    sealer = Sealer(database, MovableClock(NOW), keys.folder(configuration.base))
    found = await sealer.head()
    await sealer.release()
    return found


async def attach(configuration, database):
    async def pieces():
        yield PAPER

    kept = await Cabinet(configuration.base / "data" / "attachments").take("证明.pdf", pieces(), most_mb=1)
    assert kept.id == hashlib.sha256(PAPER).hexdigest()
    await database.write(lambda tx: tx.execute("INSERT INTO attachment_use (item, hash) VALUES ('i1', ?)", kept.id))


@pytest.fixture
async def elsewhere(tmp_path, database_url):
    """Addresses of empty databases: a SQLite file, and a PostgreSQL where the office is on one."""
    found = [f"sqlite://{tmp_path / 'other' / 'office.db'}"]
    if database_url.startswith("sqlite"):
        yield found
        return
    server, name = os.environ["OFFICEBOT_TEST_POSTGRES"], f"office_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name}")
    yield [*found, f"{server.rpartition('/')[0]}/{name}"]
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


def moved_to(office, folder, url):
    """An office of the same settings in an empty folder."""
    folder.mkdir()
    return dataclasses.replace(at(office, url), base=folder)


def damaged(file, part, change):
    """The archive with one part altered and its own checksums right."""
    other = file.with_name("damaged.backup")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return other


async def asked(url, sql):
    database = open_database(url)
    try:
        return [dict(row) for row in await database.read(lambda tx: tx.fetch(sql))]
    finally:
        await database.close()


async def test_a_backup_of_a_working_office_goes_back_whole(office, tmp_path, database_url, elsewhere):
    working = open_database(database_url)
    writing = asyncio.create_task(record(working, 300))  # the service goes on
    file = tmp_path / "a.backup"
    made = await making.make(office, Wanted(file=file, passphrase="twelve letters"), now=NOW)
    await writing
    await working.close()
    assert made.figures.size >= 20
    assert made.lost == ()
    for number, url in enumerate(elsewhere):
        place = moved_to(office, tmp_path / f"place{number}", url)
        await restoring.restore(place, file, passphrase="twelve letters", now=NOW)
        assert made.figures.differences(await figures.of(url)) == ("rows:journal",), "and the fact about it"
        assert await Cabinet(place.base / "data" / "attachments").sound(hashlib.sha256(PAPER).hexdigest())
        assert (place.base / "secrets.env").read_text(encoding="utf-8") == "OFFICEBOT_SIGNING_KEY=very-secret\n"
        assert (place.base / "secrets.env").stat().st_mode & 0o077 == 0
        database = open_database(url)
        await record(database, 1)  # numbers go on after those that came
        await database.close()
        with pytest.raises(Trouble) as refused:
            await restoring.restore(place, file, now=NOW)
        assert refused.value.code == "not_empty"


async def test_a_restore_that_was_killed_between_two_steps_is_taken_up_again(office, tmp_path, elsewhere):
    """Its own attachments, one of them half, were in its way; what is somebody else's still is."""
    file = tmp_path / "a.backup"
    await making.make(office, Wanted(file=file), now=NOW)
    place = moved_to(office, tmp_path / "place", elsewhere[0])
    name = hashlib.sha256(PAPER).hexdigest()
    cabinet = place.base / "data" / "attachments"
    (cabinet / name[:2]).mkdir(parents=True)
    (cabinet / name[:2] / name).write_bytes(PAPER[:1])
    strange = cabinet / "00" / "strange"
    strange.parent.mkdir(exist_ok=True)
    strange.write_bytes(b"x")
    with pytest.raises(Trouble) as refused:
        await restoring.restore(place, file, now=NOW)
    assert refused.value.code == "not_empty"
    assert (cabinet / name[:2] / name).read_bytes() == PAPER[:1]
    strange.unlink()
    await restoring.restore(place, file, now=NOW)
    assert await Cabinet(cabinet).sound(name)


def test_what_a_killed_process_left_is_cleared_away_by_the_next_and_what_is_in_use_is_not(tmp_path):
    """It was the whole office in clear, for ever."""
    left, begun = tmp_path / ".officebot-left", tmp_path / ".officebot-begun"
    for folder in (left, begun):
        folder.mkdir()
        (folder / "office.db").write_bytes(b"x")
    os.utime(left, (0, 0))
    with making.working_folder(tmp_path) as first:
        os.utime(first, (0, 0))
        with making.working_folder(tmp_path) as second:
            assert sorted(tmp_path.iterdir()) == sorted([begun, first, second])
    assert [*tmp_path.iterdir()] == [begun]


def test_what_somebody_else_left_stops_no_backup(tmp_path, monkeypatch):
    """A killed backup by root would have ended every backup of the service in that folder."""
    left = tmp_path / ".officebot-left"
    left.mkdir()
    os.utime(left, (0, 0))
    really = os.open

    def refused(path, *args, **kwargs):
        if path == left:
            raise PermissionError(13, "Permission denied")
        return really(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", refused)
    with making.working_folder(tmp_path) as folder:
        assert folder.is_dir()
    assert [*tmp_path.iterdir()] == [left]


async def test_moving_to_another_database_loses_nothing(office, elsewhere):
    source = office.settings.database.url.get_secret_value()
    for url in elsewhere:
        told = await figures.of(source)
        assert await move.moved(office, url, copying.untold) == told
        facts_there = await asked(url, "SELECT kind FROM journal ORDER BY id DESC LIMIT 1")
        assert facts_there == [{"kind": "backup.moved"}]
        with pytest.raises(Trouble) as refused:
            await move.moved(office, url, copying.untold)
        assert refused.value.code == "left"
        database = open_database(source)
        assert await database.write(partial(departure.take_back, now=NOW)) is not None
        await database.close()
        with pytest.raises(Trouble) as refused:
            await move.moved(office, url, copying.untold)
        assert refused.value.code == "not_empty"
        kept = (await figures.of(source)).differences(told)
        assert kept == ("rows:journal",), "the move and its end"


async def test_an_office_that_runs_is_not_moved(office, elsewhere):
    source = office.settings.database.url.get_secret_value()
    database = open_database(source)
    take = partial(leases.take, name="seal", owner="somebody", now=datetime.now(UTC), seconds=30)
    await database.write(take)
    await database.close()
    with pytest.raises(Trouble) as refused:
        await move.moved(office, elsewhere[0], copying.untold)
    assert refused.value.code == "running"


async def test_an_old_backup_shows_against_a_head_that_was_given_out(office, tmp_path, elsewhere):
    file = tmp_path / "a.backup"
    await making.make(office, Wanted(file=file), now=NOW)
    database = open_database(office.settings.database.url.get_secret_value())
    await record(database, 7)
    given = await head(office, database)
    await database.close()
    place = moved_to(office, tmp_path / "place", elsewhere[-1])
    await restoring.restore(place, file, now=NOW)
    there = open_database(elsewhere[-1])
    public = keys.public(keys.folder(office.base))
    kept, _ = checking.given(given.note, public)
    found = await checking.journal(there, elsewhere[-1], kept, keys=public)
    await there.close()
    codes = [one.code for one in found.findings]
    assert codes[0] == "cut_off"
    assert "restored" in codes


# What is the same on both databases: once, on a file.


def empty(tmp_path):
    return f"sqlite://{tmp_path / 'other' / 'office.db'}"


@pytest.fixture
async def backup(plain, tmp_path):
    file = tmp_path / "a.backup"
    await making.make(plain, Wanted(file=file, passphrase="twelve letters"), now=NOW)
    return file


async def test_whoever_is_killed_after_the_load_leaves_the_fact_that_it_was_a_restore(
    plain, backup, tmp_path, monkeypatch
):
    async def killed(*_):
        raise asyncio.CancelledError

    monkeypatch.setattr(restoring, "_same", killed)
    url = f"sqlite://{tmp_path / 'place' / 'office.db'}"
    with pytest.raises(asyncio.CancelledError):
        await restoring.restore(moved_to(plain, tmp_path / "place", url), backup, now=NOW)
    assert await asked(url, "SELECT kind FROM journal ORDER BY id DESC LIMIT 1") == [{"kind": "backup.restored"}]


async def test_the_same_name_is_never_written_over(plain, backup):
    before = backup.read_bytes()
    with pytest.raises(Trouble) as refused:
        await making.make(plain, Wanted(file=backup), now=NOW)
    assert refused.value.code == "exists"
    assert backup.read_bytes() == before


async def test_secrets_are_under_the_passphrase_or_not_there(plain, backup, tmp_path):
    await making.make(plain, Wanted(file=tmp_path / "b.backup"), now=NOW)
    for file in (backup, tmp_path / "b.backup"):
        with zipfile.ZipFile(file) as parts:
            assert not any(b"very-secret" in parts.read(name) for name in parts.namelist())
    assert "secrets.env" in restoring.secrets_of(Reader(backup), "twelve letters")
    with pytest.raises(Trouble) as wrong:
        restoring.secrets_of(Reader(backup), "twelve Letters")
    assert wrong.value.code == "passphrase"
    with pytest.raises(Trouble) as none:
        restoring.secrets_of(Reader(tmp_path / "b.backup"), "twelve letters")
    assert none.value.code == "no_keys"


async def test_a_machine_with_nothing_gets_its_settings_first(backup, plain, tmp_path):
    restoring.unpack_settings(backup, tmp_path / "new", passphrase="twelve letters")
    assert (tmp_path / "new" / "office.yaml").read_bytes() == (plain.base / "office.yaml").read_bytes()
    assert (tmp_path / "new" / "data" / "audit" / "signing.key").exists()
    with pytest.raises(Trouble) as refused:
        restoring.unpack_settings(backup, tmp_path / "new", passphrase="")
    assert refused.value.code == "folder_not_empty"


async def refusal(office, file, folder, url):
    shutil.rmtree(folder, ignore_errors=True)
    with pytest.raises(Trouble) as refused:
        await restoring.restore(moved_to(office, folder, url), file, now=NOW)
    assert not await asyncio.to_thread((folder / "data").exists), "nothing is written for a backup that cannot be used"
    return refused.value.code


async def test_a_backup_that_was_cut_off(plain, backup, tmp_path):
    data = backup.read_bytes()
    for part in (0.99, 0.3, 0.0):
        backup.write_bytes(data[: int(len(data) * part)])
        assert await refusal(plain, backup, tmp_path / "place", empty(tmp_path)) == "half"


def turned(data):
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


async def test_a_part_that_was_altered_is_named(plain, backup, tmp_path):
    assert await refusal(plain, damaged(backup, "office.db", turned), tmp_path / "place", empty(tmp_path)) == "broken"


async def test_a_history_that_was_rewritten_in_a_backup_is_found(plain, backup, tmp_path):
    """Whoever alters the database and all hashes of the archive still meets the root."""
    copy = tmp_path / "copy.db"
    Reader(backup).extract("office.db", copy)
    with closing(sqlite3.connect(copy)) as database:
        database.executescript("DROP TRIGGER journal_no_update; UPDATE journal SET actor = 'x' WHERE id = 3")
    size, hash = archive.hashed(copy)

    def told(data):
        manifest = json.loads(data)
        return json.dumps(manifest | {"files": manifest["files"] | {"office.db": [size, hash]}}).encode()

    other = damaged(damaged(backup, "office.db", lambda _: copy.read_bytes()).replace(backup), "manifest.json", told)
    assert await refusal(plain, other, tmp_path / "place", empty(tmp_path)) == "differs"


async def test_a_backup_of_another_program(plain, backup, tmp_path):
    for change, code in (
        ({"format": "officebot-backup/9"}, "format"),
        ({"schema": ["0001_initial", "0999_later"]}, "newer"),
        ({"files": {"../../etc/passwd": [1, "00"]}}, "half"),
    ):
        other = damaged(backup, "manifest.json", lambda data, to=change: json.dumps(json.loads(data) | to).encode())
        assert await refusal(plain, other, tmp_path / "place", empty(tmp_path)) == code


async def test_a_full_disk_leaves_no_half_backup(plain, tmp_path, monkeypatch):
    real, left = archive.poured, 40_000

    def poured(read, into):
        if into is not None and read.seek(0, 2) > left:
            raise OSError(errno.ENOSPC, "No space left on device")
        read.seek(0)
        return real(read, into)

    monkeypatch.setattr(archive, "poured", poured)
    folder = tmp_path / "kept"
    with pytest.raises(Trouble) as refused:
        await making.make(plain, Wanted(file=folder / "a.backup"), now=NOW)
    assert refused.value.code == "disk_full"
    assert list(folder.iterdir()) == []


async def test_the_drill_finds_an_attachment_that_is_gone(plain, tmp_path):
    file = tmp_path / "kept" / "a.backup"
    await making.make(plain, Wanted(file=file, beside=True), now=NOW)
    assert await nightly.drill(file) == Reader(file).manifest
    assert sorted(path.name for path in file.parent.iterdir()) == ["a.backup", "attachments"]
    next((file.parent / "attachments").glob("??/*")).unlink()
    with pytest.raises(Trouble) as refused:
        await nightly.drill(file)
    assert refused.value.code == "attachment_gone"


def test_a_sealed_part_that_was_cut_is_broken_not_a_wrong_passphrase():
    with pytest.raises(Trouble) as refused:
        sealed.opened(sealed.seal({"a": b"b"}, "twelve letters")[:40], "twelve letters")
    assert refused.value.code == "broken"
