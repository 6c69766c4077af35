"""The deployment of deploy/compose.yml as plain processes on one machine, under one supervisor."""
