"""What is kept of an addon's answer, for how long, and what is told of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from libs.addons.errors import AddonAnsweredStatus, AddonBroken, AddonResting, AddonTimedOut
from libs.addons.failures import LONGEST_REMEMBERED_S, REMEMBERED_S
from libs.addons.freshness import RETRY_S, Freshness
from libs.common.errors import HeadgateError
from libs.protocols.stremio.manifest import BehaviorHints
from tests.addons.conftest import Asking
from tests.fakes.addon import FakeAddon, film, films, manifest, stream
from tests.waiting import until

ROW = "catalog/movie/top.json"
META = "meta/movie/tt1.json"
STREAM = "stream/movie/tt1.json"
SUBTITLES = "subtitles/movie/tt1.json"


def full() -> FakeAddon:
    """An addon that has something for every question."""
    return FakeAddon(
        catalogs={"top": films(3)},
        metas={"tt1": film(1, id="tt1")},
        streams={"tt1": [stream()]},
        subtitles={"tt1": [{"id": "1", "url": "https://s.example/1.vtt", "lang": "eng"}]},
        addon_catalogs={"all": [_offered()]},
    )


def _offered() -> dict[str, Any]:
    return {"transportUrl": "https://a.example/manifest.json", "manifest": manifest("org.offered")}


@pytest.mark.parametrize(
    ("tail", "freshness"),
    [
        (ROW, Freshness(21_600, 86_400, 604_800)),
        ("catalog/movie/top/search=Film.json", Freshness(3600, 21_600, 86_400)),
        ("addon_catalog/all/all.json", Freshness(21_600, 86_400, 604_800)),
        (META, Freshness(86_400, 86_400, 604_800)),
        (STREAM, Freshness(300, 600, 3600)),
        (SUBTITLES, Freshness(86_400, 86_400, 604_800)),
    ],
)
async def test_an_addon_that_says_nothing_is_kept_as_long_as_its_kind_is(
    asking: Asking, tail: str, freshness: Freshness
) -> None:
    async with full() as addon:
        kept = await asking.ask(addon, tail)
        assert (await asking.ask(addon, tail)).state == "hit"
    assert kept.state == "miss"
    assert kept.items or kept.meta
    # Lives are spread by up to a tenth, so that what was fetched together is not renewed together.
    assert 0.9 * freshness.max_age_s <= kept.freshness.max_age_s <= freshness.max_age_s
    assert kept.freshness.stale_s == pytest.approx(freshness.stale_s, abs=1)
    assert kept.freshness.error_s == pytest.approx(freshness.error_s, abs=1)


@pytest.mark.parametrize(
    ("prefix", "hints", "fresh_s"),
    [
        ("", BehaviorHints(configurable=True), 21_600),
        ("/of-somebody", BehaviorHints(), 21_600),
        ("/of-somebody", BehaviorHints(configurable=True), 1800),
        ("/of-somebody", BehaviorHints(configuration_required=True), 1800),
    ],
)
async def test_a_row_that_somebody_configured_is_fresh_for_half_an_hour(
    asking: Asking, prefix: str, hints: BehaviorHints, fresh_s: int
) -> None:
    """It may be of what they watched, and goes on changing."""
    async with FakeAddon(
        catalogs={"top": films(3)}, metas={"tt1": film(1, id="tt1")}, prefix=prefix
    ) as addon:
        kept = await asking.ask(addon, ROW, hints=hints)
        title = await asking.ask(addon, META, hints=hints)
    assert 0.9 * fresh_s <= kept.freshness.max_age_s <= fresh_s
    assert title.freshness.max_age_s > 75_000


async def test_an_answer_for_the_asker_alone_is_fresh_for_half_an_hour(asking: Asking) -> None:
    async with full() as addon:
        addon.on("*", headers={"Cache-Control": "private"})
        for tail in (ROW, META):
            assert 1600 <= (await asking.ask(addon, tail)).freshness.max_age_s <= 1800


async def test_what_is_made_ahead_is_asked_anew_before_its_time_is_over(asking: Asking) -> None:
    async with full() as addon:
        await asking.ask(addon, ROW)
        asking.clock.advance(10_000)
        assert (await asking.ask(addon, ROW, ahead=0.4)).state == "hit"
        assert addon.calls["catalog"] == 1
        addon.catalogs["top"] = films(2)
        renewed = await asking.ask(addon, ROW, ahead=0.6)
        assert (renewed.state, len(renewed.items)) == ("miss", 2)
        asking.clock.advance(18_000)
        addon.on("catalog", status=500)
        kept = await asking.ask(addon, ROW, ahead=0.6)
    assert (kept.state, len(kept.items)) == ("hit", 2)
    assert addon.calls["catalog"] == 3


async def test_what_made_things_the_same_comes_with_the_items(asking: Asking) -> None:
    async with full() as addon:
        rows = (await asking.ask(addon, ROW)).items
        subtitles = (await asking.ask(addon, SUBTITLES)).items
        offered = (await asking.ask(addon, "addon_catalog/all/all.json")).items
        first = (await asking.ask(addon, STREAM)).items
        addon.streams["tt2"] = [stream(name="The same by another name")]
        assert (await asking.ask(addon, "stream/movie/tt2.json")).items[0].identity == first[0].identity
    assert [item.identity for item in rows] == [("movie", item["id"]) for item in films(3)]
    assert subtitles[0].identity == ("eng", "https://s.example/1.vtt")
    assert offered[0].identity == ("org.offered", "https://a.example/manifest.json")


async def test_fifty_who_ask_at_once_are_one_call(asking: Asking) -> None:
    async with full() as addon:
        gate = addon.hold("stream")
        waiting = asyncio.gather(*(asking.ask(addon, STREAM) for _ in range(50)))

        async def asked() -> bool:
            return bool(addon.requests)

        await until(asked)
        gate.set()
        answers = await waiting
    assert len({kept.items for kept in answers}) == 1
    assert addon.calls["stream"] == 1


async def test_every_extra_is_part_of_the_question(asking: Asking) -> None:
    async with full() as addon:
        for tail in ("", "/year=1999", "/year=2000", "/genre=1999", "/genre=1999&year=1999"):
            await asking.ask(addon, f"catalog/movie/top{tail}.json")
        assert addon.calls["catalog"] == 5
        await asking.ask(addon, "catalog/movie/top/year=1999&genre=1999.json")
    assert addon.calls["catalog"] == 5


async def test_an_addon_may_ask_for_shorter_lives(asking: Asking) -> None:
    async with full() as addon:
        addon.on("catalog", fields={"cacheMaxAge": 60, "staleRevalidate": 5, "staleError": 7})
        freshness = (await asking.ask(addon, ROW)).freshness
    assert 50 <= freshness.max_age_s <= 60
    assert (freshness.stale_s, freshness.error_s) == (5, 7)


async def test_what_may_not_be_stored_is_asked_each_time(asking: Asking) -> None:
    async with full() as addon:
        addon.on("stream", headers={"Cache-Control": "no-store"})
        for _ in range(2):
            kept = await asking.ask(addon, STREAM)
            assert (kept.state, kept.freshness) == ("bypass", Freshness(0, 0, 0))
    assert addon.calls["stream"] == 2


async def test_an_empty_answer_is_kept_for_seconds_whatever_the_addon_says(asking: Asking) -> None:
    async with FakeAddon(catalogs={"top": []}) as addon:
        addon.on("*", fields={"cacheMaxAge": 86_400, "staleRevalidate": 86_400, "staleError": 86_400})
        for tail in (ROW, STREAM):
            freshness = (await asking.ask(addon, tail)).freshness
            assert 20 <= freshness.max_age_s <= 30
            assert (freshness.stale_s, freshness.error_s) == (0, 0)


async def test_the_empty_page_that_ends_a_row_is_kept_as_long_as_the_row(asking: Asking) -> None:
    async with full() as addon:
        kept = await asking.ask(addon, "catalog/movie/top/skip=100.json")
    assert kept.items == ()
    assert kept.freshness.max_age_s > 3000


@pytest.mark.parametrize("tail", [META, STREAM, SUBTITLES])
async def test_404_for_a_title_means_that_the_addon_has_nothing(asking: Asking, tail: str) -> None:
    async with FakeAddon() as addon:
        addon.on("*", status=404)
        kept = await asking.ask(addon, tail)
    assert (kept.items, kept.meta, kept.state) == ((), None, "miss")
    assert kept.freshness.max_age_s <= 30
    assert [seen.ok for seen in asking.seen.observations] == [True]


async def test_404_for_a_row_is_a_failure(asking: Asking) -> None:
    async with full() as addon:
        addon.on("catalog", status=404)
        with pytest.raises(AddonAnsweredStatus):
            await asking.ask(addon, ROW)


async def test_a_stale_answer_is_renewed_behind_the_readers_back(asking: Asking) -> None:
    async with full() as addon:
        await asking.ask(addon, STREAM)
        addon.streams["tt1"] = []
        asking.clock.advance(400)
        old = await asking.ask(addon, STREAM)
        assert (len(old.items), old.state, old.freshness.max_age_s) == (1, "stale", 0)

        async def renewed() -> bool:
            return not (await asking.ask(addon, STREAM)).items

        await until(renewed)


async def test_an_addon_that_fails_after_a_good_answer_is_stood_in_for_by_it(asking: Asking) -> None:
    async with full() as addon:
        whole = await asking.ask(addon, STREAM)
        addon.on("stream", body=b"<html>")
        asking.clock.advance(1800)  # past the time in which it may be shown while being renewed
        kept = await asking.ask(addon, STREAM)
    assert (kept.items, kept.state) == (whole.items, "stale")
    assert (kept.freshness.max_age_s, kept.freshness.stale_s) == (0, RETRY_S)


@pytest.mark.parametrize(
    ("behaviour", "remembered_s"),
    [
        ({"body": b"<html>"}, REMEMBERED_S),
        ({"status": 429, "headers": {"Retry-After": "60"}}, 60),
        ({"status": 503, "headers": {"Retry-After": "86400"}}, LONGEST_REMEMBERED_S),
    ],
    ids=["broken", "asks for a minute", "asks for a day"],
)
async def test_a_failed_question_is_not_put_again_for_a_while(
    asking: Asking, behaviour: dict[str, Any], remembered_s: float
) -> None:
    async with full() as addon:
        addon.on("stream", **behaviour)
        told = []
        for _ in range(3):
            with pytest.raises(HeadgateError) as failed:
                await asking.ask(addon, STREAM)
            told.append((failed.value.code, str(failed.value)))
        assert len(set(told)) == 1
        assert addon.calls["stream"] == 1
        addon.heal()
        asking.clock.advance(remembered_s - 0.5)
        with pytest.raises(HeadgateError):
            await asking.ask(addon, STREAM)
        asking.clock.advance(1)
        assert len((await asking.ask(addon, STREAM)).items) == 1


async def test_another_question_is_put_to_an_addon_that_failed_once(asking: Asking) -> None:
    async with full() as addon:
        addon.on("stream", body=b"<html>")
        with pytest.raises(AddonBroken):
            await asking.ask(addon, STREAM)
        assert (await asking.ask(addon, META)).meta is not None


async def test_who_waits_no_longer_is_told_and_the_answer_is_there_next_time(asking: Asking) -> None:
    async with full() as addon:
        gate = addon.hold("stream")
        with pytest.raises(AddonTimedOut):
            await asking.ask(addon, STREAM, within_s=0)
        gate.set()

        async def there() -> bool:
            return (await asking.ask(addon, STREAM)).state == "hit"

        await until(there)
    assert addon.calls["stream"] == 1


async def test_each_call_is_told_and_answers_kept_are_not(asking: Asking) -> None:
    async with full() as addon:
        for _ in range(3):
            await asking.ask(addon, ROW)
        addon.on("stream", status=500)
        for _ in range(3):
            with pytest.raises(AddonAnsweredStatus):
                await asking.ask(addon, STREAM)
    row, streams = asking.seen.observations
    assert (row.addon_id, row.operation, row.ok, row.items, row.error) == (
        "addon-1",
        "catalog",
        True,
        3,
        None,
    )
    assert (streams.operation, streams.ok, streams.items) == ("stream", False, 0)
    assert "500" in (streams.error or "")


async def test_an_addon_that_was_not_asked_is_not_blamed(asking: Asking) -> None:
    async with full() as addon:
        addon.on("stream", status=500)
        codes = []
        for number in range(8):
            with pytest.raises(HeadgateError) as failed:
                await asking.ask(addon, f"stream/movie/tt{number}.json")
            codes.append(failed.value.code)
    assert codes[-1] == "addon_resting"
    assert len(asking.seen.observations) == addon.calls["stream"] == codes.count("addon_answered_status")


async def test_an_addon_that_asks_for_quiet_is_asked_nothing_else_meanwhile(asking: Asking) -> None:
    async with full() as addon:
        addon.on("stream", status=429, headers={"Retry-After": "120"})
        with pytest.raises(AddonAnsweredStatus):
            await asking.ask(addon, STREAM)
        addon.heal()
        asking.clock.advance(60)
        for tail in ("stream/movie/tt2.json", META):
            with pytest.raises(AddonResting) as resting:
                await asking.ask(addon, tail)
            assert resting.value.retry_after_s == pytest.approx(60)
        assert addon.calls == {"stream": 1}
        asking.clock.advance(61)
        assert (await asking.ask(addon, META)).meta is not None
    assert len(asking.seen.observations) == 2


async def test_an_addon_that_answers_with_pages_is_left_alone_like_one_that_is_down(asking: Asking) -> None:
    async with full() as addon:
        addon.on("stream", body=b"<html>")
        for number in range(5):
            with pytest.raises(AddonBroken):
                await asking.ask(addon, f"stream/movie/tt{number}.json")
        with pytest.raises(AddonResting):
            await asking.ask(addon, "stream/movie/tt9.json")
    assert addon.calls["stream"] == 5


async def test_an_address_is_in_no_error(asking: Asking) -> None:
    async with FakeAddon(prefix="/s3cret") as addon:
        addon.on("stream", cut="reset")
        with pytest.raises(HeadgateError) as failed:
            await asking.ask(addon, STREAM)
    assert "s3cret" not in str(failed.value)
