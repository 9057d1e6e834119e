"""Calendars, and the rooms, vehicles and drivers that only one can have at a time."""
