"""XML of a callback into plain dicts and lists, by the parser rules of wecom.md 5.

An element is a text, a dict of its children, or - where the protocol repeats it, or it did repeat - a list.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError
from xml.etree.ElementTree import fromstring as plain

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from connectors.errors import Rejected

_DEEPEST = 16
_ALWAYS_LISTS = frozenset({
    "SelectedItem", "OptionId",  # 5.3
    "ApprovalNode", "Item", "NotifyNode",  # 5.5
    "SpRecord", "Details", "Notifyer", "Comments", "Attach", "NodeList",  # 5.6
    "PicList", "item",  # 5.2
})  # fmt: skip


class Malformed(ValueError):
    """Not well-formed, or not the shape of a message; nothing was forged, only badly written."""


def parse(text: str) -> dict[str, Any]:
    """The children of the root element. Raises `Rejected` for a DTD or an entity, `Malformed` for broken XML."""
    try:
        # Expansion and outside entities all begin with a DTD, and a DTD with this literal; without it the C parser
        # reads what defusedxml's Python one would, in a tenth of the time.
        root = fromstring(text, forbid_dtd=True) if "<!DOCTYPE" in text else plain(text)
    except DefusedXmlException:
        raise Rejected("dtd") from None
    except (ParseError, ValueError, RecursionError):
        raise Malformed("not well-formed") from None
    value = _value(root, 0)
    if not isinstance(value, dict):
        raise Malformed("no elements")
    return value


def _value(element: Element, depth: int) -> Any:
    if depth > _DEEPEST:
        raise Malformed("too deep")
    if not len(element):
        return (element.text or "").strip()
    fields: dict[str, Any] = {}
    for child in element:
        _put(fields, child.tag, _value(child, depth + 1))
    return fields


def _put(fields: dict[str, Any], name: str, value: Any) -> None:
    if name not in fields:
        fields[name] = [value] if name in _ALWAYS_LISTS else value
    elif isinstance(fields[name], list):
        fields[name].append(value)
    else:
        # Unlisted, but it came twice: better a list than a lost value.
        fields[name] = [fields[name], value]
