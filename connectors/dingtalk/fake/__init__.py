"""A strict local stand-in for DingTalk's server side: both API families, Stream and HTTP push, phones to tap on."""

from connectors.dingtalk.fake.server import Fake

__all__ = ["Fake"]
