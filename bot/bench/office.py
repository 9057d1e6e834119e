"""An office for measuring: the sample office with as many more people as are needed, and slips that wait for a tap.

The slips come into being as in life: a sentence, a draft on a card, "submit", a card for the leader, all through the
service's own dispatcher. Only the sending of those cards is passed over, by two statements that say they are sent.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import roster
from bot.app import Service
from bot.database import schema
from bot.demo import world
from bot.demo.world import SAMPLE
from cards.model import Button, Card
from config import loader
from config.loader import Configuration
from connectors.clock import MovableClock
from connectors.events import ButtonPressed, Event, TextReceived
from connectors.refs import MessageRef, PersonRef
from handlers.mailroom import letters
from handlers.transaction import Row, Transaction

ORDER = "order.json"
WECOM, DINGTALK = "wecom-main", "dd-main"
MONDAY = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)
"""09:00 in China; the days asked for lie in the weeks after the May holiday."""
DAYS = tuple(f"5月{day}日" for day in (11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 25, 26, 27, 28))
"""Single days: whoever has worked twenty years has fifteen of annual leave."""

_LEADERS = 20
_AT_ONCE = 16
_AGREE = "同意"
_SUBMIT = "提交"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A card that can be tapped: `ref` is the message, `payload` its button's."""

    user: str
    ref: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """`people` ask, `leaders` decide; everybody has an account on one platform, named `account`."""

    people: int
    leaders: int = _LEADERS
    account: str = WECOM

    def asking(self) -> list[str]:
        return [f"bench{number}" for number in range(self.people)]


def furnish(folder: Path, crowd: Crowd, *, url: str, commit_delay_s: float = 0.0, api: str = "") -> None:
    """Writes the office's files: settings, staff, and in ORDER what the processes that use it must agree on.

    `api` is where the platforms' servers are, nowhere by default.
    """
    (folder / "forms").mkdir(parents=True, exist_ok=True)
    text = (SAMPLE / "office.yaml").read_text("utf-8").replace("transport: stream", "transport: http")
    (folder / "office.yaml").write_text(text.replace("sqlite://data/demo.db", "${BENCH_DATABASE}"), "utf-8")
    staff = (SAMPLE / "staff.csv").read_text("utf-8").rstrip("\n")
    (folder / "staff.csv").write_text("\n".join([staff, *_staff(crowd)]) + "\n", "utf-8")
    letters_and_digits = string.ascii_letters + string.digits
    aes = {name: "".join(secrets.choice(letters_and_digits) for _ in range(43)) for name in ("WECOM", "DINGTALK")}
    env = world.credentials() | {f"DEMO_{name}_AES_KEY": key for name, key in aes.items()}
    env |= {name: api or nowhere for name, nowhere in world.PLACES.items() if nowhere.startswith("http")}
    env |= {"DEMO_WECOM_BOT_URL": world.PLACES["DEMO_WECOM_BOT_URL"]}
    env |= {"DEMO_PUBLIC_URL": "http://127.0.0.1:9", "BENCH_DATABASE": url}
    _keep_secrets(folder, env)
    ahead = (MONDAY - datetime.now(UTC)).total_seconds()
    order = {"env": env, "ahead_s": ahead, "commit_delay_s": commit_delay_s}
    (folder / ORDER).write_text(json.dumps(order))


def slower(folder: Path, commit_delay_s: float) -> None:
    """The same office on a disk whose commits take that much longer."""
    order = json.loads((folder / ORDER).read_text())
    (folder / ORDER).write_text(json.dumps(order | {"commit_delay_s": commit_delay_s}))


def move(folder: Path, *, url: str) -> None:
    """The files of an office were copied into `folder`: its database is there too."""
    order = json.loads((folder / ORDER).read_text())
    order["env"]["BENCH_DATABASE"] = url
    _keep_secrets(folder, order["env"])
    (folder / ORDER).write_text(json.dumps(order))


def _keep_secrets(folder: Path, env: Mapping[str, str]) -> None:
    """So that every command finds its way into this office."""
    secret = folder / "secrets.env"
    secret.write_text("".join(f"{name}={value}\n" for name, value in env.items()), "utf-8")
    secret.chmod(0o600)


def set_clock(folder: Path, at: datetime) -> None:
    """From now on it is `at` in this office."""
    order = json.loads((folder / ORDER).read_text())
    order["ahead_s"] = (at - datetime.now(UTC)).total_seconds()
    (folder / ORDER).write_text(json.dumps(order))


def clock(folder: Path) -> MovableClock:
    """The office's time, the same in every process: that Monday, running on."""
    order = json.loads((folder / ORDER).read_text())
    return MovableClock(datetime.now(UTC) + timedelta(seconds=order["ahead_s"]))


def configuration(folder: Path) -> Configuration:
    env = json.loads((folder / ORDER).read_text())["env"]
    return loader.load(folder / "office.yaml", env=env, today=MONDAY.date())


async def opened(folder: Path) -> Service:
    """The service on a migrated database with the staff in it, not started: no worker, no tick."""
    made = configuration(folder)
    await schema.migrate(made.settings.database.url.get_secret_value())
    service = Service(made, clock=clock(folder))
    await service.database.write(lambda tx: roster.bring_in(tx, made, now=service.clock.now()))
    return service


async def submit(service: Service, crowd: Crowd, days: Sequence[str]) -> list[Waiting]:
    """Everybody asks for each of these days; the leaders' cards, all of them sent and none of them tapped."""
    found: list[Waiting] = []
    for day in days:
        found += await submitted(service, crowd, await drafted(service, crowd, day))
        await service.database.write(_all_sent)
    return found


async def drafted(service: Service, crowd: Crowd, day: str) -> list[Waiting]:
    """Everybody asks for this day; the cards by which they can submit it."""
    return await _cards(service, await _say(service, crowd, day), _SUBMIT)


async def submitted(service: Service, crowd: Crowd, drafts: Sequence[Waiting]) -> list[Waiting]:
    """They submit; the leaders' cards, none of them sent."""
    since = await _tap(service, crowd.account, drafts)
    return await _cards(service, since, _AGREE)


async def decided(service: Service, crowd: Crowd, cards: Sequence[Waiting]) -> None:
    """The leaders tap all of them; what goes out afterwards counts as sent."""
    await _tap(service, crowd.account, cards)
    await service.database.write(_all_sent)


async def agreeable(service: Service) -> list[Waiting]:
    """Every card by which a leader can agree to a slip that waits, in no order."""

    async def unit(tx: Transaction) -> tuple[int, set[str]]:
        rows = await tx.fetch("SELECT c.id FROM waiting w JOIN copy c ON c.item = w.item AND c.kind = 'decide'")
        refs = {str(row["id"]) for row in rows}
        first = await tx.first("SELECT MIN(o.id) AS n FROM waiting w JOIN copy c ON c.item = w.item"
                               " JOIN outbox o ON o.copy = c.id WHERE o.copy <> ''")  # fmt: skip
        return int(first["n"] or 0) if first else 0, refs

    since, refs = await service.database.read(unit)
    found = {card.ref: card for card in await _cards(service, since - 1, _AGREE) if card.ref in refs}
    return random.sample(list(found.values()), len(found))


def ref(user: str, account: str = WECOM) -> PersonRef:
    return PersonRef(account, user)


async def catch_up(service: Service) -> None:
    """What ran out of time is stored as pending; here its worker does it."""
    while await service.dispatcher.resume():
        continue


async def count(service: Service, sql: str) -> int:
    async def unit(tx: Transaction) -> int:
        row = await tx.first(sql)
        assert row is not None
        return int(row["n"])

    return await service.database.read(unit)


def _staff(crowd: Crowd) -> Iterator[str]:
    for number in range(crowd.leaders):
        ids = _ids(crowd, f"lead{number}")
        yield f"主任{number},第{number}处,处长,孙立新,1996-07-01,男,,L{number:05},{ids}"
    for number, user in enumerate(crowd.asking()):
        place = number % crowd.leaders
        yield f"职员{number},第{place}处,科员,L{place:05},2001-07-01,女,,P{number:05},{_ids(crowd, user)}"


def _ids(crowd: Crowd, user: str) -> str:
    return f"{user}," if crowd.account == WECOM else f",{user}"


async def _say(service: Service, crowd: Crowd, day: str) -> int:
    """The number of the last letter before."""
    before = await _last_letter(service)
    now = service.clock.now()
    await _admit(
        service,
        [
            TextReceived(
                account=crowd.account, key=f"say:{user}:{day}", at=now, sender=PersonRef(crowd.account, user),
                text=f"年假 {day}",
            )
            for user in crowd.asking()
        ],
    )  # fmt: skip
    return before


async def _tap(service: Service, account: str, cards: Sequence[Waiting]) -> int:
    before = await _last_letter(service)
    now = service.clock.now()
    taps = [
        ButtonPressed(
            account=account, key=f"tap:{card.ref}", at=now, sender=PersonRef(account, card.user),
            message=MessageRef(account, card.ref), payload=card.payload,
        )
        for card in cards
    ]  # fmt: skip
    await _admit(service, taps)
    return before


async def _admit(service: Service, events: Iterable[Event]) -> None:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(event: Event) -> None:
        async with gate:
            await service.dispatcher.admit([event], door="bench")

    await asyncio.gather(*(one(event) for event in events))
    await catch_up(service)


async def _last_letter(service: Service) -> int:
    return await count(service, "SELECT COALESCE(MAX(id), 0) AS n FROM outbox")


async def _cards(service: Service, since: int, button: str) -> list[Waiting]:
    """The letters after `since` that bring a card with this button."""

    async def unit(tx: Transaction) -> Sequence[Row]:
        return await tx.fetch(
            "SELECT recipient, ref, message_kind, message FROM outbox WHERE id > ? AND message_kind = 'Card'", since
        )

    rows = await service.database.read(unit)
    return [
        Waiting(user=row["recipient"], ref=row["ref"], payload=found.payload)
        for row in rows
        if (found := _button(row, button)) is not None
    ]


def _button(row: Row, text: str) -> Button | None:
    card = letters.load(row["message_kind"], row["message"])
    assert isinstance(card, Card)
    return next((button for button in card.buttons if button.text == text), None)


async def _all_sent(tx: Transaction) -> None:
    await tx.execute("UPDATE outbox SET state = 'sent' WHERE state = 'waiting'")
    await tx.execute("""UPDATE copy SET handle = '{"sent": "bench"}' WHERE handle = ''""")
