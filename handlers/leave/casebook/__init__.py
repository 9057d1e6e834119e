"""Worked examples against the engine: the format leave-cases/1."""
