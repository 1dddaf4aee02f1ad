"""Automation: what starts runs."""
