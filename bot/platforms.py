"""Whether this program speaks every platform that an office names."""

from __future__ import annotations

from collections.abc import Iterator

from config.loader import Configuration
from config.problems import ConfigInvalid, ConfigProblem, guess, listed
from connectors import registry


def problems(configuration: Configuration) -> Iterator[ConfigProblem]:
    """Accounts that bring `options` for a platform without a connector, for `officebot check`."""
    for number, account in enumerate(configuration.settings.accounts, 1):
        if account.platform not in registry.BUILDERS:
            hint = guess(account.platform, registry.BUILDERS) or listed(registry.BUILDERS)
            what = f"程序里没有 {account.platform} 这个平台，登记在 connectors/registry.py 的才能用"
            yield ConfigProblem("office.yaml", 0, f"accounts[{number}].platform", what, hint)


def must_be_known(configuration: Configuration) -> None:
    """Raises ConfigInvalid."""
    if found := [*problems(configuration)]:
        raise ConfigInvalid(found)
