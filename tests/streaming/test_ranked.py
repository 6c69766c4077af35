"""Ranking over real HTTP: what catalog knows of a title, what the profile wants, and what its player can."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.client import RawAnswer
from libs.common.contracts.names import Called
from libs.common.contracts.source_settings import SourceSettings, SourceSettingsClient
from libs.common.deadline import Deadline
from libs.common.errors import InvalidInput
from libs.common.identity import Identity
from services.streaming.keys import HLS
from tests.fakes.addon import FakeAddon, manifest, stream
from tests.fakes.clock import ManualClock
from tests.streaming.hub import Streaming, streaming
from tests.waiting import until

UHD = stream("https://a.example/1", description="Film.2012.2160p.WEB-DL.HEVC-GRP.mkv")
HD = stream("https://a.example/2", description="Film.2012.1080p.WEB-DL.x264-GRP.mkv")
OLD = stream("https://a.example/3", description="Film.1990.1080p.BluRay.x264-GRP.mkv")
OTHER_PROFILE = Identity(account_id="a1", profile_id="p2", tier="free", roles=("owner",))


def soon() -> Deadline:
    return Deadline.after(SystemClock(), 10)


async def test_film_of_another_year_is_left_out_once_the_title_is_known(tmp_path: Path) -> None:
    addon = FakeAddon(manifest=manifest("org.one"), streams={"tt1": [OLD, HD]})
    async with addon, streaming(tmp_path) as service:
        service.catalog.called["tt1"] = Called(names=("Film",), year=2012)
        service.catalog.add(addon)

        async def is_known() -> bool:
            return bool((await service.page("movie", "tt1")).dropped)

        await until(is_known)
        page = await service.page("movie", "tt1")
    assert [item.url for item in page.items] == ["https://a.example/2"]
    assert [each.reason for each in page.dropped] == ["a film of 1990, this one is of 2012"]


async def test_without_data_of_imdb_a_film_has_the_year_that_the_profiles_addons_tell(tmp_path: Path) -> None:
    addon = FakeAddon(manifest=manifest("org.one"), streams={"tt1": [OLD, HD]})
    async with addon, streaming(tmp_path) as service:
        # The name is in another language than those of the sources.
        service.catalog.titles["tt1"] = {"id": "tt1", "name": "Der Streifen", "releaseInfo": "2012"}
        service.catalog.add(addon)

        async def is_known() -> bool:
            return bool((await service.page("movie", "tt1")).dropped)

        await until(is_known)
        page = await service.page("movie", "tt1")
    assert [item.url for item in page.items] == ["https://a.example/2"]
    assert [each.reason for each in page.dropped] == ["a film of 1990, this one is of 2012"]


async def test_what_a_profile_wants_counts_for_it_alone(tmp_path: Path) -> None:
    async with (
        FakeAddon(manifest=manifest("org.one"), streams={"tt1": [UHD, HD]}) as addon,
        streaming(tmp_path) as service,
    ):
        service.catalog.add(addon)
        settings = SourceSettingsClient(service.client)
        wanted = SourceSettings(max_resolution=1080)
        assert await settings.put(service.identity, wanted, deadline=soon()) == wanted
        assert await settings.get(service.identity, deadline=soon()) == wanted
        assert await settings.get(OTHER_PROFILE, deadline=soon()) == SourceSettings()
        assert await service.urls() == ["https://a.example/2"]
        other = await service.ask("stream/movie/tt1.json", identity=OTHER_PROFILE)
        assert len(Streaming.body(other)["streams"]) == 2


async def test_expression_that_cannot_be_used_is_refused_at_its_field(tmp_path: Path) -> None:
    async with streaming(tmp_path) as service:
        wanted = SourceSettings(exclude_patterns=("(a", "fine"))
        with pytest.raises(InvalidInput) as refused:
            await SourceSettingsClient(service.client).put(service.identity, wanted, deadline=soon())
    assert refused.value.fields.keys() == {"exclude_patterns"}


async def test_source_that_took_long_to_begin_stands_behind_its_equals_for_that_profile(
    tmp_path: Path,
) -> None:
    slow, fast = (
        stream(f"https://{name}.example/1", description=f"Film.2012.1080p.WEB-DL.x264-{name}.mkv")
        for name in ("slow", "fast")
    )
    clock = ManualClock()
    async with (
        FakeAddon(manifest=manifest("org.one"), streams={"tt1": [slow, fast]}) as addon,
        streaming(tmp_path, clock) as service,
    ):
        service.catalog.add(addon)
        assert await service.urls() == [slow["url"], fast["url"]]
        starts = service.running.app[HLS].planner.starts
        for _ in range(2):
            clock.advance(1)
            starts.note(service.identity, service.catalog.sources[0].id, slow["url"], 6.0)

        async def is_behind() -> bool:
            return await service.urls() == [fast["url"], slow["url"]]

        await until(is_behind)
        page = await service.page("movie", "tt1")
        other = await service.ask("stream/movie/tt1.json", identity=OTHER_PROFILE)
    assert page.items[1].why[0] == "took 6 s to begin lately, so behind its equals"
    assert [each["url"] for each in Streaming.body(other)["streams"]] == [slow["url"], fast["url"]]


async def test_player_says_what_it_can_show(tmp_path: Path) -> None:
    async with (
        FakeAddon(manifest=manifest("org.one"), streams={"tt1": [UHD, HD]}) as addon,
        streaming(tmp_path) as service,
    ):
        service.catalog.add(addon)
        first = await _first(service, "")
        able = await _first(service, "?codecs=h264,vp9&bandwidth_bps=50000000")
        wrong = await service.raw("/api/v1/streams/movie/tt1?max_height=tall", identity=service.identity)
    assert (first, able, wrong.status) == ("https://a.example/1", "https://a.example/2", 422)


async def _first(service: Streaming, query: str) -> object:
    answer: RawAnswer = await service.raw(f"/api/v1/streams/movie/tt1{query}", identity=service.identity)
    return Streaming.body(answer)["items"][0]["url"]
