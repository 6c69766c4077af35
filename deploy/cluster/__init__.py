"""The deployment of deploy/compose.yml as plain processes on one machine, under one supervisor.

`make cluster` runs it; `deploy.cluster.client.cluster` runs it from Python, for tests and benchmarks.
"""
