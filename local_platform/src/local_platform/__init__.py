"""Starts the whole platform on one machine, from real processes: make demo, make dev, make bench."""
