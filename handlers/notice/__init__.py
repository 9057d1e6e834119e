"""Notices that get answered: published to people, answered by people or their units, chased only where it is silent."""
