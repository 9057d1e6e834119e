"""The shared callback framing against published vectors and two independent implementations."""

from __future__ import annotations

import base64
import json
import struct
import warnings
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from connectors import framing
from connectors.errors import Rejected

with warnings.catch_warnings():
    # Two frozen SDKs with escapes and imports of their time; only while they load.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=SyntaxWarning)
    warnings.filterwarnings("ignore", category=UserWarning)
    from dingtalk.crypto import DingTalkCrypto
    from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto

VECTORS = json.loads((Path(__file__).parent.parent / "recordings" / "callback_vectors.json").read_text())["vectors"]
WECOM = {vector["id"]: vector for vector in VECTORS["wecom"]}
SEALED_WECOM = [vector for vector in VECTORS["wecom"] if vector["kind"].startswith("callback_")]
SEALED_DINGTALK = [vector for vector in VECTORS["dingtalk"] if vector["kind"] == "event_callback_decrypt"]

KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
keys = st.text(LETTERS, min_size=43, max_size=43)
texts = st.text(st.characters(codec="utf-8"), max_size=300)
receivers = st.text(LETTERS, max_size=24)


def ids(vectors):
    return [vector["id"] for vector in vectors]


@pytest.mark.parametrize("vector", SEALED_WECOM, ids=ids(SEALED_WECOM))
def test_every_wecom_vector_opens(vector):
    expected = vector["expected"]
    framing.verify(
        vector["token"], vector["timestamp"], vector["nonce"], vector["encrypt"], claimed=vector["msg_signature"]
    )
    text, receiver = framing.decrypt(vector["encrypt"], key=framing.aes_key(vector["encoding_aes_key"]))
    assert receiver == expected["receive_id"] == vector["receive_id"]
    assert len(text) == expected["msg_len"]
    assert sha256(text).hexdigest() == expected["msg_sha256"]
    if "msg" in expected:
        assert text.decode() == expected["msg"]
    for value in expected.get("msg_fields", {}).values():
        assert value in text.decode()


@pytest.mark.parametrize("vector", SEALED_DINGTALK, ids=ids(SEALED_DINGTALK))
def test_every_dingtalk_vector_opens(vector):
    given_, expected = vector["input"], vector["expect"]
    framing.verify(
        given_["token"], given_["timestamp"], given_["nonce"], given_["encrypt"], claimed=given_["msg_signature"]
    )
    key = framing.aes_key(given_["encoding_aes_key"])
    assert key.hex() == expected["aes_key_hex"]
    text, receiver = framing.decrypt(given_["encrypt"], key=key)
    assert text.decode() == expected["plaintext"]
    assert receiver == expected["owner_key"]


def test_the_vectors_cover_what_they_should():
    assert len(SEALED_WECOM) == 7
    assert len(SEALED_DINGTALK) == 4


def test_a_nonce_that_is_off_by_one_is_refused():
    vector = WECOM["wechatpy-get-wrong-nonce"]
    parts = (vector["token"], vector["timestamp"], vector["nonce"], vector["encrypt"])
    with pytest.raises(Rejected):
        framing.verify(*parts, claimed=vector["msg_signature"])
    assert framing.signature(*parts) == vector["expected"]["correct_signature"]


def test_encrypting_with_the_published_random_block_gives_the_published_text(monkeypatch):
    vector = WECOM["wechatpy-reply-encrypt"]
    monkeypatch.setattr("connectors.framing.secrets.token_bytes", lambda _: vector["random16"].encode())
    key = framing.aes_key(vector["encoding_aes_key"])
    assert (
        framing.encrypt(vector["plaintext"].encode(), key=key, receive_id=vector["receive_id"])
        == (vector["expected"]["encrypt"])
    )


def test_a_text_that_is_no_json_still_opens():
    vector = WECOM["official-2-post-json"]
    text, _ = framing.decrypt(vector["encrypt"], key=framing.aes_key(vector["encoding_aes_key"]))
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


# --- oracles


@given(texts, keys, receivers)
def test_wechatpy_reads_what_we_seal(text, key, receiver):
    sealed = framing.encrypt(text.encode(), key=framing.aes_key(key), receive_id=receiver)
    assert PrpCrypto(framing.aes_key(key)).decrypt(sealed, receiver) == text


@given(texts, keys, receivers)
def test_we_read_what_wechatpy_seals(text, key, receiver):
    sealed = PrpCrypto(WeChatCrypto("t", key, receiver).key).encrypt(text, receiver).decode()
    assert framing.decrypt(sealed, key=framing.aes_key(key)) == (text.encode(), receiver)


@given(texts, keys, receivers)
def test_dingtalk_sdk_reads_what_we_seal(text, key, receiver):
    sealed = framing.encrypt(text.encode(), key=framing.aes_key(key), receive_id=receiver)
    sign = framing.signature("tok", "1700000000000", "n", sealed)
    crypto = DingTalkCrypto("tok", key, receiver)
    assert crypto.decrypt_message({"encrypt": sealed}, sign, "1700000000000", "n") == text


@given(texts, keys, receivers)
def test_we_read_what_dingtalk_sdk_seals(text, key, receiver):
    made = DingTalkCrypto("tok", key, receiver).encrypt_message(text, "n", "1700000000000")
    framing.verify("tok", made["timeStamp"], made["nonce"], made["encrypt"], claimed=made["msg_signature"])
    assert framing.decrypt(made["encrypt"], key=framing.aes_key(key)) == (text.encode(), receiver)


@given(st.text(LETTERS, min_size=1), st.integers(0, 10**13), st.text(LETTERS), st.text(LETTERS + "+/="))
def test_both_sdks_agree_with_our_signature(token, timestamp, nonce, sealed):
    from dingtalk.crypto import _get_signature as dingtalk_signature
    from wechatpy.crypto import _get_signature as wechat_signature

    ours = framing.signature(token, str(timestamp), nonce, sealed)
    assert ours == wechat_signature(token, str(timestamp), nonce, sealed)
    assert ours == dingtalk_signature(token, str(timestamp), nonce, sealed)


@pytest.mark.parametrize("length", [*range(65), 60_000], ids=str)
def test_every_pad_length_passes_in_both_directions(length):
    # 20 bytes of frame and a receiver of 10: the lengths 0..64 give every pad of 1..32, twice.
    key, text = framing.aes_key(KEY), "x" * length
    ours = framing.encrypt(text.encode(), key=key, receive_id="ww12345678")
    assert PrpCrypto(key).decrypt(ours, "ww12345678") == text
    theirs = PrpCrypto(key).encrypt(text, "ww12345678").decode()
    assert framing.decrypt(theirs, key=key) == (text.encode(), "ww12345678")


@pytest.mark.parametrize(("length", "pad"), [(1, 1), (2, 32)])
def test_the_shortest_and_the_longest_pad_are_what_we_think(length, pad):
    key = framing.aes_key(KEY)
    sealed = base64.b64decode(framing.encrypt(b"x" * length, key=key, receive_id="ww12345678"))
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    assert (decryptor.update(sealed) + decryptor.finalize())[-1] == pad


@pytest.mark.parametrize("last", "ABCDEFGH")
def test_spare_bits_in_a_keys_last_letter_do_not_matter(last):
    assert framing.aes_key(KEY[:-1] + last) == WeChatCrypto("t", KEY[:-1] + last, "r").key


# --- what the SDKs accept and we do not


def seal(framed, key=KEY):
    """Any bytes, whole blocks already, under the key."""
    raw = framing.aes_key(key)
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(framed) + encryptor.finalize()).decode()


def framed(text, *, length=None, receiver=b"ww12345678", pad=None):
    body = b"r" * 16 + struct.pack(">I", len(text) if length is None else length) + text + receiver
    size = 32 - len(body) % 32
    return body + (bytes([size]) * size if pad is None else pad(size))


@pytest.mark.parametrize(
    "sealed",
    [
        "", "====", "no base64!", "QUJD", base64.b64encode(b"x" * 17).decode(),
        seal(framed(b"hello", length=6000)),
        seal(framed(b"hello", length=0xFFFFFFFF)),
        seal(framed(b"hello", pad=lambda size: b"\x00" * size)),
        seal(framed(b"hello", pad=lambda size: bytes([33]) * size)),
        seal(framed(b"hello", pad=lambda size: b"\x07" * (size - 1) + bytes([size]))),
        seal(framed(b"hello", receiver=b"\xff\xfe")),
        seal(b"r" * 12 + bytes([4]) * 4),
        seal(bytes([32]) * 16),
    ],
)  # fmt: skip
def test_what_is_not_a_frame_is_refused(sealed):
    with pytest.raises(Rejected):
        framing.decrypt(sealed, key=framing.aes_key(KEY))


@given(st.binary(max_size=400))
def test_no_bytes_at_all_make_anything_but_a_refusal(data):
    with pytest.raises(Rejected):
        framing.decrypt(base64.b64encode(data).decode(), key=framing.aes_key(KEY))


@given(texts, st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_never_passes_the_signature(text, place, change):
    sealed = framing.encrypt(text.encode(), key=framing.aes_key(KEY), receive_id="r")
    sign = framing.signature("t", "1", "n", sealed)
    data = bytearray(base64.b64decode(sealed))
    data[place % len(data)] ^= change
    with pytest.raises(Rejected):
        framing.verify("t", "1", "n", base64.b64encode(data).decode(), claimed=sign)


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "A", KEY[:-1] + "+", KEY[:-1] + "钥", KEY[:-1] + "\n"])
def test_a_bad_key_fails_at_once(key):
    with pytest.raises(ValueError, match="43"):
        framing.aes_key(key)


@pytest.mark.parametrize(
    ("timestamp", "unit", "fine"),
    [
        ("1000", 1, True), ("700", 1, True), ("1300", 1, True), ("699", 1, False), ("1301", 1, False),
        ("1000000", 1000, True), ("", 1, False), ("+1000", 1, False), ("１０００", 1, False), ("9" * 15, 1, False),
        ("1e3", 1, False), (" 1000", 1, False), ("-1000", 1, False),
    ],
)  # fmt: skip
def test_only_digits_inside_the_window_are_young_enough(timestamp, unit, fine):
    if fine:
        framing.check_age(timestamp, now=1000, window=300, unit=unit)
        return
    with pytest.raises(Rejected):
        framing.check_age(timestamp, now=1000, window=300, unit=unit)


def test_the_receiver_must_be_one_of_ours():
    framing.expect_receiver("b", "a", "b")
    with pytest.raises(Rejected):
        framing.expect_receiver("c", "a", "b")
    with pytest.raises(Rejected):
        framing.expect_receiver("", "a")
