"""What an administrator types: one file per command, each with a `command`; listed in `bot/__main__.py`."""
