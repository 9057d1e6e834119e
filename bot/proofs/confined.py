"""Runs `verifier.py` on what a stranger sent, in a process of its own with little memory, time and no writing.

    python -I -B confined.py verifier.py BUNDLE --json ...

The same program as in every bundle. Standard library only: it is run as a file.
"""

from __future__ import annotations

import os
import resource
import runpy
import sys

MEMORY = 1 << 30
SECONDS = 60


def main() -> None:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    program, *sys.argv[1:] = sys.argv[1:]
    sys.argv[0] = program
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
