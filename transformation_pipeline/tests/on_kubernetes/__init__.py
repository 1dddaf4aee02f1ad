"""Tests of the Kubernetes side; the name `kubernetes` would hide the client's package."""
