"""Links as they are kept: of one profile, the newest first, gone with their owner."""

from __future__ import annotations

import pytest

from libs.common.db import Database
from libs.common.identity import Identity
from services.streaming.store.links import LinkStore, StoredLink

OWNER = Identity("a1", "p1")
OTHER_PROFILE = Identity("a1", "p2")
OTHER_ACCOUNT = Identity("a2", "p1")


def link(id_: str, at: int = 0, video_id: str = "tt1") -> StoredLink:
    return StoredLink(id=id_, type="movie", video_id=video_id, name="", sealed_url=b"\x00sealed", added_at=at)


@pytest.fixture
def store(database: Database) -> LinkStore:
    return LinkStore(database)


async def test_links_are_their_profiles_own(store: LinkStore) -> None:
    first, second = link("x", 1), link("y", 2)
    for owner in (OWNER, OTHER_PROFILE, OTHER_ACCOUNT):
        assert await store.add(owner, first, most=2)
    assert await store.add(OWNER, second, most=2)
    assert not await store.add(OWNER, link("z"), most=2)
    assert await store.all(OWNER) == [second, first]
    assert await store.of_video(OWNER, "movie", "tt1") == [first, second]
    assert await store.of_video(OWNER, "series", "tt1") == []
    assert not await store.remove(OTHER_PROFILE, "y")
    assert await store.remove(OWNER, "x")
    assert [await store.all(owner) for owner in (OWNER, OTHER_PROFILE)] == [[second], [first]]
