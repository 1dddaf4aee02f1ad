"""Dagster and dbt: raw tables to a star schema, rebuilt whenever the raw tables change."""
