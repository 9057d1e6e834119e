"""The four signatures and the one cipher of Yunzhijia, each with its own recipe; and our own mark on cards. Pure.

Comparisons take constant time; every failure of the cipher is one `Rejected`, so that no answer can serve as an oracle.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha1, sha256
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from connectors.errors import Rejected

PROBE_ROBOT, PROBE_SECRET = "test-robotId", "test-secret"
"""What the platform sends when the robot's address is saved, and the fixed key it is signed with (3.2)."""
ROBOT_FIELDS = ("robotId", "robotName", "operatorOpenid", "operatorName", "time", "msgId", "content")
_BLOCK = 16


def pubtoken(*, no: str, pub: str, secret: str, nonce: str, time: str) -> str:
    """Lower-case hex SHA-1 of the five values, sorted as strings and joined; equal ones stay double (2)."""
    values = sorted((no, pub, secret, nonce, time), key=str.encode)
    return sha1("".join(values).encode()).hexdigest()


def robot_sign(body: Mapping[str, Any], *, secret: str) -> str:
    """Base64 of HMAC-SHA1 over seven values in a fixed order, joined by commas without escaping (3.2)."""
    return _hmac_sha1(secret, ",".join(_decimal(body.get(name)) for name in ROBOT_FIELDS))


def todo_sign(open_id: str, source_type: str, source_ids: Iterable[str], *, key: str) -> str:
    """Base64 of HMAC-SHA1 over the sorted values joined by `&`; who is who is lost by the sorting (4)."""
    return _hmac_sha1(key, "&".join(sorted([open_id, source_type, *source_ids], key=_bytes)))


def expect(claimed: Any, made: str) -> None:
    """Raises `Rejected` unless equal."""
    if not isinstance(claimed, str) or not hmac.compare_digest(_bytes(claimed), made.encode()):
        raise Rejected("signature")


def _hmac_sha1(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), _bytes(text), sha1).digest()).decode()


def _decimal(value: Any) -> str:
    """`time` is a JSON number that is signed as decimal text."""
    return "" if value is None or isinstance(value, (dict, list, bool)) else str(value)


def _bytes(text: str) -> bytes:
    # Lone surrogates come out of JSON: they make a wrong signature, not an exception.
    return text.encode(errors="surrogatepass")


def open_approval(body: bytes, *, key: str) -> bytes:
    """The plain JSON of an approval push: Base64 text, AES-128-ECB, PKCS#7; the key's letters are its bytes (5.1)."""
    try:
        sealed = base64.b64decode(body.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise Rejected("base64") from None
    if not sealed or len(sealed) % _BLOCK:
        raise Rejected("block size")
    opener = Cipher(algorithms.AES(key.encode()), modes.ECB()).decryptor()
    plain = opener.update(sealed) + opener.finalize()
    pad = plain[-1]
    if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise Rejected("padding")
    return plain[:-pad]


def card_token(payload: str, *, track: str, oid: str, until: datetime, key: str) -> str:
    """What a button of a private state carries: card callbacks have no signature of the platform's (9.3).

    Bound to card, person, act and expiry; a copy of it opens nothing for anybody else.
    """
    stamp = str(int(until.timestamp() * 1000))
    return f"{stamp}.{_card_mac(payload, track, oid, stamp, key)}"


def check_card_token(token: str, payload: str, *, track: str, oid: str, now: datetime, key: str) -> None:
    """Raises `Rejected`: forged, somebody else's, or older than a card can be."""
    stamp, _, mac = token.partition(".")
    if not hmac.compare_digest(_bytes(mac), _card_mac(payload, track, oid, stamp, key).encode()):
        raise Rejected("signature")
    if int(stamp) < now.timestamp() * 1000:
        raise Rejected("too old")


def _card_mac(payload: str, track: str, oid: str, stamp: str, key: str) -> str:
    parts = "\0".join(("officebot yunzhijia card", track, oid, payload, stamp))
    return hmac.new(key.encode(), _bytes(parts), sha256).hexdigest()[:32]
