"""Which version of a form is in force, and the card with which an administrator publishes one or goes back.

The file says what a form could be, the row here what it is: `version` is in force, `set_aside` is the file's where that
is another one. Whoever reads the files (`bot.reloading`) plans with `planned`; a tap only changes the row, and every
instance that looks sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cards import actions
from cards import releases as release_cards
from cards.model import Card, Text
from cards.releases import ReleaseView, Sample
from connectors.events import ButtonPressed
from handlers import errors, senders
from handlers.approval import facts
from handlers.approval.language import book, form_diff, form_model, replaying, routes
from handlers.approval.language.form_model import Form
from handlers.approval.language.functions import Work
from handlers.approval.language.replaying import Outcome, Past, Report
from handlers.approval.language.routes import People
from handlers.audit import log
from handlers.context import Context
from handlers.mailroom import copies, outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router
from handlers.transaction import Transaction, to_ms

PUBLISH, WAIT, BACK = "form-publish", "form-wait", "form-back"
KIND: Final = "release"
ADMINISTRATORS: Final = "admin"
AT_ONCE, CONFIRMED, IF_ROUTES = "at_once", "after_confirmation", "if_routes_change"
_NONE: Final = "0" * 16
_SHORT: Final = 16
_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A form's row; `set_aside` is "" where the file is in force, `version` "" where nothing is."""

    form: str
    version: str
    set_aside: str = ""
    waiting: bool = False


async def load(tx: Transaction) -> Mapping[str, Release]:
    rows = await tx.fetch("SELECT form, version, set_aside, waiting FROM form_release ORDER BY form")
    return {
        row["form"]: Release(
            form=row["form"], version=row["version"], set_aside=row["set_aside"], waiting=bool(row["waiting"])
        )
        for row in rows
    }


async def save(ctx: Context, one: Release, *, by: str) -> None:
    await ctx.tx.execute(
        "INSERT INTO form_release (form, version, set_aside, waiting, person, at_ms) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (form) DO UPDATE SET version = excluded.version, set_aside = excluded.set_aside,"
        " waiting = excluded.waiting, person = excluded.person, at_ms = excluded.at_ms",
        one.form, one.version, one.set_aside, int(one.waiting), by, to_ms(ctx.now),
    )  # fmt: skip
    fact = facts.FormSet(
        form=one.form, version=one.version, set_aside=one.set_aside, waiting=one.waiting, person=by
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)


async def forget(ctx: Context, form: str) -> None:
    """Its file is gone."""
    await ctx.tx.execute("DELETE FROM form_release WHERE form = ?", form)
    await log.record(ctx.tx, facts.FormSet(form=form, gone=True), origin=ctx.origin, now=ctx.now)


def planned(
    files: Mapping[str, Form], rows: Mapping[str, Release], *, waits: Callable[[str], bool]
) -> Mapping[str, Release]:
    """What the rows become for these files. `waits` says whether a changed form waits to be published. Pure.

    A file that was never seen in an office without rows is in force: that is its first start.
    """
    found = {}
    for code, form in files.items():
        version, row = form_model.version(form), rows.get(code)
        if not rows or (row is not None and version == row.version):
            found[code] = Release(form=code, version=version)
        elif row is not None and version == row.set_aside:
            found[code] = row
        elif waits(code):
            found[code] = Release(form=code, version=row.version if row else "", set_aside=version, waiting=True)
        else:
            found[code] = Release(form=code, version=version)
    return found


async def announce(
    ctx: Context, before: Form | None, after: Form, *, waiting: bool, report: Report | None, people: People | None
) -> None:
    """The fact, and the card to every administrator."""
    old = form_model.version(before) if before else ""
    fact = facts.FormChanged(form=after.code, before=old, after=form_model.version(after), in_force=not waiting)
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    state = "waiting" if waiting else "in_force"
    for person in await directory.in_role(ctx.tx, ADMINISTRATORS):
        where = await directory.reach(ctx.tx, person)
        if where is None:
            continue
        view = _view(ctx, person, before, after, state=state, account=where.account)
        if report is not None and people is not None:
            view = _with_report(view, report, people)
        await copies.open_copy(
            ctx.tx, item=_copy_of(after), person=person.id, to=where, kind=KIND, card=release_cards.card(view),
            version=1, now=ctx.now, urgent=waiting,
        )  # fmt: skip


async def on_button(event: ButtonPressed, ctx: Context) -> Answer:
    """An administrator's tap: the row says what is in force from now on."""
    tap = await senders.tapped(ctx, event, PUBLISH, WAIT, BACK)
    if tap is None:
        return PASS
    person, action = tap
    if ADMINISTRATORS not in await directory.roles_of(ctx.tx, person.id):
        raise errors.NotAllowed(verb=action.act)
    before, after = await pair_of(ctx.tx, action.item)
    if after is None:
        raise errors.BadRequest("bad_action", by=person.id)
    row = (await load(ctx.tx)).get(after.code)
    wanted = _wanted(action.act, row, before, after)
    if wanted is None:
        text, state = release_cards.unpublished(), _state(row, after)
    else:
        await save(ctx, wanted, by=person.id)
        fact = facts.FormReleased(
            form=after.code, what=action.act.removeprefix("form-"), version=wanted.version, set_aside=wanted.set_aside,
            person=person.id,
        )  # fmt: skip
        await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
        text, state = release_cards.done(action.act, after.title), _state(wanted, after)
    key = senders.reply_key(event, "release")
    await outbox.post(ctx.tx, Letter(to=event.sender, message=Text(text), key=key), now=ctx.now)
    return await _refreshed(ctx, before, after, state=state, by=person, tapped=event.message.id)


def report_words(report: Report, people: People) -> list[Sample]:
    """Every difference in words."""
    return [
        Sample(
            number=one.item.number,
            applicant=people.persons[one.item.applicant].name,
            before=_way(one.before, people),
            after=_way(one.after, people),
        )
        for one in report.differences
    ]


async def year(tx: Transaction, after: Form, *, now: datetime, zone: ZoneInfo) -> tuple[list[Past], People]:
    """The items of the last 365 days, and the people of today: what `compared` reckons with."""
    items = await replaying.past(tx, after.code, since=now - _YEAR, zone=zone, new=after)
    return items, await routes.load_people(tx)


def compared(items: Sequence[Past], before: Form, after: Form, people: People, *, work: Work) -> Report:
    """The items as the form in force would take them now, and as the changed one would. Pure."""
    return replaying.replay(items, {one.version: before for one in items}, after, people, work=work)


def _wanted(act: str, row: Release | None, before: Form | None, after: Form) -> Release | None:
    """The row after the tap; None where the card shows something else than what is."""
    version = form_model.version(after)
    if row is None:
        return None
    if act == BACK:
        if row.version != version or row.set_aside or before is None:
            return None
        return replace(row, version=form_model.version(before), set_aside=version, waiting=False)
    if row.set_aside != version:
        return None
    if act == PUBLISH:
        return replace(row, version=version, set_aside="", waiting=False)
    return replace(row, waiting=False) if row.waiting else None


def _state(row: Release | None, after: Form) -> str:
    version = form_model.version(after)
    if row is None or version not in (row.version, row.set_aside):
        return "stale"
    if row.version == version:
        return "in_force"
    return "waiting" if row.waiting else "aside"


async def pair_of(tx: Transaction, pair: str) -> tuple[Form | None, Form | None]:
    """The two versions that a button or an address names by the beginnings of their hashes."""
    old, _, new = pair.partition("-")
    return await _starting(tx, old), await _starting(tx, new)


async def _starting(tx: Transaction, short: str) -> Form | None:
    if len(short) != _SHORT or short == _NONE:
        return None
    row = await tx.first("SELECT hash FROM form_version WHERE hash >= ? AND hash < ?", short, f"{short}g")
    return await book.of_version(tx, row["hash"]) if row else None


async def _refreshed(
    ctx: Context, before: Form | None, after: Form, *, state: str, by: Person, tapped: str
) -> Card | None:
    """Every administrator's copy shows what is; the tapper's is the answer."""
    answer = None
    mine = await copies.find(ctx.tx, tapped)
    for copy in await copies.of_item(ctx.tx, _copy_of(after)):
        person = await directory.load(ctx.tx, copy.person)
        if person is None:
            continue
        view = replace(_view(ctx, person, before, after, state=state, account=copy.to.account), by=by.name)
        if mine is not None and copy.id == mine.id:
            answer = release_cards.card(view)
        else:
            await outbox.refresh(ctx.tx, copy.id, release_cards.card(view), now=ctx.now)
    return answer


def _view(
    ctx: Context, person: Person, before: Form | None, after: Form, *, state: str, account: str
) -> ReleaseView:
    pair = f"{form_model.version(before)[:_SHORT] if before else _NONE}-{form_model.version(after)[:_SHORT]}"
    offered = {
        "waiting": (PUBLISH, WAIT),
        "aside": (PUBLISH,),
        "in_force": (BACK,) if before else (),
    }.get(state, ())
    changes = form_diff.changes(before, after) if before else ()
    base = ctx.office.public_url.rstrip("/")
    return ReleaseView(
        title=after.title,
        state=state,
        changes=[(one.part, one.what, one.title) for one in changes],
        actions=[
            (act, actions.pack(actions.Action(act, pair), to=person.id, key=ctx.office.card_key)) for act in offered
        ],
        url=f"{base}/office/releases/{pair}?via={account}" if base and before else "",
    )


def _with_report(view: ReleaseView, report: Report, people: People) -> ReleaseView:
    samples = report_words(report, people)
    return replace(view, looked_at=report.looked_at, differing=len(samples), samples=samples)


def _way(outcome: Outcome, people: People) -> str:
    steps = [(one.title, "、".join(people.persons[who].name for who in one.people)) for one in outcome.stations]
    return release_cards.way(steps, refused=bool(outcome.refused), blocked=bool(outcome.blocked))


def _copy_of(after: Form) -> str:
    """As the `item` of the copies of its cards."""
    return f"f{form_model.version(after)[:24]}"


ROUTES: Router = router((ButtonPressed, on_button))
