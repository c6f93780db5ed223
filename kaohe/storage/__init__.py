"""The only SQLAlchemy: tables, and functions that return domain values."""
