"""The platform's side of the signatures, written from the notes a second time: our own codec is not imported here."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB


def pub(sender: Mapping[str, str], secret: str) -> str:
    """SHA-1 over team, account, secret, nonce and time in ordinal order."""
    parts = [sender["no"], sender["pub"], secret, sender["nonce"], sender["time"]]
    parts.sort()
    return hashlib.sha1("".join(parts).encode("utf-8")).hexdigest()


def robot(body: Mapping[str, Any], secret: str) -> str:
    line = "{robotId},{robotName},{operatorOpenid},{operatorName},{time},{msgId},{content}".format(**body)
    return _mac(secret, line)


def todo(person: str, app: str, items: Sequence[str], key: str) -> str:
    return _mac(key, "&".join(sorted((person, app, *items))))


def _mac(key: str, line: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), line.encode(), "sha1")).decode()


def seal(plain: str, key: str) -> str:
    """AES-128-ECB with PKCS#7, as Base64 text."""
    pad = padding.PKCS7(128).padder()
    data = pad.update(plain.encode()) + pad.finalize()
    cipher = Cipher(AES(key.encode()), ECB()).encryptor()
    return base64.b64encode(cipher.update(data) + cipher.finalize()).decode()
