"""The ledger as people read it: explanations, sheets, statements, the overview."""
