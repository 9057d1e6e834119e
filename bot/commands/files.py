"""What a command writes for people: whole under its name, or not there at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import click

from cards import causes


def write(file: Path, data: bytes) -> None:
    """A full disk leaves neither half a file nor an empty one, and what stood there before stays. Raises
    ClickException."""
    draft = file.with_name(f".{file.name}.tmp")
    try:
        if file.exists() and not file.is_file():
            file.write_bytes(data)  # a device or a pipe has no half
            return
        draft.write_bytes(data)
        os.replace(draft, file)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise click.ClickException(f"写不了 {file}：{causes.why(error)}，没有写入。") from error
