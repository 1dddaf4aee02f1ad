"""A test double of StarRocks' Kubernetes operator v1.11.5; see README.md for why it exists.

Pure modules turn a `StarRocksCluster` into objects (`component`, `volumes`, `pod`, `objects`) and
pods into a status (`status`); `reconcile` orders one pass over one cluster; `api`, `watch`,
`agenda` and `health` are the process around it.
"""
