"""A neutral card as one of WeCom's five template cards (wecom.md 8), chosen from its shape. Pure.

    buttons, at most one short choice            -> button_interaction (choice as button_selection)
    one choice with many answers, one button     -> vote_interaction with check boxes
    one single choice of 11..20 options, one button -> vote_interaction with one answer
    two or three single choices, one button      -> multiple_interaction
    nothing to tap                               -> text_notice
    (one article with a picture                  -> news_notice, from `outbound.py`)

A closed card (`state`) keeps its place as a button_interaction whose only button is grey (`replace_text`); sent afresh
it is a text_notice. WeCom has no text field in a card: `inputs` are left out, the chat asks for them. Which members a
kind of card shows beyond section 8's tables is from the platform's pages as remembered [M].
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cards.model import Article, Button, Card, Choice, Field, Style, Tone
from connectors.errors import Unsupported
from connectors.wecom.limits import chars, label, need_key, need_url

Body = dict[str, Any]

_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
_COLOURS = {Tone.NEUTRAL: 0, Tone.WAITING: 1, Tone.GOOD: 3, Tone.BAD: 2}
_STYLES = {Style.PRIMARY: 1, Style.DANGER: 2, Style.PLAIN: 3}
_BUTTONS, _MENU, _FIELDS, _JUMPS = 6, 3, 6, 3
_CLOSED_KEY = "closed"


def render(card: Card, *, task_id: str) -> Body:
    """The `template_card` object for a new message. Raises `Unsupported`."""
    _check_task_id(task_id)
    callbacks = [] if card.state else [button for button in card.buttons if button.payload]
    if not callbacks:
        return notice(card, task_id=task_id)
    return _interactive(card, callbacks, task_id)


def replacement(card: Card, *, task_id: str) -> Body:
    """The `template_card` object for an update: a closed card needs no page to be shown. Raises `Unsupported`."""
    _check_task_id(task_id)
    if card.state:
        return _closed(card, task_id)
    return render(card, task_id=task_id)


def notice(card: Card, *, task_id: str) -> Body:
    """A card that asks for nothing: text_notice. It must open a page (8.2); raises `Unsupported` without one."""
    if card.buttons and any(button.payload for button in card.buttons) and not card.state:
        raise Unsupported("a notice has no buttons")
    links = [button for button in card.buttons if button.url]
    page = card.url or (links[0].url if links else "")
    body = _top(card, "text_notice", task_id) | {"card_action": {"type": 1, "url": need_url(page)}}
    if card.big:
        body["emphasis_content"] = {"title": chars(card.big[0], 14), "desc": chars(card.big[1], 22)}
    body |= _details(card, card.fields)
    if card.state and "emphasis_content" not in body:
        body["emphasis_content"] = {"title": chars(card.state, 14), "desc": ""}
    elif card.state:
        body["sub_title_text"] = chars(_lines(card.state, body.get("sub_title_text", "")), 160)
    if links:
        body["jump_list"] = [
            {"type": 1, "title": label(link.text, 18), "url": need_url(link.url)} for link in links[:_JUMPS]
        ]
    return body


def picture(article: Article) -> Body:
    """One article with a picture: news_notice."""
    return {
        "card_type": "news_notice",
        "main_title": {"title": label(article.title, 36), "desc": chars(article.description, 44)},
        "card_image": {"url": need_url(article.picture), "aspect_ratio": 1.3},
        "card_action": {"type": 1, "url": need_url(article.url)},
    }


def _interactive(card: Card, callbacks: Sequence[Button], task_id: str) -> Body:
    choices = card.choices
    if len(choices) > 1:
        return _multiple(card, callbacks, task_id)
    if choices and (choices[0].many or len(choices[0].options) > 10):
        return _vote(card, callbacks, task_id)
    return _buttons(card, task_id)


def _buttons(card: Card, task_id: str) -> Body:
    body = _top(card, "button_interaction", task_id) | _shown(card) | _page(card)
    if card.choices:
        body["button_selection"] = _selection(card.choices[0])
    shown, more = _spread(card)
    body["button_list"] = [_button(button) for button in shown]
    if more:
        body["action_menu"] = {"desc": chars(card.title, 36), "action_list": [_action(button) for button in more]}
    _unique([button.payload for button in (*shown, *more) if button.payload])
    return body


def _spread(card: Card) -> tuple[list[Button], list[Button]]:
    """(on the card, in its menu): what does not fit goes to the menu, or to the page if the card has one."""
    acts = [button for button in card.buttons if button.payload]
    links = [button for button in card.buttons if not button.payload and button.url]
    if len(acts) > _BUTTONS + _MENU:
        if not card.url:
            raise Unsupported(f"{len(acts)} buttons")
        acts = acts[: _BUTTONS + _MENU]
    free = max(0, _BUTTONS - len(acts))
    if len(links) > free and not card.url:
        raise Unsupported("no room for the links")
    return acts[:_BUTTONS] + links[:free], acts[_BUTTONS:]


def _vote(card: Card, callbacks: Sequence[Button], task_id: str) -> Body:
    choice = card.choices[0]
    options = [
        {
            "id": need_key(option.id, most=128),
            "text": label(option.text, 17),
            "is_checked": option.id in choice.selected,
        }
        for option in _counted(choice, most=20)
    ]
    checkbox = {"question_key": need_key(choice.key, most=1024), "mode": int(choice.many), "option_list": options}
    body = _top(card, "vote_interaction", task_id) | _page(card) | {"checkbox": checkbox}
    body["main_title"]["desc"] = chars(_told(card), 160)
    return body | {"submit_button": _submit(callbacks)}


def _multiple(card: Card, callbacks: Sequence[Button], task_id: str) -> Body:
    if len(card.choices) > 3 or any(choice.many for choice in card.choices):
        raise Unsupported("at most three choices, each with one answer")
    _unique([choice.key for choice in card.choices])
    body = _top(card, "multiple_interaction", task_id) | _page(card)
    body["main_title"]["desc"] = chars(_told(card), 44)
    body["select_list"] = [_selection(choice) for choice in card.choices]
    return body | {"submit_button": _submit(callbacks)}


def _closed(card: Card, task_id: str) -> Body:
    body = _top(card, "button_interaction", task_id) | _shown(card) | _page(card)
    body["button_list"] = [{"type": 0, "text": label(card.state, 10), "style": 3, "key": _CLOSED_KEY}]
    return body | {"replace_text": chars(card.state, 20)}


# --- parts


def _top(card: Card, card_type: str, task_id: str) -> Body:
    title: Body = {"title": label(card.title, 36)}
    if card.subtitle:
        title["desc"] = chars(card.subtitle, 44)
    body: Body = {"card_type": card_type, "task_id": task_id, "main_title": title}
    if card.source:
        body["source"] = {"desc": chars(card.source, 20), "desc_color": _COLOURS[card.tone]}
    return body


def _shown(card: Card) -> Body:
    """The number worth seeing first is a line of its own where the card has no emphasis."""
    first = (Field(card.big[1], card.big[0]),) if card.big else ()
    return _details(card, first + card.fields)


def _details(card: Card, fields: Sequence[Field]) -> Body:
    body: Body = {}
    if fields:
        body["horizontal_content_list"] = [_line(field) for field in fields[:_FIELDS]]
    below = [*(f"{field.name}：{field.value}" for field in fields if _cut(field)), *_overflow(fields), card.note]
    if any(below):
        body["sub_title_text"] = chars(_lines(*below), 160)
    if card.quote:
        body["quote_area"] = {"type": 0, "quote_text": chars(card.quote, 200)}
    return body


def _overflow(fields: Sequence[Field]) -> list[str]:
    return [f"{field.name}：{field.value}" for field in fields[_FIELDS:] if not _cut(field)]


def _cut(field: Field) -> bool:
    return len(field.value) > 30


def _line(field: Field) -> Body:
    line: Body = {"keyname": chars(field.name, 5) or "—", "value": chars(field.value, 30)}
    return line | ({"type": 1, "url": need_url(field.url)} if field.url else {})


def _told(card: Card) -> str:
    """Cards with check boxes or lists show nothing but the title's two lines: what must be known goes there."""
    big = [f"{card.big[1]}：{card.big[0]}"] if card.big else []
    return "；".join(part for part in (card.subtitle, *big, *(f"{f.name}：{f.value}" for f in card.fields)) if part)


def _page(card: Card) -> Body:
    return {"card_action": {"type": 1, "url": need_url(card.url)}} if card.url else {}


def _button(button: Button) -> Body:
    body: Body = {"text": label(button.text, 10), "style": _STYLES[button.style]}
    if button.payload:
        return body | {"type": 0, "key": need_key(button.payload, most=1024)}
    return body | {"type": 1, "url": need_url(button.url)}


def _action(button: Button) -> Body:
    return {"text": label(button.text, 10), "key": need_key(button.payload, most=1024)}


def _submit(callbacks: Sequence[Button]) -> Body:
    if len(callbacks) != 1:
        raise Unsupported("check boxes and lists have one submit button")
    return {"text": label(callbacks[0].text, 10), "key": need_key(callbacks[0].payload, most=1024)}


def _selection(choice: Choice) -> Body:
    options = [
        {"id": need_key(option.id, most=128), "text": label(option.text, 16)} for option in _counted(choice, most=10)
    ]
    body: Body = {"question_key": need_key(choice.key, most=1024), "title": chars(choice.title, 12)}
    if choice.selected:
        body["selected_id"] = choice.selected[0]
    return body | {"option_list": options}


def _counted(choice: Choice, *, most: int) -> Sequence[Any]:
    if not 1 <= len(choice.options) <= most:
        raise Unsupported(f"{len(choice.options)} options")
    _unique([option.id for option in choice.options])
    return choice.options


def _unique(keys: Sequence[str]) -> None:
    if len(set(keys)) != len(keys):
        raise Unsupported("keys must differ")


def _check_task_id(task_id: str) -> None:
    if not _TASK_ID.fullmatch(task_id):
        raise ValueError("a task id has 1 to 128 of [0-9A-Za-z_-@]")


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
