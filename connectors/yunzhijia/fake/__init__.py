"""A strict local Yunzhijia: signatures, one-way to-dos, cards with private states. Knows nothing of our side."""

from connectors.yunzhijia.fake.server import Fake
from connectors.yunzhijia.fake.world import Tenant

__all__ = ["Fake", "Tenant"]
