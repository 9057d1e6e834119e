"""A strict stand-in for a private deployment behind its gateway; what it lacks is refused as absent."""

from connectors.yuezhengyi.fake.server import Deployment, Fake

__all__ = ["Deployment", "Fake"]
