"""Viewing state of another hub is taken in: with its times, plays and marks, and never over what is newer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest

from libs.common.contracts.links import MAX_LINKS
from libs.common.contracts.moving import MovedRow, Taken, TakenCounts, hand_over, moved_rows
from libs.common.identity import Identity
from tests.streaming.viewing.conftest import Viewer, within

TITLE = {
    "title_id": "tt1",
    "type": "movie",
    "name": "Metropolis",
    "poster": None,
    "last_video_id": "tt1",
    "last_at": 1000,
    "dismissed_at": 0,
    "listed_at": 900,
    "unlisted_at": 0,
    "watched_at": 1000,
}
VIDEO = {
    "video_id": "tt1",
    "title_id": "tt1",
    "type": "movie",
    "season": None,
    "episode": None,
    "position_ms": 0,
    "duration_ms": 0,
    "finished": True,
    "watched": True,
    "watched_at": 1000,
    "marked_at": 1000,
    "plays": 3,
    "at": 1000,
}


async def take(viewer: Viewer, rows: Sequence[MovedRow], *, look: bool = False) -> Taken:
    async def each() -> AsyncIterator[MovedRow]:
        for row in rows:
            yield row

    identity = Identity(viewer.identity.account_id, tier="api")
    return await hand_over(viewer.service.client, identity, each(), look=look, deadline=within())


def moved(viewer: Viewer, kind: str, body: dict[str, Any], **changes: Any) -> MovedRow:
    return MovedRow(kind=kind, body={**body, **changes, "profile_id": viewer.identity.profile_id})


async def told(viewer: Viewer) -> list[tuple[str, dict[str, Any]]]:
    rows = moved_rows(viewer.service.client, viewer.identity, secrets=True, deadline=within())
    return [
        (row.kind, dict(row.body))
        async for row in rows
        if row.body["profile_id"] == viewer.identity.profile_id
    ]


async def test_times_plays_and_marks_come_and_again_is_nothing(ann: Viewer, kid: Viewer) -> None:
    rows = [moved(ann, "viewing_titles", TITLE), moved(ann, "viewing_videos", VIDEO)]
    added = {kind: TakenCounts(added=1) for kind in ("viewing_titles", "viewing_videos")}
    there = {kind: TakenCounts(there=1) for kind in added}
    assert (await take(ann, rows, look=True)).kinds == added
    assert await told(ann) == []
    assert (await take(ann, rows)).kinds == added
    first = await told(ann)
    assert (await take(ann, rows)).kinds == there
    assert await told(ann) == first
    assert {name: dict(first)["viewing_videos"][name] for name in VIDEO} == VIDEO
    assert {name: dict(first)["viewing_titles"][name] for name in TITLE} == TITLE
    assert await told(kid) == []


async def test_what_was_done_here_later_holds(ann: Viewer) -> None:
    await ann.at("tt1", 600)
    before = dict(await told(ann))["viewing_videos"]
    await take(ann, [moved(ann, "viewing_videos", VIDEO)])
    now = dict(await told(ann))["viewing_videos"]
    assert (now["position_ms"], now["at"]) == (before["position_ms"], before["at"])
    assert (now["watched"], now["plays"]) == (True, 3)
    later = before["at"] + 1000
    await take(ann, [moved(ann, "viewing_videos", VIDEO, at=later, marked_at=later, watched=False)])
    assert dict(await told(ann))["viewing_videos"]["watched"] is False


async def test_what_no_hub_exports_is_refused_and_costs_only_itself(ann: Viewer) -> None:
    rows = [
        moved(ann, "viewing_titles", TITLE),
        moved(ann, "viewing_titles", TITLE, title_id="x" * 501),
        moved(ann, "viewing_videos", VIDEO, plays=-1),
        moved(ann, "viewing_videos", VIDEO, at="soon"),
        moved(ann, "viewing_videos", VIDEO),
        moved(ann, "source_settings", {"settings": "[" * 5000}),
        moved(ann, "viewing_secrets", {}),
    ]
    assert (await take(ann, rows)).kinds == {
        "viewing_titles": TakenCounts(added=1, refused=1),
        "viewing_videos": TakenCounts(added=1, refused=2),
        "source_settings": TakenCounts(refused=1),
        "viewing_secrets": TakenCounts(refused=1),
    }


async def test_more_links_than_a_profile_may_have_are_refused_before_and_after(ann: Viewer) -> None:
    body = {"type": "movie", "video_id": "tt1", "name": "", "added_at": 5}

    def link(id_: str, url: str = "https://films.example/1.mp4") -> MovedRow:
        return msgspec.structs.replace(moved(ann, "links", body, id=id_), has_secret=True, secret=url)

    rows, more = [link(f"l{number}") for number in range(MAX_LINKS)], link("more")
    private = link("private", "file:///etc/passwd")
    for look in (True, False):
        taken = await take(ann, [private, *rows, more], look=look)
        assert taken.kinds["links"] == TakenCounts(added=MAX_LINKS, refused=2)
    assert (await take(ann, [more])).kinds["links"] == TakenCounts(refused=1)


@pytest.mark.parametrize("url", ["https://films.example/1.mp4", ""])
async def test_a_link_comes_with_its_address_or_not_at_all(ann: Viewer, url: str) -> None:
    link: dict[str, Any] = {"id": "l1", "type": "movie", "video_id": "tt1", "name": "", "added_at": 5}
    body = {**link, "profile_id": ann.identity.profile_id}
    row = MovedRow(kind="links", body=body, has_secret=True, secret=url)
    counts = TakenCounts(added=1) if url else TakenCounts(credentials=1)
    assert (await take(ann, [row])).kinds["links"] == counts
    assert len(await told(ann)) == (1 if url else 0)
