"""Quick opinions (常用意见): a person's own, the form's, those learned from what the person wrote, the office's.

What somebody writes is theirs: the list is made for one reader, kept outside the journal and shown to nobody else. The
words chosen go to the record like typed ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from cards import approval as approval_cards
from handlers import errors
from handlers.approval import engine, store
from handlers.approval.engine import Decision, Verb
from handlers.approval.language import book
from handlers.context import Context
from handlers.transaction import Transaction, to_ms

MOST: Final = 9
"""As many as a list on a card has room for beside “no opinion” (WeCom: ten)."""
LONGEST: Final = 100
_OWN: Final = 20
_LEARNED: Final = 3
_TWICE: Final = 2
_REMEMBERED: Final = 50
_LATELY: Final = timedelta(days=180)
_WORTH_LEARNING: Final = 40
_TEACHES: Final = frozenset({Verb.APPROVE, Verb.REJECT, Verb.RETURN, Verb.READ, Verb.CONFIRM})
_BY_NUMBER: Final = re.compile(r"(?:意见|#|＃)\s*(\d{1,2})")
_BARE: Final = re.compile(r"(?:意见|#|＃|第)?\s*(\d{1,2})\s*条?")


async def offered(ctx: Context, person: str, item: store.Item) -> tuple[str, ...]:
    """In this order, each once: the person's own, the form's, the learned, the office's (or the packaged) ones."""
    form = await book.of_item(ctx, item)
    own, learned = await _personal(ctx, person)
    usual = ctx.office.opinions or approval_cards.QUICK
    return tuple(dict.fromkeys([*own, *form.opinions, *learned, *usual]))[:MOST]


async def chosen(ctx: Context, person: str, item: store.Item, value: str) -> str:
    """What a card's list or line sent, as words. Raises BadRequest(opinion_gone) for one that is on no list now."""
    if value == approval_cards.NO_OPINION:
        return ""
    if not approval_cards.is_mark(value):
        return value
    known = [*await _all(ctx.tx, person), *await offered(ctx, person, item)]
    found = next((text for text in known if approval_cards.mark(text) == value), None)
    if found is None:
        raise errors.BadRequest("opinion_gone", item=item.id)
    return found


async def meant(ctx: Context, person: str, item: store.Item, text: str, *, asked: bool = False) -> str:
    """`意见2` as the words of the second quick opinion. Raises BadRequest(which_opinion) for a bare or wrong number.

    A bare number may be another item's, so it is asked about rather than taken; unless opinions were `asked` for.
    """
    match = (_BARE if asked else _BY_NUMBER).fullmatch(text.strip())
    if match is None:
        if text.strip().isdecimal():
            raise errors.BadRequest("which_opinion", item=item.id, number=item.number, given=text.strip())
        return text
    known = await offered(ctx, person, item)
    number = int(match[1])
    if not 1 <= number <= len(known):
        raise errors.BadRequest("which_opinion", item=item.id, number=item.number, given=match[1])
    return known[number - 1]


async def learn(ctx: Context, decision: Decision) -> None:
    """Remembers what was written with a decision; what was settled later was learned when it was tapped."""
    verb = decision.wanted or decision.verb
    text = " ".join(decision.opinion.split())
    if not text or verb not in _TEACHES or decision.tapped or len(text) > _WORTH_LEARNING:
        return
    if decision.person == engine.SYSTEM:
        return
    await ctx.tx.execute(
        "INSERT INTO opinion (person, text, kept, used, last_ms) VALUES (?, ?, 0, 1, ?)"
        " ON CONFLICT (person, text) DO UPDATE SET used = opinion.used + 1, last_ms = excluded.last_ms",
        decision.person, text, to_ms(ctx.now),
    )  # fmt: skip
    await ctx.tx.execute(
        "DELETE FROM opinion WHERE person = ? AND kept = 0 AND id NOT IN"
        " (SELECT id FROM opinion WHERE person = ? AND kept = 0 ORDER BY last_ms DESC, id DESC LIMIT ?)",
        decision.person, decision.person, _REMEMBERED,
    )  # fmt: skip


async def own(tx: Transaction, person: str) -> list[str]:
    """What the person put on the list, the oldest first: the numbers under which they take it off again."""
    rows = await tx.fetch("SELECT text FROM opinion WHERE person = ? AND kept = 1 ORDER BY id", person)
    return [row["text"] for row in rows]


async def add(ctx: Context, person: str, text: str) -> None:
    """Raises BadRequest: opinion_too_long, opinions_full."""
    text = " ".join(text.split())
    if len(text) > LONGEST:
        raise errors.BadRequest("opinion_too_long", most=LONGEST)
    if text not in (kept := await own(ctx.tx, person)) and len(kept) >= _OWN:
        raise errors.BadRequest("opinions_full", most=_OWN)
    await ctx.tx.execute(
        "INSERT INTO opinion (person, text, kept, used, last_ms) VALUES (?, ?, 1, 0, ?)"
        " ON CONFLICT (person, text) DO UPDATE SET kept = 1, last_ms = excluded.last_ms",
        person, text, to_ms(ctx.now),
    )  # fmt: skip


async def remove(tx: Transaction, person: str, which: str) -> str:
    """By number or by its words; the text that is gone, also from what was learned. Raises BadRequest(no_opinion)."""
    kept = await own(tx, person)
    which = " ".join(which.split())
    text = kept[int(which) - 1] if which.isdecimal() and 1 <= int(which) <= len(kept) else which
    if not await tx.execute("DELETE FROM opinion WHERE person = ? AND text = ?", person, text):
        raise errors.BadRequest("no_opinion")
    return text


async def forget(tx: Transaction, person: str) -> int:
    """Everything that was learned; what the person put on the list themselves stays."""
    return await tx.execute("DELETE FROM opinion WHERE person = ? AND kept = 0", person)


async def _personal(ctx: Context, person: str) -> tuple[Sequence[str], Sequence[str]]:
    """(put on the list, the newest first; learned: the most used of the last half year)."""
    rows = await ctx.tx.fetch(
        "SELECT text, kept, used, last_ms FROM opinion WHERE person = ? ORDER BY id DESC", person
    )
    since = to_ms(ctx.now - _LATELY)
    lately = [row for row in rows if not row["kept"] and row["used"] >= _TWICE and row["last_ms"] >= since]
    lately.sort(key=lambda row: (-row["used"], -row["last_ms"]))
    return [row["text"] for row in rows if row["kept"]], [row["text"] for row in lately[:_LEARNED]]


async def _all(tx: Transaction, person: str) -> list[str]:
    rows = await tx.fetch("SELECT text FROM opinion WHERE person = ?", person)
    return [row["text"] for row in rows]
