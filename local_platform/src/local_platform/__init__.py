"""The whole platform on one machine, from its real processes."""
