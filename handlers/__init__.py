"""What the office does: one folder per area of work, each with its rules, its tables and its handler."""
