"""The web pages: rendered on the server, complete without JavaScript."""

from services.gateway.pages.setup import setup_pages

__all__ = ["setup_pages"]
