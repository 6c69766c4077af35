"""How connections are doing, in words people use."""

from collections.abc import Mapping
from typing import Final

from libs.common.contracts.connections import ConnectionKind, ConnectionState
from libs.common.errors import HeadgateError

STATES: Final[Mapping[ConnectionState, tuple[str, str]]] = {
    "none": ("off", "Not connected"),
    "waiting": ("slow", "Waiting for you"),
    "connected": ("ok", "Connected"),
    "refused": ("failing", "Needs you"),
}
"""The state's short name, as styled, and what it says."""

KINDS: Final[Mapping[ConnectionKind, tuple[str, str, str]]] = {
    "trakt": (
        "Trakt",
        "/connections/trakt",
        "What you have watched and what you mean to, in step with your account there.",
    ),
    "stremio": (
        "Stremio account",
        "/connections/stremio",
        "Take over the addons of your account in one step, and leave one that stands for all.",
    ),
}
"""Name, page, and what it is for."""

EVERY: Final = (
    ("60", "Every minute"),
    ("300", "Every 5 minutes"),
    ("900", "Every 15 minutes"),
    ("3600", "Every hour"),
    ("21600", "Every 6 hours"),
    ("86400", "Once a day"),
)
PHASES: Final = {
    "playback": "What was stopped half-way",
    "watchlist": "Watchlist",
    "movies": "Films that were watched",
    "shows": "Series that were watched",
}
TOLD: Final = {
    "play": "Watched",
    "mark": "Marked as watched",
    "unmark": "Marked as not watched",
    "list": "Added to the watchlist",
    "unlist": "Taken off the watchlist",
}


def beside(error: HeadgateError) -> Mapping[str, str]:
    """What to say beside each field: the whole sentence where it is about that field alone."""
    if error.detail and len(error.fields) == 1:
        return dict.fromkeys(error.fields, error.detail)
    return error.fields
