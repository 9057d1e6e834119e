"""The callback framing that WeCom and DingTalk share: AES-256-CBC over a framed text, SHA-1 signature.

`wecom.md` section 3, `dingtalk.md` section 2.2. Strict where the public SDKs are lax: signature before anything else
and in constant time, every pad byte, the length inside the buffer, the receive id in constant time, UTF-8. Every
failure is one `Rejected`, so that no answer can serve as an oracle; the reason goes to the log only.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
import struct
from functools import lru_cache
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from connectors.errors import Rejected

_BLOCK = 32  # PKCS#7 over 32 bytes, not AES's 16: half of all messages fail with an ordinary unpadder
_KEY = re.compile(r"[0-9A-Za-z]{43}")
_DIGITS = re.compile(r"[0-9]{1,14}")


def aes_key(encoding_aes_key: str) -> bytes:
    """The 32 key bytes of a 43-character EncodingAESKey; spare low bits of its last character are legal.

    Raises ValueError for any other text, so that a bad key fails at start-up and not on a request.
    """
    if not _KEY.fullmatch(encoding_aes_key):
        raise ValueError("EncodingAESKey must be 43 letters and digits")
    return base64.b64decode(encoding_aes_key + "=")


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """Lower-case hex SHA-1 of the byte-wise sorted parts."""
    # Lone surrogates can come out of JSON and header bytes; they must make a wrong signature, not an exception.
    parts = sorted(part.encode(errors="surrogatepass") for part in (token, timestamp, nonce, encrypted))
    return sha1(b"".join(parts), usedforsecurity=False).hexdigest()


def verify(token: str, timestamp: str, nonce: str, encrypted: str, *, claimed: str) -> None:
    """Raises `Rejected` unless `claimed` is the signature."""
    ours = signature(token, timestamp, nonce, encrypted)
    if not hmac.compare_digest(ours.encode(), claimed.encode(errors="surrogatepass")):
        raise Rejected("signature")


def check_age(timestamp: str, *, now: float, window: float, unit: int = 1) -> None:
    """Raises `Rejected` for a timestamp that is no number or further than `window` seconds from `now`.

    `unit` is how many of the timestamp's units make a second: 1 for WeCom, 1000 for DingTalk.
    """
    if not _DIGITS.fullmatch(timestamp):
        raise Rejected("timestamp")
    if abs(now - int(timestamp) / unit) > window:
        raise Rejected("too old")


def encrypt(text: bytes, *, key: bytes, receive_id: str) -> str:
    """Base64 of the framed, padded and encrypted text."""
    framed = secrets.token_bytes(16) + struct.pack(">I", len(text)) + text + receive_id.encode()
    pad = _BLOCK - len(framed) % _BLOCK
    encryptor = _cipher(key).encryptor()
    return base64.b64encode(encryptor.update(framed + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(encrypted: str, *, key: bytes) -> tuple[bytes, str]:
    """(text, receive id). Call only after `verify`. Raises `Rejected` with the exact reason."""
    framed = _unpad(_open(encrypted, key))
    if len(framed) < 20:
        raise Rejected("buffer")
    (length,) = struct.unpack(">I", framed[16:20])
    if 20 + length > len(framed):
        raise Rejected("length")
    try:
        return framed[20 : 20 + length], framed[20 + length :].decode()
    except UnicodeDecodeError:
        raise Rejected("receive id") from None


def expect_receiver(found: str, *expected: str) -> None:
    """Raises `Rejected` unless `found` equals one of `expected`; all are compared, in constant time."""
    hits = [hmac.compare_digest(found.encode(), one.encode()) for one in expected]
    if not any(hits):
        raise Rejected("receive id")


@lru_cache(maxsize=64)  # one per account: made anew it costs more than what it decrypts
def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _open(encrypted: str, key: bytes) -> bytes:
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError):
        raise Rejected("base64") from None
    if not sealed or len(sealed) % 16:
        raise Rejected("block size")
    decryptor = _cipher(key).decryptor()
    return decryptor.update(sealed) + decryptor.finalize()


def _unpad(padded: bytes) -> bytes:
    pad = padded[-1]
    if not 1 <= pad <= _BLOCK or pad > len(padded) or padded[-pad:] != bytes([pad]) * pad:
        raise Rejected("padding")
    return padded[:-pad]
