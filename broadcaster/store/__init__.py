"""The only home of SQL. SQLite and PostgreSQL run the same tables, queries and migrations."""
