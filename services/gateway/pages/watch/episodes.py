"""What is watched, in words, and what comes after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.gateway.pages.model import Episode, Facts


@dataclass(frozen=True, slots=True)
class Video:
    """`episode` is None for a film, and where no addon lists the episode."""

    id: str
    type: str
    facts: Facts
    episode: Episode | None

    @property
    def part(self) -> str:
        """Which part of its title it is; empty for a film."""
        if self.episode is None:
            return ""
        return " · ".join(part for part in (numbered(self.episode), self.episode.name) if part)

    def after(self, now: datetime) -> Episode | None:
        """The episode to go on with: the next in order that has been released. Specials lead nowhere."""
        if self.episode is None or self.episode.season == 0:
            return None
        episodes = [episode for episode in self.facts.episodes if episode.season != 0]
        place = episodes.index(self.episode) + 1
        following = episodes[place] if place < len(episodes) else None
        if following is None or (following.released is not None and following.released > now):
            return None
        return following


def numbered(episode: Episode) -> str:
    if not episode.number:
        return ""
    return (
        f"Season {episode.season}, episode {episode.number}"
        if episode.season
        else f"Special {episode.number}"
    )
