"""Opens the database: SQLite with group commit for an office, PostgreSQL for more; models and migrations."""
