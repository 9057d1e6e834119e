"""A leave as an item: its form beside the ledger, changes, returns, papers and losses."""
