"""Our playlist and guide by the rules of pvr.iptvsimple, by which Kodi reads lists.

What it goes by: the name is behind the comma after the last quote; an attribute is found anywhere in the line
by its name and sign; groups are parted by semicolons; a list's guide is the first address of its first line;
what says `media` is a recording, and all else a channel; a channel's programmes are those of its `tvg-id`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest

from libs.common.db import Database
from services.catalog.library.face_playlist import PARTS, Wanted
from tests.catalog.library.filled import Row
from tests.catalog.library.players import OWNER, PLAYER, Library, fill, library_of
from tests.fakes.clock import ManualClock


@dataclass(frozen=True)
class Shown:
    """What Kodi makes of an entry."""

    name: str
    address: str
    line: str
    is_recording: bool

    def value(self, name: str) -> str:
        return value(self.line, f"{name}=")

    @property
    def groups(self) -> list[str]:
        return self.value("group-title").split(";")


def value(line: str, marker: str) -> str:
    """Up to the next quote if there is one after the sign, else up to a space."""
    at = line.find(marker)
    if at < 0:
        return ""
    rest = line[at + len(marker) :]
    return rest[1:].partition('"')[0] if rest.startswith('"') else rest.partition(" ")[0]


def read(text: str) -> tuple[str, list[Shown]]:
    """The guide's address, and the entries."""
    guide, line, is_recording, shown = "", "", False, list[Shown]()
    for raw in text.split("\n"):
        told = raw.strip()
        if told.startswith("#EXTM3U"):
            guide = (value(told, "x-tvg-url=") or value(told, "url-tvg=")).partition(",")[0]
        elif told.startswith("#EXTINF"):
            line, is_recording = told, 'media="' in told
        elif told.startswith("#EXT-X-PLAYLIST-TYPE:"):
            is_recording = told.endswith("VOD")
        elif told and not told.startswith("#"):
            assert line, "an address without a line before it"
            after_quotes = line[line.rfind('"') + 1 :]
            assert after_quotes.lstrip().startswith(",")
            shown.append(Shown(after_quotes.partition(",")[2].strip(), told, line, is_recording))
            line = ""
    return guide, shown


@pytest.fixture
async def library(database: Database, clock: ManualClock) -> AsyncIterator[Library]:
    async with library_of(database, clock) as library:
        await fill(library)
        yield library


async def listed(library: Library) -> tuple[str, dict[str, Shown]]:
    wanted = Wanted(tuple(PARTS), "ts", is_plain=False)
    pieces = [piece async for piece in library.players.playlist.lines(OWNER, PLAYER, wanted)]
    guide, shown = read(b"".join(pieces).decode())
    return guide, {one.name: one for one in shown}


async def test_channels_are_channels_and_films_are_recordings(library: Library) -> None:
    _, shown = await listed(library)
    kinds = {name: one.is_recording for name, one in shown.items()}
    assert kinds == {
        "EN - News One": False,
        "EN - Radio": False,
        "EN - 24": False,
        "EN - The Lobster": True,
        "EN - 300": True,
    }
    assert shown["EN - Radio"].value("radio") == "true"
    assert shown["EN - News One"].value("tvg-chno") == "7"
    assert shown["EN - News One"].groups == ["News", "All of it"]


async def test_the_list_names_its_guide_and_the_guide_its_channels(library: Library) -> None:
    guide, shown = await listed(library)
    assert guide.startswith("http://hub.example:8080/xmltv.php?username=ada-kids&password=")
    xml = b"".join([piece async for piece in library.players.guide.xmltv(OWNER)])
    channels = {element.get("id") for element in ElementTree.fromstring(xml).iter("channel")}
    assert shown["EN - News One"].value("tvg-id") in channels


async def test_catch_up_leads_to_an_address_that_kodi_fills_in(library: Library) -> None:
    _, shown = await listed(library)
    news = shown["EN - News One"]
    assert (news.value("catchup"), news.value("catchup-days")) == ("default", "3")
    filled = news.value("catchup-source").replace("{utc}", "1767349800").replace("{duration}", "3600")
    assert "{" not in filled
    assert filled.endswith("&start=1767349800&duration=3600")
    assert not shown["EN - Radio"].value("catchup")


@pytest.mark.parametrize(
    "name", ['Quotes "in", and commas', "group-title=Nothing", 'media="true"', "#EXTINF:-1,Forged", "a;b"]
)
async def test_no_name_makes_kodi_read_something_else(library: Library, name: str) -> None:
    second = await library.fill.provider(OWNER, "Panel B")
    await library.put(second, "channels", Row(title=name, categories=(name,), guide_id=name))
    _, shown = await listed(library)
    assert len(shown) == 6
    (added,) = (one for one in shown.values() if one.address.endswith(f"/{library.ids[name]}.ts"))
    assert not added.is_recording
    assert len(added.groups) == 1
