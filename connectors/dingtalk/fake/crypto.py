"""The platform's side of the encrypted push, by dingtalk-sdk and not by our own framing (design D14).

Two implementations meet on the wire, so that one misreading of the protocol cannot cancel itself out. The library loads
at first use: only the sandbox and the tests pay for it.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any


class BadReply(Exception):
    """The service's answer to a push is not what the platform accepts."""


@cache
def _library() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", UserWarning)
        from dingtalk.crypto import DingTalkCrypto
    return DingTalkCrypto


class Seal:
    """One token, key and owner key, as the console's event subscription has them."""

    def __init__(self, token: str, encoding_aes_key: str, owner: str) -> None:
        self._crypto = _library()(token, encoding_aes_key, owner)

    def seal(self, text: str, *, timestamp: str, nonce: str) -> dict[str, str]:
        """`msg_signature`, `encrypt`, `timeStamp`, `nonce`."""
        sealed: dict[str, str] = self._crypto.encrypt_message(text, nonce=nonce, timestamp=timestamp)
        return sealed

    def open(self, reply: Any) -> str:
        """The word inside the service's answer; raises BadReply."""
        try:
            signed = (reply["msg_signature"], str(reply["timeStamp"]), reply["nonce"], reply["encrypt"])
            word: str = self._crypto.decrypt_encrypt_str(*signed)
        # The library raises whatever its slicing raises (dependencies.md 3.2); for the platform they are one failure.
        except Exception as broken:
            raise BadReply(type(broken).__name__) from broken
        return word
