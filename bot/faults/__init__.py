"""`officebot faults`: the real service, killed again and again under load, compared with a day of good fortune."""
