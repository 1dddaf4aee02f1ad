"""Logic that imports without a dbt manifest, a warehouse or a Dagster instance."""
