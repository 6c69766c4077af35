"""From nothing to films in Stremio: the account, the demo, the one address."""

from __future__ import annotations

from tests.harness.clients import Api, Player
from tests.harness.hub import Hub
from tests.journeys.conftest import PASSWORD, USERNAME


async def test_the_owner_is_created_once(hub: Hub, api: Api) -> None:
    again = await api.send("POST", "/api/v1/setup", {"username": "second", "password": PASSWORD})

    assert again.status == 409
    assert again.headers["content-type"].startswith("application/problem+json")


async def test_a_wrong_password_and_an_unknown_name_are_told_apart_by_nobody(hub: Hub) -> None:
    async with Api.of(hub.url) as stranger:
        wrong = await stranger.send(
            "POST", "/api/v1/auth/login", {"username": USERNAME, "password": "not the password"}
        )
        unknown = await stranger.send(
            "POST", "/api/v1/auth/login", {"username": "nobody", "password": "not the password"}
        )

    assert wrong.status == unknown.status == 401
    assert wrong.json["code"] == unknown.json["code"]
    assert wrong.json["detail"] == unknown.json["detail"]


async def test_a_refresh_token_works_once_and_ends_with_logout(hub: Hub) -> None:
    async with Api.of(hub.url) as owner:
        first = await owner.post("/api/v1/auth/login", {"username": USERNAME, "password": PASSWORD})
        second = await owner.post("/api/v1/auth/refresh", {"refresh_token": first["refresh_token"]})
        owner.token = second["access_token"]
        assert (await owner.get("/api/v1/me"))["stremio_url"]

        await owner.post("/api/v1/auth/logout", {"refresh_token": second["refresh_token"]})
        ended = await owner.send("POST", "/api/v1/auth/refresh", {"refresh_token": second["refresh_token"]})

    assert ended.status == 401


async def test_the_demo_can_be_added_seen_played_and_removed(api: Api, player: Player) -> None:
    demo = await api.add("headgate:demo")
    manifest = await player.get("manifest.json")
    row = manifest["catalogs"][0]
    films = (await player.get(f"catalog/{row['type']}/{row['id']}.json"))["metas"]
    meta = (await player.get(f"meta/movie/{films[0]['id']}.json"))["meta"]
    streams = (await player.get(f"stream/movie/{films[0]['id']}.json"))["streams"]

    assert len(films) >= 25
    assert meta["name"] == films[0]["name"]
    assert streams[0]["externalUrl"].startswith("https://archive.org/details/")

    await api.delete(f"/api/v1/addons/{demo['id']}")
    assert (await player.get("manifest.json"))["catalogs"] == []


async def test_an_unknown_install_token_is_refused_with_cors(hub: Hub, player: Player) -> None:
    stranger = Player(player.session, f"{hub.url}/stremio/{'x' * 43}/manifest.json")

    refused = await stranger.ask("manifest.json")

    assert refused.status == 404
    assert refused.headers["access-control-allow-origin"] == "*"


async def test_a_rotated_address_ends_the_old_one_at_once(api: Api, player: Player) -> None:
    assert (await player.ask("manifest.json")).status == 200

    await api.post("/api/v1/install-token/rotate")

    assert (await player.ask("manifest.json")).status == 404
    assert (await Player(player.session, await api.stremio_url()).ask("manifest.json")).status == 200
