"""Secrets inside a backup: under a passphrase (scrypt, AES-256-GCM), or not in it at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from bot.backups.trouble import Trouble

_MAGIC: Final = b"officebot-keys/1\n"
_SALT, _NONCE = 16, 12
_COST: Final = 1 << 15  # 32 MB and about a tenth of a second; what OWASP's sheet of 2025 asks for with r=8, p=3


def seal(files: Mapping[str, bytes], passphrase: str) -> bytes:
    """The files, by name, so that only the passphrase opens them."""
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    plain = json.dumps({name: data.hex() for name, data in files.items()}).encode()
    return _MAGIC + salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, plain, _MAGIC)


def opened(data: bytes, passphrase: str) -> dict[str, bytes]:
    """The inverse. Raises Trouble(passphrase) for another one, or for what was altered."""
    rest = data.removeprefix(_MAGIC)
    salt, nonce, text = rest[:_SALT], rest[_SALT : _SALT + _NONCE], rest[_SALT + _NONCE :]
    if rest == data or len(text) < 16:
        raise Trouble("broken", part="keys.sealed")
    try:
        plain = AESGCM(_key(passphrase, salt)).decrypt(nonce, text, _MAGIC)
    except InvalidTag:
        raise Trouble("passphrase") from None
    return {name: bytes.fromhex(told) for name, told in json.loads(plain).items()}


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=3).derive(passphrase.encode())
