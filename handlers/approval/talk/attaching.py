"""Files sent in the chat: `附 3` and then the file, the file and then `附 3`, or the photo that a task still lacks.

A handler fetches nothing from a platform: it leaves a due row (`FETCH`), `bot.fetching` brings the content and calls
`brought`. So a file that was sent is not lost when the service dies in between, and nothing is attached twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from cards import attaching as words
from cards import vocabulary
from cards.model import Text
from connectors.events import MediaReceived, TextReceived
from connectors.refs import PersonRef
from handlers import errors, senders
from handlers.approval import act, engine, store, views
from handlers.approval.engine import Act, Verb
from handlers.approval.standins import proxy_store
from handlers.approval.talk import verbs
from handlers.context import Context
from handlers.mailroom import due, outbox, prompts
from handlers.mailroom.outbox import Letter
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

FETCH: Final = "approval.fetch"
ASKED: Final = "approval.attach"
HELD: Final = "approval.media"
_PATIENCE: Final = timedelta(minutes=10)
_KEPT: Final = timedelta(minutes=30)
_FILES: Final = frozenset({"image", "file", "video"})
_MOST_HELD: Final = 9


async def on_media(event: MediaReceived, ctx: Context) -> Answer:
    """To the item that was named, or kept until one is."""
    if event.kind not in _FILES or event.chat is not None:
        return PASS
    person = await senders.known(ctx, event.sender)
    one = {"account": event.account, "media": event.media, "name": event.name, "kind": event.kind, "key": event.key}
    prompt = await prompts.peek(ctx.tx, person.id, now=ctx.now)
    if prompt is not None and prompt.kind == ASKED:
        await _fetch(ctx, person, prompt.data, one)
        if not prompt.data.get("evidence"):  # more may come; evidence is one file
            await prompts.ask(ctx.tx, person.id, ASKED, prompt.data, until=ctx.now + _PATIENCE, now=ctx.now)
        else:
            await prompts.drop(ctx.tx, person.id)
        return None
    if prompt is not None and prompt.kind != HELD:
        return PASS  # another question is open: its answer is not a file
    held = [*(prompt.data["files"] if prompt else []), one][-_MOST_HELD:]
    await prompts.ask(ctx.tx, person.id, HELD, {"files": held}, until=ctx.now + _KEPT, now=ctx.now)
    await _say(ctx, event.sender, words.which(event.name), key=f"{_key(event)}:which")
    return None


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    number = words.numbered(event.text)
    if number is None and not words.ends(event.text):
        return PASS
    person = await senders.known(ctx, event.sender)
    prompt = await prompts.peek(ctx.tx, person.id, now=ctx.now)
    if number is None:
        if prompt is None or prompt.kind != ASKED:
            return PASS
        await prompts.drop(ctx.tx, person.id)
        await _say(ctx, event.sender, words.enough(), key=f"{_key(event)}:enough")
        return None
    item = await store.numbered(ctx.tx, number)
    if item is None:
        raise errors.NotFound(number=number)
    await _may_attach(ctx, item, person)
    data = {"item": item.id}
    waiting = prompt.data["files"] if prompt is not None and prompt.kind == HELD else []
    for one in waiting:
        await _fetch(ctx, person, data, one)
    await prompts.ask(ctx.tx, person.id, ASKED, data, until=ctx.now + _PATIENCE, now=ctx.now)
    page = views.page_url(ctx, item.id, account=event.account)
    answer = words.fetching(number) if waiting else words.send_it(number, url=page)
    await _say(ctx, event.sender, answer, key=f"{_key(event)}:attach")
    return None


async def ask_evidence(ctx: Context, person: Person, item: store.Item, key: str, title: str, said: str) -> str:
    """The question for the photo that a task's confirmation lacks; `said` is what else was typed with it."""
    rest = _rest(said)
    data = {"item": item.id, "evidence": key, "said": rest, "files": {}}
    await prompts.ask(ctx.tx, person.id, ASKED, data, until=ctx.now + _KEPT, now=ctx.now)
    return words.send_evidence(item.number, title)


async def brought(ctx: Context, person: Person, data: Mapping[str, Any], file: str, *, name: str) -> str:
    """The content is here under its hash: the act that it was sent for, and what to say. Raises RuleErrors."""
    item = await store.load(ctx.tx, data["item"])
    if item is None:
        raise errors.NotFound(item=data["item"])
    if not data.get("evidence"):
        await act.perform(ctx, item.id, Act(verb=Verb.ATTACH, files=(file,)), by=person)
        return words.attached(item.number, name)
    files = {**data["files"], data["evidence"]: file}
    typed = verbs.evidence_in(item.request, data["said"])
    try:
        await act.perform(ctx, item.id, Act(verb=Verb.CONFIRM, evidence={**typed, **files}), by=person)
    except errors.BadRequest as lacking:
        missing = next_file(item, lacking)
        if missing is None:
            raise
        again = {**data, "evidence": missing[0], "files": files}
        await prompts.ask(ctx.tx, person.id, ASKED, again, until=ctx.now + _KEPT, now=ctx.now)
        return words.send_evidence(item.number, missing[1])
    return words.confirmed(item.number)


def next_file(item: store.Item, lacking: errors.RuleError) -> tuple[str, str] | None:
    """(key, title) of the photo or file that a confirmation lacks; None where it lacks something else."""
    if lacking.code != "evidence_missing":
        return None
    wanted = [one for index in engine.present(item.request) for one in item.request.steps[index].task]
    named = next((one for one in wanted if one.key == lacking.circumstances.get("key")), None)
    if named is None or named.kind not in (engine.Proof.PHOTO, engine.Proof.FILE):
        return None
    return named.key, named.title or named.key


async def _may_attach(ctx: Context, item: store.Item, person: Person) -> None:
    principals = await proxy_store.principals(ctx.tx, person.id, form=item.form, at=ctx.now)
    if Verb.ATTACH not in engine.allowed(item.request, by=person.id, principals=principals):
        raise errors.NotAllowed(verb=Verb.ATTACH, item=item.id)


async def _fetch(ctx: Context, person: Person, data: Mapping[str, Any], one: Mapping[str, Any]) -> None:
    payload = {"person": person.id, "data": dict(data), "trace": ctx.trace, **one}
    await due.once(ctx.tx, f"{FETCH}:{one['account']}:{one['key']}", FETCH, ctx.now, payload)


def _rest(said: str) -> str:
    """What follows the word and the number: `办结 3 里程 120` -> `里程 120`."""
    parts = said.strip().split(maxsplit=2)
    return parts[2] if len(parts) == 3 and vocabulary.plain(parts[0]) == "办结" else ""


async def _say(ctx: Context, to: PersonRef, text: str, *, key: str) -> None:
    await outbox.post(ctx.tx, Letter(to=to, message=Text(text), key=key), now=ctx.now)


def _key(event: MediaReceived | TextReceived) -> str:
    return senders.reply_key(event)


ROUTES: Router = router((MediaReceived, on_media), (TextReceived, on_text))
