"""Viewing in files of older forms: taken once at start, and whatever they are, the hub starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.contracts.viewing import TitleFlags
from libs.common.identity import Identity
from services.streaming.sources import older_files
from tests.fakes.clock import ManualClock
from tests.streaming.hub import Streaming, streaming
from tests.streaming.viewing.conftest import Viewer
from tests.streaming.viewing.telling import film, listed, stopped, told
from tests.waiting import until

ANN = Identity(account_id="a1", profile_id="p1", tier="free", roles=("owner",))


def put(tmp_path: Path, content: Any, name: str = "a1/p1/old.json") -> Path:
    path = tmp_path / "import" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else msgspec.json.encode(content))
    return path


async def taken(tmp_path: Path, service: Streaming, count: int) -> Viewer:
    ann = Viewer(service, ANN)

    async def is_told() -> bool:
        return sum(one.rows for one in await told(ann)) == count

    await until(is_told)
    return ann


async def test_a_plain_list_is_taken_with_its_times(tmp_path: Path, clock: ManualClock) -> None:
    seen = [
        {"id": "tt1", "watched_at": "2020-05-01T10:00:00Z", "name": "The Film"},
        {"id": "tt100:1:2", "watched_at": 1_588_327_200},
        {"id": "tt3", "watched_at": 1_588_327_200_000},
        {"id": "tt4", "rating": 5},
    ]
    put(tmp_path, seen)
    async with streaming(tmp_path, clock=clock) as service:
        ann = await taken(tmp_path, service, 4)
        films = [await ann.sees(id_) for id_ in ("tt1", "tt100:1:2", "tt3", "tt4")]
        assert [one and one.updated_at.year for one in films] == [2020, 2020, 2020, 1970]
        assert (await ann.flags("tt100"))["tt100"].completed == 1
        assert await ann.events() == []
        assert await Viewer(service, Identity(account_id="a1", profile_id="p2")).flags("tt1") == {}


async def test_what_the_hub_wrote_itself_is_taken_whole(tmp_path: Path, clock: ManualClock) -> None:
    put(tmp_path, {"watched": [film("tt1")], "watchlist": [listed("tt2")], "playback": [stopped("tt3", 0.5)]})
    async with streaming(tmp_path, clock=clock) as service:
        ann = await taken(tmp_path, service, 3)
        assert await ann.flags("tt1", "tt2", "tt3") == {
            "tt1": TitleFlags(watched=True),
            "tt2": TitleFlags(in_watchlist=True),
            "tt3": TitleFlags(progress=0.5),
        }


async def test_a_file_is_taken_once_and_again_when_it_has_changed(tmp_path: Path, clock: ManualClock) -> None:
    put(tmp_path, [{"id": "tt1"}])
    async with streaming(tmp_path, clock=clock) as service:
        ann = await taken(tmp_path, service, 1)
        await ann.send("POST", "/api/v1/viewing/clear", {"confirm": "clear"})
    put(tmp_path, [{"id": "tt2"}], "a1/p1/other.json")
    async with streaming(tmp_path, clock=clock) as service:
        ann = await taken(tmp_path, service, 1)
        assert set(await ann.flags("tt1", "tt2")) == {"tt2"}


@pytest.mark.parametrize(
    "content", [b"", b"[", b"{}", b'{"watched": 5}', b"[1, 2]", b"\xff\xfe", b"[" * 100_000, b'[{"id": ""}]']
)
async def test_what_can_not_be_read_stops_nothing(tmp_path: Path, clock: ManualClock, content: bytes) -> None:
    put(tmp_path, content, "a1/p1/a.json")
    put(tmp_path, [{"id": "tt1"}], "a1/p1/b.json")
    async with streaming(tmp_path, clock=clock) as service:
        ann = await taken(tmp_path, service, 1)
        assert set(await ann.flags("tt1")) == {"tt1"}


async def test_no_link_leads_out_of_the_folder_and_nothing_too_large_is_read(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(older_files, "MAX_BYTES", 100)
    outside = tmp_path / "outside.json"
    outside.write_bytes(b'[{"id": "tt7"}]')
    put(tmp_path, [{"id": "tt1"}], "a1/p1/z.json")
    put(tmp_path, [{"id": f"tt{number}"} for number in range(100)], "a1/p1/large.json")
    os.symlink(outside, tmp_path / "import/a1/p1/link.json")
    os.mkfifo(tmp_path / "import/a1/p1/pipe.json")
    async with streaming(tmp_path, clock=clock) as service:
        ann = await taken(tmp_path, service, 1)
        assert set(await ann.flags("tt1", "tt7", "tt50")) == {"tt1"}
