"""One file per change of tables, applied in the order of their names by `officebot migrate`."""
