"""Every derived table out of the journal alone, and what differs from it."""
