"""What is counted, for `/metrics`. One object per running service, so that tests and several services never mix."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 2.0)


class Metrics:
    """Names begin with `officebot_`; labels are accounts, doors, kinds and outcomes, never people."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.deliveries = Counter(
            "officebot_deliveries", "Calls at our doors", ["account", "door", "outcome"], registry=self.registry
        )
        self.rejected = Counter(
            "officebot_rejected", "Deliveries refused before they were believed", ["account", "door", "reason"],
            registry=self.registry,
        )  # fmt: skip
        self.events = Counter("officebot_events", "Events by outcome", ["kind", "outcome"], registry=self.registry)
        self.handling = Histogram(
            "officebot_event_seconds", "From admission to durable outcome", buckets=_SECONDS, registry=self.registry
        )
        self.letters = Counter("officebot_letters", "Attempts to send", ["account", "outcome"], registry=self.registry)
        self.due = Counter("officebot_due", "Due rows by outcome", ["kind", "outcome"], registry=self.registry)
        self.waiting = Gauge("officebot_outbox", "Letters by state", ["state"], registry=self.registry)

    def letter(self, account: str, outcome: str) -> None:
        """The shape that `handlers.mailroom.deliver` wants."""
        self.letters.labels(account, outcome).inc()

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)
