"""Rows with one profile's marks in them, or without what it has watched; shared answers stay shared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from libs.common.clock import SystemClock
from libs.common.contracts.client import RawAnswer
from libs.common.contracts.viewing import INTERNAL, Flags, FlagsQuery, TitleFlags
from libs.common.identity import HEADER, Identity, IdentitySigner
from libs.common.secrets import SecretKey
from tests.catalog.hub import OTHER_PROFILE, OWNER, Catalog, running_catalog
from tests.fakes.addon import FakeAddon, films, manifest
from tests.fakes.addon import catalog as row_of
from tests.fakes.settings import SECRET

CHOICES = "/api/v1/settings/viewing"
SEEN = TitleFlags(watched=True)
HALF = TitleFlags(progress=0.43)


@dataclass
class Viewing:
    """What streaming knows of each profile."""

    of: dict[str, dict[str, TitleFlags]] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    is_away: bool = False
    url: str = ""

    def see(self, *numbers: int, flags: TitleFlags = SEEN, identity: Identity = OWNER) -> None:
        known = self.of.setdefault(identity.profile_id, {})
        known.update({f"tt{number:07d}": flags for number in numbers})

    async def answer(self, request: web.Request) -> web.Response:
        signer = IdentitySigner(SecretKey.from_text(SECRET), SystemClock())
        identity = signer.verify(request.headers[HEADER])
        assert (identity.account_id, "service" in identity.roles) == (OWNER.account_id, True)
        if self.is_away:
            return web.Response(status=503)
        ids = msgspec.json.decode(await request.read(), type=FlagsQuery).ids
        self.asked.append(ids)
        known = self.of.get(identity.profile_id, {})
        found = Flags({id_: known[id_] for id_ in ids if id_ in known})
        return web.Response(body=msgspec.json.encode(found), content_type="application/json")


@pytest.fixture
async def viewing() -> AsyncIterator[Viewing]:
    state = Viewing()
    app = web.Application()
    app.router.add_post(f"{INTERNAL}/flags", state.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    state.url = site.name
    yield state
    await runner.cleanup()


@pytest.fixture
async def addon() -> AsyncIterator[FakeAddon]:
    rows = [row_of("top", extra=["skip", "search"])]
    async with FakeAddon(manifest=manifest(catalogs=rows), catalogs={"top": films(250)}) as addon:
        yield addon


@pytest.fixture
async def catalog(tmp_path: Path, viewing: Viewing, addon: FakeAddon) -> AsyncIterator[Catalog]:
    async with running_catalog(tmp_path, HEADGATE_STREAMING_URL=viewing.url) as catalog:
        for identity in (OWNER, OTHER_PROFILE):
            await catalog.add(addon.manifest_url, identity=identity)
        yield catalog


async def choose(catalog: Catalog, **choices: bool) -> None:
    assert (await catalog.send("PUT", CHOICES, choices)).status == 200


async def row(catalog: Catalog, tail: str = "", identity: Identity = OWNER) -> RawAnswer:
    shown = (await catalog.manifest(identity=identity))["catalogs"][0]
    answer = await catalog.ask(f"catalog/movie/{shown['id']}{tail}.json", identity=identity)
    assert answer.status == 200, answer.body
    return answer


def metas(answer: RawAnswer) -> list[Any]:
    return list(msgspec.json.decode(answer.body)["metas"])


def numbers(answer: RawAnswer) -> list[int]:
    return [int(meta["id"][2:]) for meta in metas(answer)]


async def test_who_chose_nothing_is_answered_as_before_and_nobody_is_asked(
    catalog: Catalog, viewing: Viewing
) -> None:
    viewing.see(1)
    answers = [await row(catalog), await row(catalog)]
    assert [numbers(answer)[0] for answer in answers] == [1, 1]
    assert answers[1].headers["X-Headgate-Cache"] == "hit"
    assert "max-age=0" not in answers[0].headers["Cache-Control"]
    assert viewing.asked == []


async def test_marks_go_into_one_profiles_copy_of_what_all_share(
    catalog: Catalog, viewing: Viewing, addon: FakeAddon
) -> None:
    viewing.see(1)
    viewing.see(2, flags=HALF)
    viewing.see(3, identity=OTHER_PROFILE)
    await choose(catalog, description=True, release_info=True)
    shared, own = await row(catalog, identity=OTHER_PROFILE), await row(catalog)
    marks = [(meta.get("description"), meta.get("releaseInfo")) for meta in metas(own)[:3]]
    assert marks == [("✓ Watched", "✓ Watched"), ("▶ 43 %", "▶ 43 %"), (None, None)]
    assert not any("description" in meta for meta in metas(shared))
    assert own.headers["X-Headgate-Cache"] == "hit"
    assert (addon.calls["catalog"], [len(ids) for ids in viewing.asked]) == (1, [100])


async def test_what_has_changed_is_in_the_next_answer_which_nobody_keeps(
    catalog: Catalog, viewing: Viewing
) -> None:
    await choose(catalog, description=True)
    before = await row(catalog)
    viewing.see(1)
    assert "description" in metas(await row(catalog))[0]
    assert "description" not in metas(before)[0]
    directives = before.headers["Cache-Control"].split(", ")
    assert directives[1] == f"max-age={before.headers['Age']}"
    assert not any(each.startswith("stale-while") for each in directives)


async def test_a_row_without_what_was_watched_is_filled_up_and_pages_join(
    catalog: Catalog, viewing: Viewing
) -> None:
    viewing.see(3, 7, 101, 230)
    await choose(catalog, hide_watched=True)
    pages = [numbers(await row(catalog, tail)) for tail in ("", "/skip=100", "/skip=200")]
    assert [len(page) for page in pages] == [100, 100, 46]
    assert [*pages[0], *pages[1], *pages[2]] == [n for n in range(1, 251) if n not in {3, 7, 101, 230}]


async def test_a_row_that_loses_nothing_is_asked_about_once(catalog: Catalog, viewing: Viewing) -> None:
    await choose(catalog, hide_watched=True)
    assert len(numbers(await row(catalog))) == 100
    assert [len(ids) for ids in viewing.asked] == [100]


async def test_a_page_that_cannot_be_filled_has_what_was_watched_at_its_end(
    catalog: Catalog, viewing: Viewing, addon: FakeAddon
) -> None:
    viewing.see(3, 7)
    await row(catalog, identity=OTHER_PROFILE)
    await choose(catalog, hide_watched=True, description=True)
    addon.on("catalog", status=500)
    found = await row(catalog)
    assert numbers(found) == [n for n in range(1, 101) if n not in {3, 7}] + [3, 7]
    assert [meta.get("description") for meta in metas(found)[-2:]] == ["✓ Watched"] * 2


async def test_a_row_of_which_all_was_watched_is_empty(catalog: Catalog, viewing: Viewing) -> None:
    viewing.see(*range(1, 251))
    await choose(catalog, hide_watched=True)
    assert numbers(await row(catalog)) == []


async def test_a_search_finds_what_was_watched(catalog: Catalog, viewing: Viewing) -> None:
    viewing.see(1)
    await choose(catalog, hide_watched=True, description=True)
    assert metas(await row(catalog, "/search=Film"))[0]["description"] == "✓ Watched"


async def test_by_rest_a_page_is_what_is_left_of_it_with_texts_as_they_are(
    catalog: Catalog, viewing: Viewing
) -> None:
    viewing.see(3)
    viewing.see(4, flags=HALF)
    await choose(catalog, hide_watched=True, description=True)
    rows = await catalog.get("/api/v1/catalogs")
    path = f"/api/v1/catalogs/{rows['items'][0]['id']}?type=movie"
    first = await catalog.get(path)
    second = await catalog.get(f"{path}&cursor={first['next_cursor']}")
    assert len(first["items"]) == 99
    assert not any("description" in item for item in first["items"])
    assert second["items"][0]["id"] == "tt0000101"


@pytest.mark.parametrize("tail", ["", "/skip=100"])
async def test_without_viewing_state_a_row_is_everybodys_and_says_so(
    catalog: Catalog, viewing: Viewing, tail: str
) -> None:
    viewing.see(3)
    viewing.is_away = True
    await choose(catalog, hide_watched=True, description=True)
    answer = await row(catalog, tail)
    assert len(numbers(answer)) == 100
    assert answer.headers["X-Headgate-Partial"] == "viewing"
    viewing.is_away = False
    assert 3 not in numbers(await row(catalog, tail))


async def test_what_another_profile_watched_changes_nothing(catalog: Catalog, viewing: Viewing) -> None:
    viewing.see(3, identity=OTHER_PROFILE)
    await choose(catalog, hide_watched=True)
    assert 3 in numbers(await row(catalog))


async def test_each_profile_chooses_for_itself(catalog: Catalog) -> None:
    await choose(catalog, hide_watched=True)
    chosen = {"hide_watched": True, "description": False, "release_info": False}
    assert await catalog.get(CHOICES) == chosen
    assert await catalog.get(CHOICES, identity=OTHER_PROFILE) == dict.fromkeys(chosen, False)
    refused = await catalog.send("PUT", CHOICES, {"hide_watched": "often"})
    assert refused.status == 422


async def test_a_title_under_another_systems_id_is_marked_by_the_id_of_imdb_that_it_names(
    catalog: Catalog, viewing: Viewing, addon: FakeAddon
) -> None:
    others = [
        {"id": "tmdb:603", "type": "movie", "name": "Named in a member", "imdb_id": "tt0000001"},
        {"id": "x:1", "type": "movie", "name": "Own state", "imdb_id": "tt0000002"},
        {"id": "kitsu:9", "type": "movie", "name": "Names nothing"},
    ]
    addon.catalogs["top"] = [*others, *films(3)]
    viewing.see(1)
    viewing.see(2)
    viewing.of[OWNER.profile_id]["x:1"] = HALF
    await choose(catalog, release_info=True)
    marks = [meta.get("releaseInfo") for meta in metas(await row(catalog))]
    assert marks == ["✓ Watched", "▶ 43 %", None, "✓ Watched", "✓ Watched", None]
    assert len(viewing.asked) == 1
