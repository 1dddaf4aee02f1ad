"""What Dagster lacks on Kubernetes: run launcher, log hints, migration, readiness."""
