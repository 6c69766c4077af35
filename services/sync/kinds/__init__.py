"""The kinds of background work, one module each. A new kind is a class here and a line in `app.py`."""

from services.sync.kinds.base import Kind, Kinds, LeaseLost, Report, SourceAway

__all__ = ["Kind", "Kinds", "LeaseLost", "Report", "SourceAway"]
