"""A strict stand-in for WeCom's server side, for tests, the demo and anybody's client (design.md D11).

Strict means: what WeCom refuses is refused with its code, what it cuts or drops silently is cut or dropped silently. It
encrypts, signs and parses callbacks with wechatpy, never with our own codec (D14).
"""

from connectors.wecom.fake.server import Fake

__all__ = ["Fake"]
