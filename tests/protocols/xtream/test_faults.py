"""The client against every fault of the made-up panel: what can be read is read, the rest has its name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.common.clock import SystemClock
from libs.common.http import ConnectionReset, Fetcher, Guard, make_session
from libs.protocols.xtream.addresses import Credentials, Kind, XtreamAddress
from libs.protocols.xtream.client import XtreamClient, XtreamLimits
from libs.protocols.xtream.errors import (
    AccountExpired,
    Blocked,
    CredentialsRefused,
    CutShort,
    EmptyAnswer,
    NotAPanel,
    NothingThere,
    TooManyRequests,
)
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel

LIBRARY = Library(films=700, channels=400, series=120)
SIZES: dict[Kind, int] = {"live": 400, "movie": 700, "series": 120}


@pytest.fixture
async def panel() -> AsyncIterator[FakePanel]:
    async with FakePanel(LIBRARY) as panel:
        yield panel


@pytest.fixture
async def client(panel: FakePanel) -> AsyncIterator[XtreamClient]:
    guard = Guard(allow_private=True)
    async with make_session(guard=guard) as session:
        address = XtreamAddress(panel.url, Credentials("u1", "p1"))
        yield XtreamClient(Fetcher(session, guard, SystemClock()), SystemClock(), address)


async def rows_of(client: XtreamClient, kind: Kind) -> list[Any]:
    items = client.items(kind)
    rows: list[Any] = []
    async for batch in items:
        rows += batch
    assert items.tally.kept == len(rows)
    assert not items.tally.skipped
    return rows


async def sizes(client: XtreamClient) -> dict[Kind, int]:
    return {kind: len(await rows_of(client, kind)) for kind in SIZES}


async def test_a_panel_that_behaves_is_read_whole(client: XtreamClient) -> None:
    assert (await client.account()).status == "active"
    assert await sizes(client) == SIZES
    for kind in SIZES:
        assert len(await client.categories(kind)) == LIBRARY.categories
    film, series = (await rows_of(client, "movie"))[0], (await rows_of(client, "series"))[0]
    assert (await client.movie(film.id)).id == film.id
    assert (await client.series(series.id)).episodes


@pytest.mark.parametrize("fault", ["chunked", "gzip", "redirect_302", "php_warning_preamble", "tz_not_utc"])
async def test_faults_on_the_way_that_cost_nothing(
    client: XtreamClient, panel: FakePanel, fault: str
) -> None:
    panel.fail(fault)
    assert await sizes(client) == SIZES
    assert (await client.account()).status == "active"


@pytest.mark.parametrize(
    "fault",
    [
        "numbers_as_strings",
        "strings_as_numbers",
        "null_name",
        "null_category",
        "unknown_category_id",
        "category_ids_only",
        "rating_comma",
        "backdrop",
        'added_""',
        "id_reused_for_other_title",
    ],
)
async def test_faults_of_the_data_cost_no_row(client: XtreamClient, panel: FakePanel, fault: str) -> None:
    ids = {kind: [row.id for row in await rows_of(client, kind)] for kind in SIZES}
    panel.fail(fault, share=1.0)
    for kind in SIZES:
        assert [row.id for row in await rows_of(client, kind)] == ids[kind]


@pytest.mark.parametrize("fault", ["numbers_as_strings", "strings_as_numbers"])
async def test_the_type_of_a_value_is_no_matter(client: XtreamClient, panel: FakePanel, fault: str) -> None:
    before = {kind: await rows_of(client, kind) for kind in SIZES}
    panel.fail(fault, share=1.0)
    for kind in SIZES:
        after = await rows_of(client, kind)
        for one, other in zip(before[kind], after, strict=True):
            assert (one.id, one.category_ids, getattr(one, "added", 0)) == (
                other.id,
                other.category_ids,
                getattr(other, "added", 0),
            )


async def test_every_copy_of_a_title_is_a_row(client: XtreamClient, panel: FakePanel) -> None:
    panel.fail("duplicate_title_many_ids", share=1.0)
    assert len(await rows_of(client, "movie")) > SIZES["movie"]


@pytest.mark.parametrize("fault", ["episodes_array", "episodes_missing", "info_[]", "numbers_as_strings"])
async def test_a_series_is_read_in_every_shape(client: XtreamClient, panel: FakePanel, fault: str) -> None:
    (first, *_) = await rows_of(client, "series")
    usual = {episode.id: episode.season for episode in (await client.series(first.id)).episodes}
    panel.fail(fault)
    read = await client.series(first.id)
    assert not read.skipped
    if fault == "episodes_missing":
        assert read.episodes == ()
    else:
        found = {episode.id: episode.season for episode in read.episodes}
        assert usual.items() <= found.items()


@pytest.mark.parametrize("fault", ["whole_[]", "empty_list_intermittent"])
async def test_an_empty_answer_for_details_is_nothing_there(
    client: XtreamClient, panel: FakePanel, fault: str
) -> None:
    panel.fail(fault, every=1)
    with pytest.raises(NothingThere):
        await client.series(LIBRARY.id_of("series", 0))
    with pytest.raises(NothingThere):
        await client.movie(LIBRARY.id_of("vod", 0))


async def test_an_id_that_is_unknown_is_nothing_there(client: XtreamClient) -> None:
    with pytest.raises(NothingThere):
        await client.movie(999_999)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("html_200", NotAPanel),
        ("plain_blocked_200", Blocked),
        ("empty_200", EmptyAnswer),
        ("truncated_json", CutShort),
        ("connection_reset_midway", ConnectionReset),
        ("auth0_min", CredentialsRefused),
        ("auth401", CredentialsRefused),
        ("unknown_user_404", CredentialsRefused),
        ("http_403_bad_UA", Blocked),
    ],
)
async def test_what_can_not_be_read_has_its_name(
    client: XtreamClient, panel: FakePanel, fault: str, error: type[Exception]
) -> None:
    panel.fail(fault)
    with pytest.raises(error):
        await client.account()
    for kind in SIZES:
        with pytest.raises(error):
            await rows_of(client, kind)


async def test_an_account_that_ends_in_the_middle(client: XtreamClient, panel: FakePanel) -> None:
    panel.fail("expired_mid_sync", after=2)
    await rows_of(client, "live")
    await rows_of(client, "live")
    with pytest.raises((AccountExpired, CredentialsRefused)):
        await rows_of(client, "movie")


async def test_a_panel_that_bans_after_so_many_questions(client: XtreamClient, panel: FakePanel) -> None:
    panel.fail("http_429_after_n_infos", after=1)
    film = LIBRARY.id_of("vod", 0)
    await client.movie(film)
    with pytest.raises(TooManyRequests):
        await client.movie(film)
    with pytest.raises(TooManyRequests):
        await rows_of(client, "live")


async def test_a_slow_first_byte_is_waited_for(client: XtreamClient, panel: FakePanel) -> None:
    assert XtreamLimits().head_s > 120
    fault = panel.fail("slow_first_byte", "get_live_streams")
    fault.release.set()
    assert len(await rows_of(client, "live")) == SIZES["live"]


async def test_a_guide_of_all_and_of_one(client: XtreamClient) -> None:
    document = b"".join([piece async for piece in client.guide()])
    assert document.rstrip().endswith(b"</tv>")
    zone = (await client.account()).clock.tzinfo
    channel = next(row for row in await rows_of(client, "live") if row.guide_id)
    listing = await client.short_guide(channel.id, zone)
    assert listing.programmes
    assert all(programme.title and programme.end for programme in listing.programmes)
