"""What gateways ask for players: packed or plain, told apart by state, and by services alone."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from libs.common.contracts.client import RawAnswer
from libs.common.contracts.players import PLAYER_HEADER, PREFIX
from libs.common.db import Database, open_database
from libs.common.identity import Identity
from services.catalog.library_model import KINDS
from tests.catalog.hub import OTHER_PROFILE, Catalog
from tests.catalog.hub import OWNER as ASKER
from tests.catalog.library.handed import Handed
from tests.catalog.library.players import PLAYER, Library, fill, library_of
from tests.waiting import until


@pytest.fixture
async def library(timed: Catalog, tmp_path: Any) -> AsyncIterator[Library]:
    """In the database of a catalog that runs."""
    database: Database = await open_database(
        f"sqlite:///{tmp_path}/catalog.db", schema="catalog", clock=timed.clock
    )
    async with library_of(database, timed.clock) as library:
        await fill(library)
        yield library
    await database.aclose()


async def ask(
    catalog: Catalog, what: str, *, identity: Identity = ASKER, player: str = "", **headers: str
) -> RawAnswer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await catalog.service.raw(
        "GET",
        f"{PREFIX}/{what}",
        identity=identity.as_service(),
        deadline=catalog.deadline,
        headers={"Accept-Encoding": "identity", PLAYER_HEADER: player or PLAYER.header(), **names},
    )


@pytest.mark.parametrize(
    ("what", "content_type"),
    [
        ("live_streams", "application/json"),
        ("vod_streams?category=1", "application/json"),
        ("series", "application/json"),
        ("playlist?output=m3u8&parts=live", "audio/x-mpegurl"),
        ("guide", "application/xml"),
    ],
)
async def test_a_list_is_the_same_packed_and_plain_and_is_told_unchanged(
    timed: Catalog, library: Library, what: str, content_type: str
) -> None:
    plain = await ask(timed, what)
    zipped = await ask(timed, what, Accept_Encoding="gzip")
    assert plain.status == zipped.status == 200
    assert plain.headers["Content-Type"].startswith(content_type)
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == plain.body
    again = await ask(timed, what, If_None_Match=plain.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    await library.like("Radio")
    assert (await ask(timed, what, If_None_Match=plain.headers["ETag"])).status == 200


async def test_the_end_of_a_run_makes_what_players_list(timed: Catalog, library: Library) -> None:
    await library.database.execute("UPDATE library_providers SET id = 'p1'")
    handed = Handed(timed, "p1")
    await handed.begin()
    assert await library.pieces() == []
    await handed.finish()

    async def made() -> bool:
        return {row["kind"] for row in await library.pieces()} == set(KINDS.values())

    await until(made)


async def test_the_mark_of_a_list_is_its_players_own(timed: Catalog, library: Library) -> None:
    own = await ask(timed, "playlist")
    other = await ask(timed, "playlist", player=PLAYER.header().replace("ada-kids", "bob"))
    assert own.headers["ETag"] != other.headers["ETag"]
    assert "private" in own.headers["Cache-Control"]


@pytest.mark.parametrize(
    "what",
    [
        "account",
        "live_categories",
        "vod_categories",
        "series_categories",
        "vod_info?id=1",
        "series_info?id=1",
        "short_epg?id=1&limit=2",
        "data_table?id=1",
    ],
)
async def test_small_answers_are_json(timed: Catalog, library: Library, what: str) -> None:
    answer = await ask(timed, what)
    assert answer.status == 200
    msgspec.json.decode(answer.body)


async def test_what_is_not_there_is_told_as_panels_do(timed: Catalog) -> None:
    assert (await ask(timed, "vod_info?id=5")).body == b'{"info":[]}'
    assert (await ask(timed, "series_info?id=5")).body == b'{"seasons":[],"info":{},"episodes":{}}'
    assert (await ask(timed, "live_streams")).body == b"[]"
    assert (await ask(timed, "series?category=3")).body == b"[]"


async def test_another_profile_gets_its_own_which_is_nothing(timed: Catalog, library: Library) -> None:
    assert (await ask(timed, "live_streams", identity=OTHER_PROFILE)).body == b"[]"
    assert b"EXTINF" not in (await ask(timed, "playlist", identity=OTHER_PROFILE)).body


async def test_only_services_may_ask(timed: Catalog) -> None:
    answer = await timed.service.raw("GET", f"{PREFIX}/account", identity=ASKER, deadline=timed.deadline)
    assert answer.status == 403


@pytest.mark.parametrize("what", ["nothing", "live_streams?category=x", "playlist?limit=-"])
async def test_what_makes_no_sense_is_refused(timed: Catalog, what: str) -> None:
    assert (await ask(timed, what)).status in {404, 422}


async def test_who_signs_in_has_to_be_told(timed: Catalog) -> None:
    assert (await ask(timed, "account", player="nobody")).status == 422
