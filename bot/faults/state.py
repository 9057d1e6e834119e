"""What is there in the end, so that two runs of one seed can be compared: names for ids, no times, no numbers."""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.faults.town import Person, Town, wording
from cards import phrases
from connectors.sandbox.phones import Message
from handlers.audit import salted
from handlers.transaction import Row

Counted = Counter[str]

# Facts and decisions that say no more than that somebody tried once more.
_TRIED_AGAIN = frozenset({"approval.act_refused"})
_VARIES = (
    (re.compile(r"\d+月\d+日 \d{2}:\d{2}"), "某时"),
    (re.compile(r"\b\d{2}:\d{2}\b"), "某时"),
    (re.compile(r"\d+号"), "某号"),
    (re.compile(r"等了?\d+(分钟|小时)"), "等了一阵"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`tables`: name of a part -> what is in it, counted. `phones`: by account id. `replaced`: how many cards of a
    phone were followed by a new one, because the first could not be changed any more."""

    tables: Mapping[str, Counted]
    phones: Mapping[str, Counted]
    replaced: Mapping[str, int]
    repeated: int


async def of(town: Town) -> State:
    names = {row["id"]: row["name"] for row in await town.rows("SELECT id, name FROM person")}
    items = {row["id"]: row for row in await town.rows("SELECT * FROM item")}
    shown = {item: _item(row, names) for item, row in items.items()}
    people = [*town.askers, *town.leaders, Person("王五", "wangwu", "wecom")]
    phones = {who.user: Counter(map(_shown, town.messages(who))) for who in people}
    return State(
        tables={
            "事项": Counter(f"{shown[one]}：{row['state']}" for one, row in items.items()),
            "决定": await _decisions(town, shown, names),
            "台账": await _ledger(town, names),
            "回执": await _receipts(town, names),
            "留痕": await _journal(town, names),
            "个人信息": await _personal(town),
            "日程": await _agenda(town, names),
        },
        phones=phones,
        replaced=await _replaced(town),
        repeated=sum(phrases.REPEAT in text for phone in phones.values() for text in phone),
    )


def differences(ideal: State, found: State) -> Iterator[str]:
    """Each in a Chinese sentence; none when the two are alike."""
    for part, wanted in ideal.tables.items():
        yield from _missing(part, wanted, found.tables[part])
        yield from _missing(f"{part}（不出故障时没有）", found.tables[part], wanted)
    for user, wanted in ideal.phones.items():
        there = Counter(text.replace(phrases.REPEAT, "") for text in found.phones[user].elements())
        yield from _missing(f"{user} 的手机上少了", wanted, there)
        repeated = Counter(text.replace(phrases.REPEAT, "") for text in found.phones[user] if phrases.REPEAT in text)
        more = [text for text in (there - wanted).elements() if not repeated[text]]
        cards = [text for text in more if text.startswith("card")]
        if len(cards) > found.replaced.get(user, 0):
            yield f"{user} 的手机上多了卡片：{cards[0]}"
        yield from (f"{user} 的手机上多了：{text}" for text in more if not text.startswith("card"))


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


async def _replaced(town: Town) -> dict[str, int]:
    rows = await town.rows("SELECT recipient, SUM(serial - 1) AS more FROM copy GROUP BY recipient")
    return {row["recipient"]: int(row["more"]) for row in rows}


async def _agenda(town: Town, names: Mapping[str, str]) -> Counted:
    rows = await town.rows("SELECT owner, title, begin_ms, end_ms, state FROM agenda_entry")
    told = "{title} {begin_ms} {end_ms} {state}"
    return Counter(f"{names.get(row['owner'], '')} {told.format(**row)}" for row in rows)


def _shown(message: Message) -> str:
    alive = ",".join(button.text for button in message.buttons if not button.dead)
    return _plain(f"{message.kind} {wording(message)} [{alive}]")


def _plain(text: str) -> str:
    for pattern, word in _VARIES:
        text = pattern.sub(word, text)
    return text.strip()


def total(counts: Iterable[Counted]) -> int:
    return sum(sum(one.values()) for one in counts)
