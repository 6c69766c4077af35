"""Places in videos, and what is left of them, in words."""

from __future__ import annotations

from typing import Final

WORTH_RESUMING_S: Final = 15.0
"""Before that, who plays it again begins it again."""


def place(position_s: float) -> str:
    """As players show it: 43:10, 1:02:05."""
    minutes, seconds = divmod(max(0, int(position_s)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def left(position_s: float, duration_s: float) -> str:
    """Nothing where nobody knows how long it is."""
    minutes = round((duration_s - position_s) / 60)
    if duration_s <= 0:
        return ""
    hours, rest = divmod(max(1, minutes), 60)
    return f"{hours} h {rest} min left" if hours else f"{rest} min left"


def part(season: int | None, episode: int | None) -> str:
    """Which part of a show it is; nothing of a film."""
    if episode is None:
        return ""
    if season == 0:
        return f"Special {episode}"
    return f"E{episode}" if season is None else f"S{season} E{episode}"
