"""The dbt models as assets, and their tests as asset checks."""
