"""What the scenarios share: the cluster, the release, Dagster's API, a browser, the report."""
