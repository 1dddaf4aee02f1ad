"""The raw tables: observed, never written here."""
