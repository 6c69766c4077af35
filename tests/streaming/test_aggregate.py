"""Many addons, one list: the owner's order, each thing once, nobody waited for too long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

import msgspec
import pytest

from libs.addons.addon import Addon
from libs.addons.answers import Answers, Kept
from libs.addons.items import Item
from libs.common.clock import SystemClock
from libs.common.contracts.addon_health import SourceHealth
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.protocols.stremio.objects import parse_streams
from libs.protocols.stremio.paths import ResourcePath, parse_resource_path
from services.streaming import aggregate
from services.streaming.aggregate import READ_AT_ONCE
from services.streaming.keys import AGGREGATE
from services.streaming.ranking.ids import source_id
from tests.fakes.addon import FakeAddon, manifest, stream
from tests.streaming.hub import OWNER, Streaming, streaming
from tests.waiting import until

TT1 = "stream/movie/tt1.json"


async def test_streams_come_in_the_owners_order_each_once(service: Streaming) -> None:
    same = stream("https://cdn.example/same")
    first = FakeAddon(manifest=manifest("org.first"), streams={"tt1": [same, stream("https://a.example/1")]})
    second = FakeAddon(
        manifest=manifest("org.second"), streams={"tt1": [stream("https://b.example/2"), same]}
    )
    async with first, second:
        service.catalog.add(second)
        service.catalog.add(first)
        assert await service.urls() == [
            "https://b.example/2",
            "https://cdn.example/same",
            "https://a.example/1",
        ]


async def test_every_source_says_why_it_stands_there(service: Streaming) -> None:
    same = stream("https://cdn.example/same")
    first = FakeAddon(manifest=manifest("org.first"), streams={"tt1": [same]})
    second = FakeAddon(
        manifest=manifest("org.second"), streams={"tt1": [stream("https://b.example/2"), same]}
    )
    async with first, second:
        service.catalog.add(first, "Mine")
        service.catalog.add(second)
        page = await service.page("movie", "tt1")
    assert [(item.addon_name, item.url, item.kind) for item in page.items] == [
        ("Mine", "https://cdn.example/same", "url"),
        ("Second", "https://b.example/2", "url"),
    ]
    assert page.items[0].why == (
        "1080p",
        "Mine is number 1 of your 2 addons",
        "number 1 in its list",
        "also offered by Second",
    )
    assert page.problems == ()


async def test_who_answers_last_is_asked_first_and_the_order_stays_the_owners(
    service: Streaming, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    ask = Answers.ask

    async def asked(self: Answers, addon: Addon, path: ResourcePath, *, deadline: Deadline) -> Kept:
        order.append(addon.name)
        return await ask(self, addon, path, deadline=deadline)

    monkeypatch.setattr(Answers, "ask", asked)
    async with AsyncExitStack() as stack:
        for name, latency_ms in (("Quick", 20.0), ("Slow", 900.0), ("New", None)):
            listed = {"tt1": [stream(f"https://{name.lower()}.example/1")]}
            addon = await stack.enter_async_context(
                FakeAddon(manifest=manifest(f"org.{name.lower()}"), streams=listed)
            )
            service.catalog.add(addon, name)
            health = SourceHealth(latency_ms=latency_ms)
            service.catalog.sources[-1] = msgspec.structs.replace(service.catalog.sources[-1], health=health)
        urls = await service.urls()
    assert order == ["New", "Slow", "Quick"]
    assert urls == [f"https://{name}.example/1" for name in ("quick", "slow", "new")]


async def test_long_answer_is_read_in_pieces_between_which_others_have_their_turn(
    service: Streaming, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, pieces, is_over = 0, [], False

    def read(items: Sequence[Item], addon_name: str) -> None:
        pieces.append((len(items), turns))

    async def others() -> None:
        nonlocal turns
        while not is_over:
            turns += 1
            await asyncio.sleep(0)

    async def ask() -> None:
        nonlocal is_over
        await service.urls()
        is_over = True

    monkeypatch.setattr(aggregate, "read_ahead", read)
    listed = [stream(f"https://a.example/{number}") for number in range(120)]
    async with FakeAddon(streams={"tt1": listed}) as addon:
        service.catalog.add(addon)
        await asyncio.gather(ask(), others())
    assert [size for size, _ in pieces] == [READ_AT_ONCE, READ_AT_ONCE, 20]
    assert len({at for _, at in pieces}) == 3


async def test_source_that_is_asked_for_is_found_without_waiting_for_anybody_else(tmp_path: Path) -> None:
    quick = FakeAddon(manifest=manifest("org.quick"), streams={"tt1": [stream("https://a.example/1")]})
    slow = FakeAddon(manifest=manifest("org.slow"), streams={"tt1": [stream("https://b.example/1")]})
    async with quick, slow, streaming(tmp_path, HEADGATE_STREAMS_DEADLINE_S="60") as service:
        service.catalog.add(slow)
        service.catalog.add(quick)
        path = parse_resource_path("stream/movie/tt1.json")
        id_ = source_id(parse_streams([msgspec.json.encode(quick.streams["tt1"][0])])[0].identity)
        slow.hold("stream")
        find = service.running.app[AGGREGATE].find
        deadline = Deadline.after(SystemClock(), 60)
        async with asyncio.timeout(20):
            found = await find(OWNER, path, id_, deadline=deadline)
        assert found is not None
        assert (found[0].id, found[1].url) == (service.catalog.sources[1].id, "https://a.example/1")


async def test_source_that_nobody_offers_is_not_found(service: Streaming) -> None:
    async with FakeAddon(streams={"tt1": [stream("https://a.example/1")]}) as addon:
        service.catalog.add(addon)
        path = parse_resource_path("stream/movie/tt1.json")
        find = service.running.app[AGGREGATE].find
        assert await find(OWNER, path, "ab" * 12, deadline=Deadline.after(SystemClock(), 60)) is None


async def test_nameless_stream_is_named_after_its_addon(service: Streaming) -> None:
    async with FakeAddon(streams={"tt1": [{"url": "https://a.example/1", "odd": [1]}]}) as addon:
        service.catalog.add(addon, "My own name")
        (item,) = Streaming.body(await service.ask(TT1))["streams"]
    assert item == {"url": "https://a.example/1", "odd": [1], "name": "My own name"}


async def test_only_addons_that_declare_the_video_are_asked(service: Streaming) -> None:
    anime = FakeAddon(manifest=manifest("org.anime", idPrefixes=["kitsu:"]))
    shows = FakeAddon(manifest=manifest("org.shows", types=["series"]))
    films = FakeAddon(manifest=manifest("org.films"), streams={"tt1": [stream()]})
    async with anime, shows, films:
        for addon in (anime, shows, films):
            service.catalog.add(addon)
        await service.urls()
        assert [addon.calls["stream"] for addon in (anime, shows, films)] == [0, 0, 1]


async def test_hostile_id_and_extras_arrive_as_they_were_sent(service: Streaming) -> None:
    strange = "tt1/a=b&c ü:1:2"
    subtitle = {"id": "1", "url": "https://s.example/1.vtt", "lang": "eng"}
    async with FakeAddon(streams={strange: [stream()]}, subtitles={"tt1": [subtitle]}) as addon:
        service.catalog.add(addon)
        assert len(await service.urls("stream/series/tt1%2Fa%3Db%26c%20%C3%BC%3A1%3A2.json")) == 1
        assert len((await service.page("series", strange)).items) == 1
        answer = await service.ask("subtitles/movie/tt1/videoHash=a%26b&filename=x%3Dy%2F.mkv.json")
        assert Streaming.body(answer)["subtitles"] == [subtitle]
        assert addon.requests[-1].extra == (("videoHash", "a&b"), ("filename", "x=y/.mkv"))
    assert addon.calls["stream"] == 1


async def test_same_subtitle_of_two_addons_stands_once(service: Streaming) -> None:
    eng = {"id": "1", "url": "https://s.example/1.vtt", "lang": "eng"}
    fre = {"id": "1", "url": "https://s.example/1.vtt", "lang": "fre"}
    first = FakeAddon(manifest=manifest("org.first"), subtitles={"tt1": [eng]})
    second = FakeAddon(manifest=manifest("org.second"), subtitles={"tt1": [{**eng, "id": "9"}, fre]})
    async with first, second:
        service.catalog.add(first)
        service.catalog.add(second)
        assert Streaming.body(await service.ask("subtitles/movie/tt1.json"))["subtitles"] == [eng, fre]


async def test_silent_addon_costs_the_deadline_and_its_late_answer_is_kept(impatient: Streaming) -> None:
    good = FakeAddon(manifest=manifest("org.good"), streams={"tt1": [stream("https://good.example/1")]})
    silent = FakeAddon(manifest=manifest("org.silent"), streams={"tt1": [stream("https://late.example/1")]})
    async with good, silent:
        impatient.catalog.add(silent)
        impatient.catalog.add(good)
        gate = silent.hold("stream")
        partial = await impatient.ask(TT1)
        gate.set()
        assert [item["url"] for item in Streaming.body(partial)["streams"]] == ["https://good.example/1"]
        assert partial.headers["X-Headgate-Partial"] == "org.silent"
        assert partial.headers["X-Headgate-Cache"] == "partial"
        assert partial.headers["Cache-Control"] == "private, max-age=2"

        async def complete() -> bool:
            return await impatient.urls() == ["https://late.example/1", "https://good.example/1"]

        await until(complete)
        assert silent.calls["stream"] == 1


async def test_an_addon_that_stays_silent_does_not_cost_every_title_the_deadline(tmp_path: Path) -> None:
    """Ten titles in a row once took four seconds each."""
    titles = {f"tt{number}": [stream(f"https://good.example/{number}")] for number in range(10)}
    good, silent = FakeAddon(streams=titles), FakeAddon(manifest=manifest("org.silent"))
    async with streaming(tmp_path, HEADGATE_STREAMS_DEADLINE_S="1.0") as service, good, silent:
        service.catalog.add(silent)
        service.catalog.add(good)
        gate = silent.hold("stream")
        took = []
        for number in range(10):
            began = time.perf_counter()
            assert await service.urls(f"stream/movie/tt{number}.json") == [f"https://good.example/{number}"]
            took.append(time.perf_counter() - began)

        async def told() -> bool:
            late = [seen for seen in service.catalog.observations if seen.addon_id == "org.silent"]
            return len(late) >= 3 and all(
                not seen.ok and "not answered" in (seen.error or "") for seen in late
            )

        await until(told)
        gate.set()
    assert min(took[:3]) > 0.8
    assert median(took[3:]) < 0.8


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"status": 500}, "addon_answered_status"),
        ({"status": 429, "headers": {"Retry-After": "600"}}, "addon_answered_status"),
        ({"cut": "reset"}, "addon_unreachable"),
        ({"body": b"<!DOCTYPE html>"}, "addon_broken"),
        ({"body": b'{"metas":[],"streams":[]}'}, "addon_broken"),
        ({"status": 302, "headers": {"Location": "http://169.254.169.254/"}}, "addon_address_refused"),
    ],
    ids=["500", "429", "reset", "html", "two answers", "redirect"],
)
async def test_failed_addon_is_named_and_spoils_nothing(
    service: Streaming, behaviour: dict[str, object], reason: str
) -> None:
    good = FakeAddon(manifest=manifest("org.good"), streams={"tt1": [stream("https://good.example/1")]})
    bad = FakeAddon(manifest=manifest("org.bad"), prefix="/s3cret")
    async with good, bad:
        service.catalog.add(good)
        service.catalog.add(bad)
        bad.on("stream", **behaviour)
        answer = await service.ask(TT1)
        page = await service.page("movie", "tt1")
        calls = bad.calls["stream"]
        await service.ask(TT1)
        assert bad.calls["stream"] == calls  # a failure is remembered for seconds
    assert [item["url"] for item in Streaming.body(answer)["streams"]] == ["https://good.example/1"]
    assert answer.headers["Cache-Control"] == "private, max-age=5"
    assert [(problem.addon_id, problem.reason) for problem in page.problems] == [("org.bad", reason)]
    assert b"s3cret" not in msgspec.json.encode(page) + answer.body


async def test_all_failed_is_an_empty_list_nobody_may_keep(service: Streaming) -> None:
    async with FakeAddon() as addon:
        addon.on("stream", status=500)
        service.catalog.add(addon)
        answer = await service.ask(TT1)
    assert answer.status == 200
    assert Streaming.body(answer) == {
        "streams": [],
        "cacheMaxAge": 0,
        "staleRevalidate": 0,
        "staleError": 0,
    }
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Headgate-Partial"] == "org.fake"


async def test_404_means_nothing_and_is_no_failure(service: Streaming) -> None:
    async with FakeAddon() as addon:
        addon.on("stream", status=404)
        service.catalog.add(addon)
        answer = await service.ask(TT1)
    assert Streaming.body(answer)["streams"] == []
    assert "X-Headgate-Partial" not in answer.headers
    assert 20 <= _max_age(answer.headers["Cache-Control"]) <= 30


async def test_without_addons_the_list_is_empty_and_whole(service: Streaming) -> None:
    answer = await service.ask(TT1)
    assert Streaming.body(answer)["streams"] == []
    assert "X-Headgate-Partial" not in answer.headers


async def test_demo_is_asked_of_catalog(service: Streaming) -> None:
    service.catalog.add_demo()
    (item,) = (await service.page("movie", "tt0017136")).items
    assert (item.kind, item.url) == ("external", "https://archive.org/details/Metropolis1925-ShorterVersion")
    assert (await service.page("movie", "tt9999999")).problems == ()


async def test_catalog_away_is_an_error_and_not_an_empty_list(service: Streaming) -> None:
    service.catalog.status = 503
    assert (await service.ask(TT1)).status == 503


async def test_catalog_away_the_addons_last_known_go_on_answering(service: Streaming) -> None:
    async with FakeAddon(streams={"tt1": [stream()], "tt2": [stream()]}) as addon:
        service.catalog.add(addon)
        await service.urls()
        service.catalog.status = 503
        for tail in (TT1, "stream/movie/tt2.json"):
            assert len(await service.urls(tail)) == 1
        stranger = Identity(account_id="a2", profile_id="p2", tier="free", roles=())
        assert (await service.ask(TT1, identity=stranger)).status == 503


async def test_each_account_is_asked_for_its_own_addons(service: Streaming) -> None:
    other = Identity(account_id="a2", profile_id="p2", tier="free", roles=())
    await service.ask(TT1)
    await service.ask(TT1, identity=other)
    assert service.catalog.asked_by == [OWNER.account_id, "a2"]


def _max_age(cache_control: str) -> int:
    return int(cache_control.partition("max-age=")[2].partition(",")[0])
