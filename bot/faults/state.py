"""What is there in the end, so that two runs of one seed can be compared: names for ids, no times, no numbers."""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.faults.town import Person, Town, wording
from cards import desk, phrases
from cards.model import Card
from connectors.sandbox.phones import Message
from handlers.audit import salted
from handlers.mailroom import letters
from handlers.transaction import Row

Counted = Counter[str]

# Facts and decisions that say no more than that somebody tried once more.
_TRIED_AGAIN = frozenset({"approval.act_refused"})
_DONE_BEFORE = (desk.refusal("already_decided"), desk.refusal("stale_card"))
_VARIES = (
    (re.compile(r"\d+月\d+日 \d{2}:\d{2}"), "某时"),
    (re.compile(r"\b\d{2}:\d{2}\b"), "某时"),
    (re.compile(r"\d+号"), "某号"),
    (re.compile(r"等了?\d+(分钟|小时)"), "等了一阵"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`tables`: name of a part -> what is in it, counted. `wrong`: what cannot be, whatever the other run has.

    `again` are messages marked as perhaps seen before, whose first may or may not have come; `replaced` cards followed
    one that could not be changed.
    """

    tables: Mapping[str, Counted]
    wrong: Sequence[str]
    again: Counted
    replaced: int


async def of(town: Town) -> State:
    names = {row["id"]: row["name"] for row in await town.rows("SELECT id, name FROM person")}
    items = {row["id"]: row for row in await town.rows("SELECT * FROM item")}
    shown = {item: _item(row, names) for item, row in items.items()}
    people = [*town.askers, *town.leaders, Person("王五", "wangwu", "wecom")]
    messages = {who.user: [one for one in town.messages(who) if one.kind != "system"] for who in people}
    cards = await _cards(town)
    return State(
        tables={
            "事项": Counter(f"{shown[one]}：{row['state']}" for one, row in items.items()),
            "决定": await _decisions(town, shown, names),
            "台账": await _ledger(town, names),
            "回执": await _receipts(town, names),
            "留痕": await _journal(town, names),
            "个人信息": await _personal(town),
            "日程": await _agenda(town, names),
            "卡片": Counter(f"{user} {_face(card)}" for user, card in cards),
            "消息": Counter(
                f"{user} {_words(one)}" for user, found in messages.items() for one in found if _is_text(one)
            ),
            "手机日程": Counter(
                f"{who.name} {one.title}" for who in people for one in town.messages(who) if one.kind == "system"
            ),
        },
        wrong=[*_not_shown(cards, messages), *await _too_many(town, messages)],
        again=Counter(
            f"{user} {_words(one)}" for user, found in messages.items() for one in found if _is_repeat(one)
        ),
        replaced=sum((await _serials(town)).values()),
    )


def differences(ideal: State, found: State) -> Iterator[str]:
    """Each in a Chinese sentence; none when the two are alike."""
    yield from found.wrong
    yield from (f"不出故障的一遍也不对：{one}" for one in ideal.wrong)
    for part, wanted in ideal.tables.items():
        again = found.again if part == "消息" else Counter()
        yield from _missing(f"{part}少了", wanted, found.tables[part] + again)
        there = _first_tries(found.tables[part]) if part == "消息" else found.tables[part]
        yield from _missing(f"{part}多了", there, wanted)


def _first_tries(said: Counted) -> Counted:
    """Without the answers to somebody who did once more what had been done."""
    return Counter({text: count for text, count in said.items() if not text.endswith(_DONE_BEFORE)})


async def _cards(town: Town) -> list[tuple[str, Card]]:
    """Of every copy the last state that was sent or is still to be sent, with whose phone it is on."""
    rows = await town.rows(
        "SELECT o.recipient, o.message_kind, o.message FROM outbox o JOIN (SELECT MAX(id) AS id FROM outbox"
        " WHERE copy <> '' AND message_kind = 'Card' GROUP BY copy) last ON last.id = o.id"
    )
    loaded = [(row["recipient"], letters.load(row["message_kind"], row["message"])) for row in rows]
    return [(user, card) for user, card in loaded if isinstance(card, Card)]


def _not_shown(cards: Iterable[tuple[str, Card]], messages: Mapping[str, Sequence[Message]]) -> Iterator[str]:
    """Every card is on its phone with its last state. A fleeting one is not worth another (cards/model.py)."""
    for user, card in cards:
        if card.fleeting or user not in messages:
            continue
        if not any(_shows(one, card) for one in messages[user]):
            yield f"{user} 的手机上没有这张卡片最后的样子：{_face(card)}"


def _shows(message: Message, card: Card) -> bool:
    """The same title, remark and fields, as far as the client cuts them, and no button more than it has."""
    alive = {button.text for button in message.buttons if not button.dead}
    fields = " ".join(field.value for field in message.fields)
    return (
        bool(message.title)
        and card.title.startswith(message.title)
        and message.quote == card.quote[: len(message.quote)]
        and all(field.value[:12] in fields for field in card.fields[:4])
        and alive <= {button.text for button in card.buttons} | {"查看"}
    )


async def _too_many(town: Town, messages: Mapping[str, Sequence[Message]]) -> Iterator[str]:
    """A phone has as many messages as were sent: one per letter and per replacement of a card."""
    more = await _serials(town)
    rows = await town.rows(
        "SELECT recipient, COUNT(*) AS n FROM copy WHERE kind NOT LIKE 'calendar.%' GROUP BY recipient"
    )
    copies = {row["recipient"]: int(row["n"]) for row in rows}
    rows = await town.rows(
        "SELECT recipient, COUNT(*) AS n FROM outbox WHERE copy = '' AND state = 'sent' GROUP BY recipient"
    )
    plain = {row["recipient"]: int(row["n"]) for row in rows}
    found: list[str] = []
    for user, there in messages.items():
        sent = copies.get(user, 0) + more.get(user, 0) + plain.get(user, 0)
        marked = sum(map(_is_repeat, there))
        if not len(there) - marked <= sent <= len(there):
            found.append(f"{user} 的手机上有 {len(there)} 条消息（{marked} 条标明可能重复），发出去的是 {sent} 条")
    return iter(found)


async def _serials(town: Town) -> dict[str, int]:
    rows = await town.rows("SELECT recipient, SUM(serial - 1) AS more FROM copy GROUP BY recipient")
    return {row["recipient"]: int(row["more"]) for row in rows}


def _is_repeat(message: Message) -> bool:
    return phrases.REPEAT in wording(message)


def _is_text(message: Message) -> bool:
    return message.kind in ("text", "markdown") and not _is_repeat(message)


def _face(card: Card) -> str:
    fields = " ".join(f"{field.name} {field.value}" for field in card.fields)
    buttons = ",".join(button.text for button in card.buttons)
    return _plain(f"{card.title} {card.subtitle} {card.quote} {fields} {card.state} [{buttons}]")


def _missing(part: str, wanted: Counted, there: Counted) -> Iterator[str]:
    for text in (wanted - there).elements():
        like = difflib.get_close_matches(text, list(there - wanted), n=1)
        yield f"{part}：{text}" + (f"；有的是：{like[0]}" if like else "")


def _item(row: Row, names: Mapping[str, str]) -> str:
    fields = json.loads(row["fields_json"])
    said = " ".join(f"{name}={fields[name]}" for name in sorted(fields) if isinstance(fields[name], (str, int)))
    return _plain(f"{names.get(row['applicant'], '')} {row['form']} {said}")


async def _decisions(town: Town, shown: Mapping[str, str], names: Mapping[str, str]) -> Counted:
    rows = await town.rows("SELECT item, step, person, act FROM decision")
    return Counter(f"{shown[row['item']]} {row['step']} {names.get(row['person'], '')} {row['act']}" for row in rows)


async def _ledger(town: Town, names: Mapping[str, str]) -> Counted:
    rows = await town.rows("SELECT * FROM leave_entry")
    told = "{kind} {account_from}→{account_to} {minutes}分钟 {cause} {effective} {valid_from} {valid_to}"
    return Counter(f"{names.get(row['person'], '')} {told.format(**row)}" for row in rows)


async def _receipts(town: Town, names: Mapping[str, str]) -> Counted:
    rows = await town.rows("SELECT r.*, n.title FROM notice_receipt r JOIN notice n ON n.id = r.notice")
    return Counter(f"{row['title']} {names.get(row['person'], '')} {row['reply']} {row['replied']}" for row in rows)


async def _journal(town: Town, names: Mapping[str, str]) -> Counted:
    rows = await town.rows("SELECT kind, actor FROM journal")
    return Counter(
        f"{row['kind']} {names.get(row['actor'], row['actor'])}" for row in rows if row["kind"] not in _TRIED_AGAIN
    )


async def _personal(town: Town) -> Counted:
    """Every value that the journal speaks of is there and is the one it speaks of."""
    bodies = {row["id"]: row for row in await town.rows("SELECT id, kind, body FROM journal")}
    values = await town.rows("SELECT journal, field, salt, value FROM journal_personal")
    kept = {(row["journal"], row["field"]): row for row in values}
    found: Counted = Counter()
    for number, row in bodies.items():
        if row["kind"] in _TRIED_AGAIN:
            continue
        for field, value in json.loads(row["body"]).items():
            if isinstance(value, dict) and value.keys() == {"sha256"}:
                found[f"{row['kind']} {field} {_kept(kept.get((number, field)), value['sha256'])}"] += 1
    return found


def _kept(row: Row | None, digest: str) -> str:
    if row is None:
        return "不见了"
    return "在" if salted.digest(row["salt"], row["value"]) == digest else "不是原来的"


async def _agenda(town: Town, names: Mapping[str, str]) -> Counted:
    rows = await town.rows("SELECT owner, title, begin_ms, end_ms, state FROM agenda_entry")
    told = "{title} {begin_ms} {end_ms} {state}"
    return Counter(f"{names.get(row['owner'], '')} {told.format(**row)}" for row in rows)


def _words(message: Message) -> str:
    return _plain(f"{message.kind} {wording(message).replace(phrases.REPEAT, '')}")


def _plain(text: str) -> str:
    for pattern, word in _VARIES:
        text = pattern.sub(word, text)
    return text.strip()
