"""What makes a whole list unusable; ``str(error)`` is a sentence for the person who owns the hub.

ListBroken
├── NotJson      a web page, or cut short, or damaged
├── ShapeChanged no list, or of another kind of thing
└── NoEntries    a list of nothing
"""

from __future__ import annotations


class ListBroken(Exception):
    """Nothing of the list may be used."""


class NotJson(ListBroken):
    pass


class ShapeChanged(ListBroken):
    pass


class NoEntries(ListBroken):
    pass
