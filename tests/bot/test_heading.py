from __future__ import annotations

import errno
import os
from datetime import UTC, datetime

import pytest

from bot import heading
from handlers.audit.heads import Head


@pytest.mark.parametrize("before", [None, "an earlier head\n"])
def test_a_full_disk_leaves_no_half_head_and_no_empty_file(before, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "heads.txt"
    if before is not None:
        file.write_text(before, encoding="utf-8")
    monkeypatch.setattr(os, "fsync", full)
    head = Head(size=1, root=b"r" * 32, at=datetime(2026, 4, 27, tzinfo=UTC), note="a note\n", signer="k")
    with pytest.raises(OSError, match="No space"):
        heading.append(file, head)
    assert (file.read_text(encoding="utf-8") if file.exists() else None) == before
