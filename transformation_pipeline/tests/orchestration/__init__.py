"""Tests of the Dagster side; a package, so that test modules share helpers."""
