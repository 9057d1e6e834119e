"""Template cards (wecom.md 8): what is refused, and how a card looks on the phone after the client's own cutting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from connectors.sandbox.phones import Button, Choice, Field, Message
from connectors.wecom.fake.bodies import address
from connectors.wecom.fake.world import Data, Refusal, distinct, object_of, objects_of, refuse_unless, text_of

INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
NOTICES = frozenset({"text_notice", "news_notice"})
_SUBMITTED = frozenset({"vote_interaction", "multiple_interaction"})
_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
_TONES = {"0": "neutral", "1": "waiting", "2": "bad", "3": "good"}
# Members that a kind of card does not have are ignored, whatever they hold.
_QUESTIONS = {
    "button_interaction": "button_selection",
    "vote_interaction": "checkbox",
    "multiple_interaction": "select_list",
}


@dataclass(frozen=True, slots=True)
class Copy:
    """The card as one member has it. `renamed` is `button.replace_name` of an update."""

    card: Data
    renamed: str = ""
    updates: int = 0

    @property
    def closed(self) -> str:
        return self.renamed or str(self.card.get("replace_text", ""))


def wants_callback(card: Data) -> bool:
    """Whether a tap on it must reach the app's callback URL; such cards carry a response_code."""
    return card.get("card_type") in INTERACTIVE or bool(card.get("action_menu"))


def check(card: Data) -> None:
    """Raises `Refusal` for everything but lengths, which the client only cuts."""
    kind = card.get("card_type")
    if not isinstance(kind, str) or kind not in _OWN:
        raise Refusal(40058, "invalid card_type")
    _check_shared(card)
    _OWN[kind](card)
    if wants_callback(card):
        refuse_unless(_TASK_ID.fullmatch(str(card.get("task_id", ""))), "invalid task_id")


def keys(card: Data) -> Iterator[tuple[str, str]]:
    """(key, event) of everything that can be tapped and calls back."""
    for button in _listed(card):
        if button.get("type", 0) == 0:
            yield button["key"], "template_card_event"
    if card["card_type"] in _SUBMITTED:
        yield card["submit_button"]["key"], "template_card_event"
    for action in (card.get("action_menu") or {}).get("action_list") or ():
        yield action["key"], "template_card_menu_event"


def questions(card: Data) -> dict[str, tuple[frozenset[str], bool]]:
    """question_key -> (option ids, whether many may be chosen)."""
    found: dict[str, tuple[frozenset[str], bool]] = {}
    for part in _question_parts(card):
        many = bool(part.get("mode")) and "mode" in part
        found[part["question_key"]] = frozenset(option["id"] for option in part["option_list"]), many
    return found


# --- refusing


def _check_shared(card: Data) -> None:
    if "task_id" in card:
        refuse_unless(_TASK_ID.fullmatch(str(card["task_id"])), "invalid task_id")
    for name in ("source", "main_title", "quote_area", "emphasis_content", "card_image"):
        object_of(card, name)
    if menu := object_of(card, "action_menu"):
        actions = objects_of(menu, "action_list", 1, 3)
        distinct([_key(action, "key") for action in actions], "action keys")
        for action in actions:
            text_of(action, "text")
    for line in objects_of(card, "horizontal_content_list", 0, 6):
        _check_line(line)
    objects_of(card, "vertical_content_list", 0, 4)
    for jump in objects_of(card, "jump_list", 0, 3):
        text_of(jump, "title")
        if jump.get("type", 0) == 1:
            address(text_of(jump, "url"))
    if object_of(card, "card_action").get("type") == 1:
        address(text_of(card["card_action"], "url"))


def _check_line(line: Data) -> None:
    text_of(line, "keyname")
    kind = line.get("type", 0)
    refuse_unless(kind in (0, 1, 2, 3), "invalid type of a line")
    if kind == 1:
        address(text_of(line, "url"))
    elif kind:
        text_of(line, "media_id" if kind == 2 else "userid")


def _need_title(card: Data) -> None:
    refuse_unless(object_of(card, "main_title").get("title"), "missing main_title.title")


def _need_action(card: Data) -> None:
    refuse_unless(object_of(card, "card_action").get("type") in (1, 2), "missing card_action")


def _text_notice(card: Data) -> None:
    _need_action(card)
    refuse_unless(object_of(card, "main_title").get("title") or card.get("sub_title_text"), "missing main_title.title")


def _news_notice(card: Data) -> None:
    _need_title(card)
    _need_action(card)
    image, area = object_of(card, "card_image"), object_of(card, "image_text_area")
    refuse_unless(image or area, "missing card_image")
    if image:
        text_of(image, "url")
        ratio = image.get("aspect_ratio", 1.3)
        refuse_unless(isinstance(ratio, (int, float)) and 1.3 <= ratio <= 2.25, "invalid aspect_ratio")
    else:
        text_of(area, "image_url")


def _button_interaction(card: Data) -> None:
    _need_title(card)
    buttons = objects_of(card, "button_list", 1, 6)
    for button in buttons:
        text_of(button, "text")
        refuse_unless(button.get("style", 1) in (1, 2, 3, 4), "invalid style")
        refuse_unless(button.get("type", 0) in (0, 1), "invalid button type")
        if button.get("type", 0) == 1:
            address(text_of(button, "url"))
    distinct([_key(button, "key") for button in buttons if button.get("type", 0) == 0], "button keys")
    if selection := object_of(card, "button_selection"):
        _question(selection, 10)


def _vote_interaction(card: Data) -> None:
    _need_title(card)
    checkbox = object_of(card, "checkbox")
    _question(checkbox, 20)
    refuse_unless(checkbox.get("mode", 0) in (0, 1), "invalid mode")
    _submit(card)


def _multiple_interaction(card: Data) -> None:
    _need_title(card)
    lists = objects_of(card, "select_list", 1, 3)
    for question in lists:
        _question(question, 10)
    distinct([question["question_key"] for question in lists], "question keys")
    _submit(card)


def _question(part: Data, most: int) -> None:
    _key(part, "question_key")
    options = objects_of(part, "option_list", 1, most)
    for option in options:
        text_of(option, "text")
    distinct([_key(option, "id", 128) for option in options], "option ids")


def _submit(card: Data) -> None:
    button = object_of(card, "submit_button")
    text_of(button, "text")
    _key(button, "key")


def _key(part: Data, name: str, most: int = 1024) -> str:
    key = text_of(part, name)
    refuse_unless(len(key.encode()) <= most, f"{name} too long")
    return key


_OWN: dict[str, Callable[[Data], None]] = {
    "text_notice": _text_notice,
    "news_notice": _news_notice,
    "button_interaction": _button_interaction,
    "vote_interaction": _vote_interaction,
    "multiple_interaction": _multiple_interaction,
}


# --- showing


def draw(copy: Copy, *, bubble: Message) -> Message:
    """`bubble` with the card on it; lengths as the client cuts them (8.1, 8.2)."""
    card = copy.card
    kind = str(card["card_type"])
    title = card.get("main_title") or {}
    source = card.get("source") or {}
    emphasis = (card.get("emphasis_content") or {}) if kind == "text_notice" else {}
    # Vote and list cards show their title, the question and one button, nothing else.
    rich = kind not in _SUBMITTED
    return replace(
        bubble,
        kind="card",
        source=f"template_card/{kind}",
        title=str(title.get("title", ""))[:36],
        subtitle=str(title.get("desc", ""))[: 160 if kind == "vote_interaction" else 44],
        source_line=str(source.get("desc", ""))[:20],
        tone=_TONES.get(str(source.get("desc_color", 0)), "neutral"),
        big=(str(emphasis.get("title", ""))[:14], str(emphasis.get("desc", ""))[:22]) if emphasis else None,
        quote=str((card.get("quote_area") or {}).get("quote_text", "")) if rich else "",
        text=str(card.get("sub_title_text", ""))[:160] if rich else "",
        fields=_fields(card) if rich else [],
        choices=_choices(copy),
        buttons=_buttons(copy),
        file_name=str((card.get("card_image") or {}).get("url", "")),
        url=str((card.get("card_action") or {}).get("url", "")),
        state=copy.closed,
        updates=copy.updates,
    )


def _fields(card: Data) -> list[Field]:
    across = [
        Field(str(line["keyname"])[:5], str(line.get("value", ""))[:30], str(line.get("url", "")))
        for line in card.get("horizontal_content_list") or ()
    ]
    down = [
        Field(str(line.get("title", ""))[:38], str(line.get("desc", ""))[:160])
        for line in card.get("vertical_content_list") or ()
    ]
    return across + down


def _choices(copy: Copy) -> list[Choice]:
    return [
        Choice(
            key=part["question_key"],
            title=str(part.get("title", "")),
            options=[(option["id"], str(option["text"])[:17]) for option in part["option_list"]],
            selected=_selected(part),
            many=bool(part.get("mode", 0)),
            disabled=bool(part.get("disable") or copy.closed),
        )
        for part in _question_parts(copy.card)
    ]


def _selected(part: Data) -> list[str]:
    checked = [option["id"] for option in part["option_list"] if option.get("is_checked")]
    return checked or ([str(part["selected_id"])] if part.get("selected_id") else [])


def _question_parts(card: Data) -> list[Data]:
    found = card.get(_QUESTIONS.get(card["card_type"], "")) or []
    return found if isinstance(found, list) else [found]


def _listed(card: Data) -> list[Data]:
    return card["button_list"] if card["card_type"] == "button_interaction" else []


def _buttons(copy: Copy) -> list[Button]:
    card, kind = copy.card, copy.card["card_type"]
    if copy.closed:
        return [Button("", copy.closed, dead=True)]
    return [
        *(_button(place, button) for place, button in enumerate(_listed(card))),
        *(
            Button(one["key"], str(one["text"])[:10], "primary")
            for one in [card.get("submit_button")]
            if one and kind in _SUBMITTED
        ),
        *(Button(one["key"], str(one["text"])) for one in (card.get("action_menu") or {}).get("action_list") or ()),
        *(_jump(place, jump) for place, jump in enumerate(card.get("jump_list") or ())),
    ]


def _button(place: int, button: Data) -> Button:
    style = "primary" if button.get("style", 1) == 1 else "danger" if button["style"] == 2 else "plain"
    return Button(button.get("key") or f"url:{place}", str(button["text"])[:10], style, str(button.get("url", "")))


def _jump(place: int, jump: Data) -> Button:
    return Button(f"jump:{place}", str(jump["title"])[:18], url=str(jump.get("url", "")))
