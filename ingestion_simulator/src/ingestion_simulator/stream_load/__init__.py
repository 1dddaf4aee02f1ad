"""A Stream Load client that loads every batch exactly once."""
