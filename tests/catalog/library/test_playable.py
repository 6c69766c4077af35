"""Where things are played from: the provider's address, for the profile that has it and for nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec
import pytest

from libs.common.contracts.playing import Playable, PlayingClient
from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.common.media import MediaKind, Wish
from libs.protocols.m3u.rows import Catchup
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog
from tests.catalog.library.handed import Handed, item_row
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.panel import FakePanel

CHANNEL, FILM, LISTED = 1, 2, 3
"""Numbers are given out one by one."""
START = int(datetime(2026, 7, 1, 20, 0, tzinfo=UTC).timestamp())
LIST_ADDRESS = "http://list.example/secret/live.ts"


@pytest.fixture
async def panel() -> AsyncIterator[FakePanel]:
    async with FakePanel(None, Account(formats=("m3u8", "ts", "rtmp"), max_connections=3)) as panel:
        yield panel


@pytest.fixture
async def library(catalog: Catalog, panel: FakePanel) -> Catalog:
    body = {"url": panel.url, "username": "u1", "password": "p1", "name": "Mine"}
    xtream = await Handed.begun(catalog, "/api/v1/xtream-accounts", body)
    await xtream.rows("channels", item_row(71, "News", extension=""))
    await xtream.rows("movies", item_row(72, "Film", extension="mp4"))
    return catalog


async def add_list(catalog: Catalog, panel: FakePanel, **how: object) -> None:
    address = f"{panel.url}/get.php?username=u1&password=p1&type=m3u_plus"
    body = {"url": address, "user_agent": "Box/1"}
    m3u = await Handed.begun(catalog, "/api/v1/m3u-accounts", body)
    told = f"\n{msgspec.json.encode(how).decode()}" if how else ""
    await m3u.rows("channels", item_row(5, "Listed", url=LIST_ADDRESS + told))


async def find(
    catalog: Catalog,
    kind: MediaKind,
    item: int,
    extension: str = "",
    *,
    start: int = 0,
    duration_s: int = 0,
    identity: Identity = OWNER,
) -> Playable:
    wish = Wish(identity.account_id, identity.profile_id, kind, item, start, duration_s)
    return await PlayingClient(catalog.service).playable(wish, extension, deadline=catalog.deadline)


async def test_a_film_is_at_its_panel_in_its_own_container(library: Catalog, panel: FakePanel) -> None:
    found = await find(library, "movie", FILM, "mkv")
    assert found.addresses == (f"{panel.url}/movie/u1/p1/72.mp4",)
    assert (found.name, found.play, found.max_connections) == ("Mine", "proxy", 3)
    assert found.formats == ("ts", "m3u8")


@pytest.mark.parametrize(("asked", "got"), [("", "ts"), ("ts", "ts"), ("m3u8", "m3u8"), ("mkv", "ts")])
async def test_a_channel_is_asked_for_as_the_player_wants_it(
    library: Catalog, panel: FakePanel, asked: str, got: str
) -> None:
    found = await find(library, "live", CHANNEL, asked)
    assert found.addresses == (f"{panel.url}/live/u1/p1/71.{got}",)


async def test_catch_up_is_asked_for_in_the_panels_time_and_in_every_form(
    library: Catalog, panel: FakePanel
) -> None:
    found = await find(library, "live", CHANNEL, start=START, duration_s=5400)
    # London, in summer
    assert found.addresses[:3] == tuple(
        f"{panel.url}/timeshift/u1/p1/90/{start}/71.ts"
        for start in ("2026-07-01:21-00", "2026-07-01_21-00", "2026-07-01:21:00:00")
    )
    assert all("timeshift.php?" in address for address in found.addresses[3:])


@pytest.mark.parametrize("identity", [OTHER_PROFILE, OTHER_ACCOUNT])
async def test_nobody_else_plays_it(library: Catalog, identity: Identity) -> None:
    with pytest.raises(NotFound):
        await find(library, "movie", FILM, identity=identity)
    with pytest.raises(NotFound):
        await find(library, "live", CHANNEL, identity=identity)


@pytest.mark.parametrize(
    ("kind", "item"), [("movie", CHANNEL), ("live", FILM), ("series", FILM), ("live", 99)]
)
async def test_a_number_of_something_else_is_not_found(library: Catalog, kind: MediaKind, item: int) -> None:
    with pytest.raises(NotFound):
        await find(library, kind, item)


async def test_only_services_are_told(library: Catalog) -> None:
    answer = await library.send("GET", f"/internal/catalog/library/playable/movie/{FILM}")
    assert answer.status == 403


async def test_an_entry_of_a_list_is_at_its_own_address_with_its_own_headers(
    library: Catalog, panel: FakePanel
) -> None:
    await add_list(library, panel, headers={"Referer": "http://list.example/"})
    found = await find(library, "live", LISTED, "m3u8")
    assert found.addresses == (LIST_ADDRESS,)
    assert dict(found.headers) == {"User-Agent": "Box/1", "Referer": "http://list.example/"}
    assert found.formats == ()


async def test_what_was_on_is_where_the_entry_says(library: Catalog, panel: FakePanel) -> None:
    await add_list(library, panel, catchup=Catchup(mode="append", source="?utc={utc}&s={duration}"))
    found = await find(library, "live", LISTED, start=START, duration_s=60)
    assert found.addresses == (f"{LIST_ADDRESS}?utc={START}&s=60",)


async def test_what_an_entry_does_not_keep_is_not_found(library: Catalog, panel: FakePanel) -> None:
    await add_list(library, panel)
    with pytest.raises(NotFound):
        await find(library, "live", LISTED, start=START, duration_s=60)
