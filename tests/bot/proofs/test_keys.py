from __future__ import annotations

import stat

import pytest

from bot.proofs import keys
from bot.proofs.keys import BadKey


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first, again = keys.ensure(tmp_path / "a"), keys.ensure(tmp_path / "a")
    assert first.verifier == again.verifier
    assert stat.S_IMODE((tmp_path / "a" / keys.PRIVATE).stat().st_mode) == 0o600
    assert keys.public(tmp_path / "a") == [first.verifier]
    assert sorted(one.name for one in (tmp_path / "a").iterdir()) == [keys.PUBLIC, keys.PRIVATE]


def test_a_new_key_keeps_the_name_and_the_old_public_half(tmp_path):
    old = keys.ensure(tmp_path)
    before, signer = keys.rotate(tmp_path)
    assert before == old.verifier
    assert signer.name == old.name
    assert keys.public(tmp_path) == [old.verifier, signer.verifier]
    assert keys.load(tmp_path).verifier == signer.verifier
    assert stat.S_IMODE((tmp_path / keys.PRIVATE).stat().st_mode) == 0o600


def test_killed_between_its_two_files_the_public_half_is_written_at_the_next_use(tmp_path):
    signer = keys.ensure(tmp_path)
    (tmp_path / keys.PUBLIC).unlink()
    assert keys.ensure(tmp_path).verifier == signer.verifier
    assert keys.public(tmp_path) == [signer.verifier]


@pytest.mark.parametrize("text", ["", "x", "PRIVATE+KEY+a+00000000+AQ==", "PRIVATE+KEY+a+b", "\xff"])
def test_a_broken_key_is_named_and_not_replaced(tmp_path, text):
    keys.ensure(tmp_path)
    (tmp_path / keys.PRIVATE).write_text(text, encoding="utf-8")
    with pytest.raises(BadKey):
        keys.ensure(tmp_path)
    with pytest.raises(BadKey):
        keys.rotate(tmp_path)
