"""Tests of what Dagster lacks on Kubernetes; not named `kubernetes`, which is the client's package."""
