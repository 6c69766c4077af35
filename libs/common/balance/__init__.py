"""Calling a service that runs more than once: where its instances are, which is asked, and what next."""
