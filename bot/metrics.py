"""What is counted, for `/metrics`. One object per running service, so that tests and several services never mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.watching import Concern, State

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 2.0)
_LETTER_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)


class Metrics:
    """Names begin with `officebot_`; labels are accounts, doors, kinds and outcomes, never people.

    Counters and histograms are this instance's, since its start. Gauges are the office's, the same from every instance,
    and as old as `bot.watching` keeps a look. The table in `bot/README.md` is made from here (`table`).
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._own: list[tuple[Counter | Gauge | Histogram, tuple[str, ...]]] = []
        self.deliveries = self._counter("deliveries", "Calls at our doors", "account", "door", "outcome")
        self.rejected = self._counter(
            "rejected", "Deliveries refused before they were believed", "account", "door", "reason"
        )
        self.answering = self._histogram("delivery_seconds", "From a call at a door to our answer", _SECONDS, "door")
        self.events = self._counter("events", "Events by outcome", "kind", "outcome")
        self.handling = self._histogram("event_seconds", "From admission to durable outcome", _SECONDS)
        self.letters = self._counter("letters", "Attempts to send", "account", "outcome")
        self.sending = self._histogram("letter_seconds", "How long a platform took for one", _LETTER_SECONDS, "account")
        self.due = self._counter("due", "Due rows by outcome", "kind", "outcome")
        self.waiting = self._gauge("outbox", "Letters by state: waiting (that could go by now), dead", "state")
        self._gauges()

    def letter(self, account: str, outcome: str) -> None:
        """The shape that `handlers.mailroom.deliver` wants."""
        self.letters.labels(account, outcome).inc()

    def took(self, account: str, seconds: float) -> None:
        self.sending.labels(account).observe(seconds)

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)

    def show(self, state: State, concerns: Sequence[Concern]) -> None:
        """What the last look found; what is gone from it is gone here."""
        self._queues(state)
        self._keeping(state)
        self.concern.clear()
        for one in concerns:
            self.concern.labels(one.code, one.grade).set(1)

    def table(self) -> str:
        """The names as Prometheus has them, for the README."""
        return "\n".join(self._rows())

    def _gauges(self) -> None:
        self.inbox = self._gauge("inbox_waiting", "Events that a worker must come back to")
        self.inbox_age = self._gauge("inbox_age_seconds", "Since the oldest of them came; 0 where none waits")
        self.outbox_waiting = self._gauge("outbox_waiting", "Letters that could go by now", "account")
        self.outbox_age = self._gauge("outbox_age_seconds", "Since the oldest of them was posted", "account")
        self.late = self._gauge("due_late", "Due work whose time has come")
        self.late_age = self._gauge("due_age_seconds", "Since the oldest of it was due")
        self.unsealed = self._gauge("unsealed", "Facts that wait for the sealer, about")
        self.unsealed_age = self._gauge("unsealed_age_seconds", "Since the oldest of them was recorded")
        self.facts = self._gauge("journal_facts", "The highest number in the journal")
        self.dead = self._gauge("dead", "What waits for an administrator: letter, event, due", "what")
        self.leases = self._gauge("lease_seconds", "What is left of a lease, by its holder", "name", "owner")
        self.quota_used = self._gauge(
            "quota_used", "Of a platform's monthly quota, counted since the start", "account", "what"
        )
        self.quota_left = self._gauge("quota_left", "What is left of it", "account", "what")
        self.database = self._gauge("database_bytes", "The database as it lies on the disk")
        self.disk = self._gauge("disk_free_bytes", "Free where our data lies")
        self.backup_age = self._gauge("backup_age_seconds", "Since the last backup that was read back; -1: none yet")
        self.drill_age = self._gauge("drill_age_seconds", "Since the last restore drill that passed; -1: none yet")
        self.head_age = self._gauge("head_age_seconds", "Since the last signed head; -1: none yet")
        self.concern = self._gauge(
            "concern", "1 for everything that is not as it should be (`serious`: not ready)", "code", "grade"
        )

    def _queues(self, state: State) -> None:
        queues, at = state.queues, state.at
        self.inbox.set(queues.inbox.number)
        self.inbox_age.set(queues.inbox.age(at))
        self.late.set(queues.due.number)
        self.late_age.set(queues.due.age(at))
        self.unsealed.set(state.unsealed.number)
        self.unsealed_age.set(state.unsealed.age(at))
        self.facts.set(state.facts)
        for gauge in (self.outbox_waiting, self.outbox_age, self.leases):
            gauge.clear()
        for account, queue in queues.outbox.items():
            self.outbox_waiting.labels(account).set(queue.number)
            self.outbox_age.labels(account).set(queue.age(at))
        for what, number in queues.dead.items():
            self.dead.labels(what).set(number)
        for lease in queues.leases:
            self.leases.labels(lease.name, lease.owner).set(max(0.0, (lease.until - at).total_seconds()))
        self.waiting.labels("waiting").set(sum(queue.number for queue in queues.outbox.values()))
        self.waiting.labels("dead").set(queues.dead.get("letter", 0))

    def _keeping(self, state: State) -> None:
        self.database.set(state.database_bytes)
        self.disk.set(state.disk_free)
        head = state.head[1] if state.head else None
        for gauge, at in (
            (self.backup_age, state.kept.backup), (self.drill_age, state.kept.drill), (self.head_age, head)
        ):  # fmt: skip
            gauge.set(-1 if at is None else (state.at - at).total_seconds())
        for account, what, used, limit in state.quotas:
            self.quota_used.labels(account, what).set(used)
            self.quota_left.labels(account, what).set(max(0, limit - used))

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        made = Counter(f"officebot_{name}", told, labels, registry=self.registry)
        self._own.append((made, labels))
        return made

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        made = Gauge(f"officebot_{name}", told, labels, registry=self.registry)
        self._own.append((made, labels))
        return made

    def _histogram(self, name: str, told: str, buckets: Sequence[float], *labels: str) -> Histogram:
        made = Histogram(f"officebot_{name}", told, labels, buckets=buckets, registry=self.registry)
        self._own.append((made, labels))
        return made

    def _rows(self) -> Iterator[str]:
        yield "| name | kind | labels | what |"
        yield "| --- | --- | --- | --- |"
        for one, labels in self._own:
            family = next(iter(one.describe()))
            name = f"{family.name}_total" if family.type == "counter" else family.name
            yield f"| `{name}` | {family.type} | {', '.join(labels)} | {family.documentation} |"
