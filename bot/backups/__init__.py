"""Copies of an office that can be trusted: made while it works, verified, restored only into an empty place."""
