"""Who owns the six top-level packages: another distribution with a `config` of its own would silently replace ours."""

from __future__ import annotations

from importlib.metadata import packages_distributions

PACKAGES = ("bot", "scheduler", "handlers", "connectors", "cards", "config")
OWNER = "officebot"


def strangers() -> dict[str, list[str]]:
    """Package -> its owners, for each that is not ours alone; empty when all is well (or nothing is installed)."""
    owners = packages_distributions()
    found = {name: sorted(set(owners.get(name, []))) for name in PACKAGES}
    return {name: who for name, who in found.items() if set(who) - {OWNER}}
