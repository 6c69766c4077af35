"""How much is kept of a profile: whoever invents ids fills no disk. Only what is new is refused beyond."""

from __future__ import annotations

from typing import Final

from libs.common.contracts.viewing import MAX_TITLES
from services.streaming.errors import ViewingFull
from services.streaming.viewing_model import Held, Title

MAX_VIDEOS: Final = 100_000
MAX_VIDEOS_OF_TITLE: Final = 10_000
"""What comes after a finished episode is looked for among all of them; lists have half as many."""


def grown(held: Held, title: Title | None, *, videos: int, joining: int) -> Held:
    """What is held with so many `videos` more, `joining` of them or others the title. None for the title
    where it is new too. Raises ViewingFull."""
    now = Held(titles=held.titles + (title is None), videos=held.videos + videos)
    if title is None and now.titles > MAX_TITLES:
        raise ViewingFull(f"A profile keeps {MAX_TITLES:,} titles at most. What it has is as it was.")
    if videos and now.videos > MAX_VIDEOS:
        raise ViewingFull(f"A profile keeps {MAX_VIDEOS:,} videos at most. What it has is as it was.")
    if joining and joining + (0 if title is None else title.videos) > MAX_VIDEOS_OF_TITLE:
        raise ViewingFull(f"Of a title {MAX_VIDEOS_OF_TITLE:,} videos are kept at most.")
    return now
