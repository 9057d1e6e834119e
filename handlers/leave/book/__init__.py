"""The ledger itself, pure: lots, entries, which lot bears what, what became of each request."""
