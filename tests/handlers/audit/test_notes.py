"""Notes and checkpoints by their specification's own examples, and everything that is none."""

from __future__ import annotations

import string
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from handlers.audit import notes
from handlers.audit.notes import Checkpoint, Signer, Unsigned, Verifier

# The key and the note of Go's golang.org/x/mod/sumdb/note, whose format the specification wrote down.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SAID = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# c2sp.org/tlog-checkpoint
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n— example.com/behind-the-sofa"
    " Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
AT = datetime(2026, 4, 27, 1, tzinfo=UTC)
OURS = Signer("officebot/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
NOTE = OURS.sign(Checkpoint(origin="officebot/1", size=7, root=bytes(32), at=AT).text)
_LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"


def test_the_known_note_is_signed_by_its_known_key():
    text, key = notes.opened(SAID, [Verifier.parse(PETER)])
    assert (text.splitlines()[1], key.text) == ("then you don't know what your problem is.", PETER)


def test_the_checkpoint_of_the_specification_is_read():
    point = notes.checkpoint(SOFA.partition("\n\n")[0] + "\n")
    assert (point.origin, point.size, point.root.hex()[:8]) == ("example.com/behind-the-sofa", 20852163, "0ac5186a")
    assert point.text == SOFA.partition("\n\n")[0] + "\n"


def test_ours_is_read_back():
    text, key = notes.opened(NOTE, [OURS.verifier])
    assert key == OURS.verifier
    assert notes.checkpoint(text) == Checkpoint(origin="officebot/1", size=7, root=bytes(32), at=AT)
    second = Checkpoint(origin="o", size=7, root=bytes(32), at=AT, sm3=(5, b"\x01" * 32))
    assert notes.checkpoint(second.text) == second


def test_a_note_of_an_unknown_key_is_not_believed():
    with pytest.raises(Unsigned):
        notes.opened(NOTE, [Verifier.parse(PETER)])
    with pytest.raises(Unsigned):
        notes.opened(NOTE, [])


def test_one_known_signature_is_enough_and_a_wrong_one_of_a_known_key_is_too_much():
    other = Signer("other", Ed25519PrivateKey.generate())
    both = NOTE + other.sign(NOTE.partition("\n\n")[0] + "\n").rpartition("\n\n")[2]
    assert notes.opened(both, [other.verifier])[1] == other.verifier
    forged = NOTE + other.sign("something else\n").rpartition("\n\n")[2]
    assert notes.opened(forged, [OURS.verifier])[1] == OURS.verifier
    with pytest.raises(Unsigned):
        notes.opened(forged, [OURS.verifier, other.verifier])


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_no_byte_of_a_note_can_be_changed(at, by):
    data = bytearray(NOTE.encode())
    data[at] ^= by
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(Unsigned):
        notes.opened(text, [OURS.verifier])


def test_the_same_signature_is_written_in_one_way_only():
    last = NOTE[-3]  # before the padding: two of its bits mean nothing
    assert NOTE.endswith(f"{last}=\n")
    for by in (1, 2, 3):
        other = _LETTERS[_LETTERS.index(last) ^ by]
        with pytest.raises(Unsigned):
            notes.opened(f"{NOTE[:-3]}{other}=\n", [OURS.verifier])


@pytest.mark.parametrize("text", ["", "\n", "a\n", "a\n\n", "a\n\nb\n", "a\n\n— b\n", "a\n\n— b c d\n",
                                  "a\n\n— b AAAA\n", "a\tb\n\n— b AAAAAAAA\n", NOTE[:-1],
                                  NOTE.replace("—", "-")])  # fmt: skip
def test_what_is_no_note(text):
    with pytest.raises(Unsigned):
        notes.opened(text, [OURS.verifier])


@pytest.mark.parametrize("text", ["a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\n%%\n", "a\n1\nAAAA\n\n",
                                  "a\n1\nAAAA\ntime x\n", "a\n1\nAAAA\ntime 99999999999999999999\n"])  # fmt: skip
def test_what_is_no_checkpoint(text):
    with pytest.raises(Unsigned):
        notes.checkpoint(text)


@pytest.mark.parametrize(
    "text", ["", "a", "a+b+c", PETER[:-4], PETER.replace("c74f", "c74e"), PETER.replace("Peter", "Pet")]
)
def test_what_is_no_key(text):
    with pytest.raises(ValueError, match=r"key|base64"):
        Verifier.parse(text)


def test_names_that_a_note_cannot_carry():
    for name in ("", "a b", "a+b", "a\n"):
        with pytest.raises(ValueError, match="name"):
            Signer(name, Ed25519PrivateKey.generate())
    with pytest.raises(ValueError, match="note"):
        OURS.sign("no newline")


def test_notes_are_found_in_a_chat_that_was_copied_out():
    said = f"办公室 17:45\n今天的总指纹：\n\n{NOTE}\n下一条\n\n{SOFA}".replace("\n", "\r\n")
    assert notes.split(said) == [NOTE, SOFA]
