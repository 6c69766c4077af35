"""A list synced over real HTTP: what its entries are, what stays the same, and what it names beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from libs.common.clock import SystemClock
from libs.common.contracts.client import ServiceClient
from libs.common.identity import IdentitySigner
from libs.common.secrets import SecretKey
from libs.common.serve import start_site
from services.sync.errors import ImportFailed
from services.sync.kinds.base import SourceAway
from services.sync.model import Counts
from tests.fakes.settings import SECRET
from tests.sync.conftest import FakeCatalog
from tests.sync.library import Shelf
from tests.sync.syncing import Syncing, syncing_with

LIST = """#EXTM3U x-tvg-url="{guide}"
#EXTINF:-1 tvg-id="one.de" tvg-chno="7" group-title="DE;News",DE: One HD
{base}/live/u/p/1.ts
#EXTINF:-1 tvg-name="Second_Channel" group-title="News" catchup="xc" catchup-days="3",Two
#EXTVLCOPT:http-user-agent=Box
{base}/live/u/p/2.ts
#EXTINF:-1 group-title="Films",EN - The Matrix (1999)
{base}/movie/u/p/3.mkv
#EXTINF:-1 group-title="Films",EN - The Matrix (1999)
{base}/movie/u/p/4.mkv
#EXTINF:-1 group-title="Shows",The Wire (2002) S01 E01
{base}/series/u/p/5.mkv
#EXTINF:-1 group-title="Shows",The Wire (2002) S01 E02
{base}/series/u/p/6.mkv
"""
GUIDE = """<?xml version="1.0"?><tv>
<channel id="ONE.de"><display-name>One</display-name></channel>
<channel id="x2"><display-name>Second Channel</display-name></channel>
<channel id="x3"><display-name>Third</display-name></channel>
{programmes}</tv>"""
PROGRAMME = '<programme start="{0}" {1} channel="{2}"><title>{3}</title></programme>'


@dataclass
class Server:
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    url: str = ""
    agents: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.agents.append(request.headers["User-Agent"])
        status, text = self.files.get(request.path, (404, ""))
        return web.Response(status=status, text=text)


@dataclass
class ListSync:
    syncing: Syncing
    shelf: Shelf
    server: Server


@pytest.fixture
async def list_(catalog: FakeCatalog, tmp_path: Path) -> AsyncIterator[ListSync]:
    server, app = Server(), web.Application()
    app.router.add_get("/{tail:.*}", server.answer)
    running = await start_site(app, "127.0.0.1:0", shutdown_s=0.1)
    server.url = f"http://127.0.0.1:{running.port}"
    server.files["/list"] = (200, LIST.format(guide=f"{server.url}/guide", base="http://a.example"))
    signer = IdentitySigner(SecretKey.from_text(SECRET), SystemClock())
    shelf = catalog.library.put("list", url=f"{server.url}/list", kind="m3u", user_agent="Box/1")
    async with (
        ServiceClient.connected("catalog", catalog.address, signer=signer) as service,
        syncing_with(service, "list", tmp_path, kind="m3u") as syncing,
    ):
        yield ListSync(syncing, shelf, server)
    await running.aclose()


def _at(offset_h: int) -> str:
    return SystemClock().now().strftime("%Y%m%d") + f"{offset_h:02}0000 +0000"


async def test_entries_become_channels_films_series_and_episodes(list_: ListSync) -> None:
    counts = await list_.syncing.run()
    assert {kind: one.added for kind, one in counts.items()} == {
        **{"channels": 2, "movies": 2, "series": 1, "episodes": 2},
    } | ({"programmes": 0} if "programmes" in counts else {})
    channel = next(row for row in list_.shelf.of("channels").values() if row[2] == "DE: One HD")
    assert channel[3:5] == ["One", "one"]
    assert channel[8] == ["DE", "News"]
    assert channel[13] == "one.de"
    assert channel[18] == "http://a.example/live/u/p/1.ts"
    two = next(row for row in list_.shelf.of("channels").values() if row[2] == "Two")
    address, _, how = two[18].partition("\n")
    assert address == "http://a.example/live/u/p/2.ts"
    assert msgspec.json.decode(how)["headers"] == {"User-Agent": "Box"}
    assert msgspec.json.decode(how)["catchup"]["mode"] == "xc"
    assert msgspec.json.decode(two[17]) == {"archive_days": 3}
    assert [row[5] for row in list_.shelf.of("movies").values()] == [1999, 1999]
    assert [row[15] for row in list_.shelf.of("movies").values()] == ["mkv", "mkv"]
    (series,) = list_.shelf.of("series").values()
    assert series[3:6] == ["The Wire", "the wire", 2002]
    places = [(row[2], row[3], row[4]) for row in list_.shelf.of("episodes").values()]
    assert places == [(series[0], 1, 1), (series[0], 1, 2)]
    assert list_.shelf.categories["channels"] == {"DE": "DE", "News": "News"}
    assert set(list_.server.agents) == {"Box/1"}


async def test_other_credentials_in_addresses_change_entries_and_no_ids(list_: ListSync) -> None:
    await list_.syncing.run()
    before = set(list_.shelf.of("movies")) | set(list_.shelf.of("episodes"))
    status, text = list_.server.files["/list"]
    list_.server.files["/list"] = (status, text.replace("/u/p/", "/u/other/"))
    counts = await list_.syncing.run()
    assert set(list_.shelf.of("movies")) | set(list_.shelf.of("episodes")) == before
    assert counts["movies"] == Counts(seen=2, changed=2)


async def test_what_has_not_changed_is_not_sent_again(list_: ListSync) -> None:
    await list_.syncing.run()
    counts = await list_.syncing.run()
    assert counts["episodes"] == Counts(seen=2, unchanged=2)
    assert counts["channels"] == Counts(seen=2, unchanged=2)


async def test_the_guide_that_the_list_names_is_for_its_channels_by_id_and_by_name(list_: ListSync) -> None:
    said = [
        PROGRAMME.format(_at(1), f'stop="{_at(2)}"', "ONE.de", "News"),
        PROGRAMME.format(_at(1), "", "x2", "Talk"),
        PROGRAMME.format(_at(4), "", "x2", "Sport"),
        PROGRAMME.format(_at(1), "", "x3", "Nobody's"),
        PROGRAMME.format("20200101000000 +0000", "", "ONE.de", "Long ago"),
    ]
    list_.server.files["/guide"] = (200, GUIDE.format(programmes="\n".join(said)))
    counts = await list_.syncing.run()
    assert counts["programmes"].added == 3
    found = {(row[0], row[4]): row[2] - row[1] for row in list_.shelf.of("programmes").values()}
    assert found == {("one.de", "News"): 3600, ("name:second channel", "Talk"): 3 * 3600} | {
        ("name:second channel", "Sport"): 3600
    }
    guide_ids = {row[13] for row in list_.shelf.of("channels").values()}
    assert guide_ids == {"one.de", "name:second channel"}


async def test_all_guides_that_a_list_names_are_one(list_: ListSync) -> None:
    def guide(*said: tuple[int, str, str]) -> tuple[int, str]:
        rows = (PROGRAMME.format(_at(hour), f'stop="{_at(hour + 1)}"', of, title) for hour, of, title in said)
        return 200, GUIDE.format(programmes="".join(rows))

    def titles() -> set[tuple[str, str]]:
        return {(row[0], row[4]) for row in list_.shelf.of("programmes").values()}

    files, url = list_.server.files, list_.server.url
    status, text = files["/list"]
    files["/list"] = (status, text.replace(f"{url}/guide", f"{url}/guide,{url}/more"))
    files["/guide"] = guide((1, "one.de", "News"), (2, "one.de", "Films"))
    files["/more"] = guide((1, "one.de", "News elsewhere"), (1, "x2", "Talk"))
    counts = await list_.syncing.run()
    assert counts["programmes"].seen == 3
    one, two = "one.de", "name:second channel"
    assert titles() == {(one, "News"), (one, "Films"), (two, "Talk")}
    again = (await list_.syncing.run())["programmes"]
    assert (again.seen, again.unchanged, again.changed) == (3, 3, 0)

    files["/guide"] = (503, "")
    files["/more"] = guide((1, "x2", "Talk"), (3, "x2", "Sport"))
    counts = await list_.syncing.run()
    assert counts["programmes"].remarks == {"guide_failed": 1}
    assert titles() == {(one, "News"), (one, "Films"), (two, "Talk"), (two, "Sport")}

    files["/guide"] = guide((1, "one.de", "News"))
    await list_.syncing.run()
    assert titles() == {(one, "News"), (two, "Talk"), (two, "Sport")}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, "<html>Maintenance</html>"), "web page"),
        ((200, ""), "empty file"),
        ((200, "#EXTM3U\n"), "not one entry"),
        ((503, ""), "answered 503"),
        ((403, ""), "answered 403"),
    ],
)
async def test_a_list_that_is_none_takes_nothing_away(
    list_: ListSync, answer: tuple[int, str], said: str
) -> None:
    await list_.syncing.run()
    list_.server.files["/list"] = answer
    with pytest.raises((SourceAway, ImportFailed), match=f"^The list: .*{said}"):
        await list_.syncing.run()
    assert len(list_.shelf.of("movies")) == 2
    assert list_.shelf.states[-1].problem
