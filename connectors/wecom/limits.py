"""Cutting at WeCom's sizes, which count characters here and bytes there; and what no cutting can repair."""

from __future__ import annotations

import re

from connectors.errors import Unsupported

_MORE = "…"
# json.dumps must write these as \u00XX even in UTF-8, and WeCom refuses such escapes (error 40033).
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def clean(text: str) -> str:
    """Without control characters, except tab and newline, and without halves of surrogate pairs."""
    return _CONTROL.sub("", text.replace("\r\n", "\n")).encode(errors="ignore").decode()


def chars(text: str, most: int) -> str:
    """At most `most` characters; what was cut ends in an ellipsis."""
    text = clean(text)
    return text if len(text) <= most else text[: most - 1] + _MORE


def label(text: str, most: int) -> str:
    """Like `chars`, for words that WeCom insists on. Raises `Unsupported` when nothing is left to read."""
    short = chars(text, most)
    if not short.strip():
        raise Unsupported("words are missing")
    return short


def octets(text: str, most: int) -> str:
    """At most `most` bytes of UTF-8, cut between characters."""
    data = clean(text).encode()
    if len(data) <= most:
        return data.decode()
    return data[: most - len(_MORE.encode())].decode(errors="ignore") + _MORE


def need_url(url: str) -> str:
    """Raises `Unsupported` for what WeCom would refuse as an address; an address cannot be cut."""
    if not url.startswith(("https://", "http://")) or len(url.encode()) > 2048:
        raise Unsupported("needs an address with scheme, at most 2048 bytes")
    return url


def need_key(key: str, *, most: int) -> str:
    """Raises `Unsupported` for an empty or over-long key: cut, it would be another key."""
    if not key or len(key.encode()) > most or clean(key) != key:
        raise Unsupported(f"a key has 1 to {most} bytes")
    return key
