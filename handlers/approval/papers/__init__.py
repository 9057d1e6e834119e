"""An item's files: who brought them, which item they belong to, what a task wants."""
