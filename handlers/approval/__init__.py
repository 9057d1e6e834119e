"""Approvals: the engine (pure), the routes, the stores, and the handler of words and taps."""
