"""What sources bring in between changes nothing of what is left when they take it back."""

from __future__ import annotations

import random

import msgspec
import pytest

from libs.common.contracts.viewing_handover import PlaybackRow, WatchedRow
from services.streaming.told_model import Known, ToldRow
from services.streaming.viewing.rules import marked, recorded
from services.streaming.viewing.told import merged, own_of
from services.streaming.viewing_model import Owner, Place, Report, Video

PLACE = Place("tt1", "tt1", "movie")
DURATION_MS = 3_600_000
SHARE = 0.9


class World:
    """A video with sources, and the same as if there were none."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._at = 1000
        self.known: Known | None = None
        self.told: dict[str, ToldRow] = {}
        self.alone: Video | None = None

    @property
    def now(self) -> Video | None:
        return None if self.known is None else self.known.now

    def report(self) -> None:
        """Somebody plays it, here."""
        self._at += 1000
        position_ms = self._chance.choice((60_000, 1_800_000, 3_500_000))
        report = Report(
            owner=Owner("a", "p"), place=PLACE, position_ms=position_ms, duration_ms=DURATION_MS, at=self._at
        )
        self._did(recorded(self.now, report, SHARE).video)
        self.alone = recorded(self.alone, report, SHARE).video

    def mark(self) -> None:
        """Somebody says so, here."""
        self._at += 1000
        watched = self._chance.random() < 0.5
        blank = Video(place=PLACE, at=self._at)
        self._did(marked(self.now, blank, watched=watched))
        self.alone = marked(self.alone, blank, watched=watched)

    def tell(self) -> None:
        """A source says something of a time before, or nothing any more."""
        source, at = self._chance.choice("xyz"), self._at - self._chance.randrange(1, 999)
        kind = self._chance.randrange(3)
        self.told.pop(source, None)
        if kind == 0:
            self.told[source] = WatchedRow(video_id="tt1", title_id="tt1", type="movie", at=at, plays=2)
        elif kind == 1:
            self.told[source] = PlaybackRow(video_id="tt1", title_id="tt1", type="movie", at=at, share=0.4)
        self.follow()

    def take_all_back(self) -> None:
        self.told.clear()
        self.follow()

    def _did(self, video: Video) -> None:
        own, left = (None, None) if self.known is None else (self.known.own, self.known.left)
        self.known = Known(video, own, left)

    def follow(self) -> None:
        own = own_of(self.known)
        now = merged(own, list(self.told.values()), PLACE, watched_share=SHARE)
        if now is None:
            self.known = None
        else:
            self.known = Known(now, own, now) if self.told else Known(now)


def shown(video: Video | None) -> Video | None:
    """All but how often it was played: of what was played here and told, the most counts."""
    return None if video is None else msgspec.structs.replace(video, plays=0)


def left(video: Video | None) -> object:
    """Where it was finished, no place to go on from is left."""
    if video is None:
        return None
    position_ms = None if video.finished else video.position_ms
    return video.watched, video.finished, position_ms, video.at, video.marked_at


@pytest.mark.parametrize("seed", range(40))
def test_what_is_left_is_what_was_done_here(seed: int) -> None:
    chance = random.Random(seed)
    world = World(chance)
    for _ in range(chance.randrange(3, 30)):
        chance.choice((world.report, world.mark, world.tell, world.tell))()
        before = world.now
        world.follow()
        assert shown(world.now) == shown(before)
    world.take_all_back()
    assert left(world.now) == left(world.alone)
