"""What makes a whole list unusable.

    ListBroken              reason
    ├── Empty               empty
    ├── WebPage             web_page
    ├── Json                json
    ├── OneStream           one_stream
    ├── NotAList            not_a_list
    ├── NoEntries           no_entries
    ├── Truncated           truncated
    ├── Corrupt             corrupt
    └── TooLarge            too_large

``str(error)`` is a sentence for the person who owns the hub; nothing of the list stands in it. One bad line
is no error: entries that can't be used are counted by what is wrong with them and left out.
"""

from __future__ import annotations

from typing import ClassVar


class ListBroken(Exception):
    """Nothing that was read of the list may be used."""

    reason: ClassVar[str] = "broken"
    sentence: ClassVar[str] = "The list can't be read."

    def __init__(self) -> None:
        super().__init__(self.sentence)


class Empty(ListBroken):
    reason = "empty"
    sentence = "The server sent an empty file instead of a list."


class WebPage(ListBroken):
    reason = "web_page"
    sentence = "The server sent a web page instead of a list."


class Json(ListBroken):
    reason = "json"
    sentence = "The server sent JSON instead of a list."


class OneStream(ListBroken):
    reason = "one_stream"
    sentence = "This is the address of one stream, not of a list of them."


class NotAList(ListBroken):
    reason = "not_a_list"
    sentence = "The server sent something else than an M3U list."


class NoEntries(ListBroken):
    reason = "no_entries"
    sentence = "The list holds not one entry that can be used."


class Truncated(ListBroken):
    reason = "truncated"
    sentence = "The list is cut short."


class Corrupt(ListBroken):
    reason = "corrupt"
    sentence = "The list is damaged: it can't be unpacked."


class TooLarge(ListBroken):
    reason = "too_large"
    sentence = "The list is larger than a list can be."
