"""Taking everything along: one file with what is one's own, secrets under a passphrase alone; and bringing it
to another hub."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from playwright.async_api import FilePayload, expect

from tests.fakes.addon import FakeAddon, films
from tests.fakes.panel.panel import FakePanel
from tests.harness.clients import Answer, Api
from tests.harness.hub import Hub, running
from tests.journeys.browser import WIDTHS, chromium, page_at, sign_in
from tests.journeys.conftest import IN_ONE_PROCESS, PASSWORD, USERNAME
from tests.journeys.test_pages import violations
from tests.streaming.viewing.test_moving_in import TITLE, VIDEO
from tests.sync.moving.files import exported as made_up
from tests.waiting import until

PASSPHRASE = "carried across the river"
MEMBER = {"username": "Traveller", "password": "a long enough password"}
FILMS = 2000
KILLS = 2


async def exported(api: Api, **wanted: str) -> zipfile.ZipFile:
    answer = await api.send("POST", "/api/v1/me/export", wanted)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.body))


def rows(file: zipfile.ZipFile, kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read(f"{kind}.ndjson").splitlines()]


def opened(file: zipfile.ZipFile, kind: str, row: dict[str, Any]) -> str:
    """As docs/api.md says it."""
    means = json.loads(file.read("manifest.json"))["sealing"]
    salt = base64.b64decode(means["salt"])
    key = Scrypt(salt=salt, length=32, n=means["n"], r=means["r"], p=means["p"]).derive(PASSPHRASE.encode())
    sealed = base64.b64decode(row["sealed"])
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], f"headgate:{kind}.ndjson".encode()).decode()


async def test_everything_is_taken_along_and_nothing_of_others(hub: Hub, api: Api) -> None:
    async with FakeAddon() as addon, Api.of(hub.url) as bob:
        await api.add(addon.manifest_url)
        await api.send("PUT", "/api/v1/viewing/watched/tt0017136", {"type": "movie", "name": "Metropolis"})
        link = {"type": "movie", "video_id": "tt0017136", "url": "https://films.example/secret.mp4"}
        assert (await api.send("POST", "/api/v1/links", link)).status == 201
        await api.send("PUT", "/api/v1/settings/viewing", {"hide_watched": True})

        file = await exported(api)
        manifest = json.loads(file.read("manifest.json"))
        assert (manifest["headgate_export"], manifest["credentials"]) == (1, "left_out")
        for member in manifest["members"]:
            data = file.read(member["name"])
            assert hashlib.sha256(data).hexdigest() == member["sha256"]
            assert (len(data), len(data.splitlines())) == (member["size_bytes"], member["rows"])
            assert addon.manifest_url.encode() not in data
            assert b"secret.mp4" not in data
        assert {row["credentials"] for row in rows(file, "addons")} == {"left_out"}
        assert rows(file, "viewing_videos")[0]["row"]["watched"] is True
        assert rows(file, "viewing_choices")[0]["row"]["hide_watched"] is True

        file = await exported(api, passphrase=PASSPHRASE)
        addresses = [opened(file, "addons", row) for row in rows(file, "addons")]
        assert addon.manifest_url in addresses
        assert opened(file, "links", rows(file, "links")[0]) == link["url"]

        made = {"username": "Bob", "password": "a long enough password"}
        assert (await api.send("POST", "/api/v1/accounts", made)).status == 201
        await bob.sign_in(**made)
        names = {
            member["name"] for member in json.loads((await exported(bob)).read("manifest.json"))["members"]
        }
        assert not names & {"links.ndjson", "viewing_videos.ndjson", "viewing_choices.ndjson"}


async def test_a_key_takes_no_secrets_out(hub: Hub, api: Api) -> None:
    made = await api.send("POST", "/api/v1/api-keys", {"name": "program", "scopes": ["read", "write"]})
    key = made.json["key"]
    async with Api.of(hub.url) as program:
        program.token = key
        refused = await program.send("POST", "/api/v1/me/export", {"passphrase": PASSPHRASE})
        assert (refused.status, refused.json["code"]) == (403, "password_needed")
        short = await program.send("POST", "/api/v1/me/export", {"passphrase": "short"})
        assert short.status == 422
        assert (await exported(program)).namelist()


async def brought(api: Api, file: bytes, passphrase: str = "") -> Answer:
    headers = {"Content-Type": "application/zip", "Headgate-Passphrase": passphrase}
    if api.token:
        headers["Authorization"] = f"Bearer {api.token}"
    async with api.session.post(f"{api.base}/api/v1/me/import", data=file, headers=headers) as response:
        return await Answer.of(response)


async def applied(api: Api, id_: str) -> dict[str, Any]:
    """As by somebody who clicks twice."""
    path = f"/api/v1/me/import/{id_}"
    twice = await asyncio.gather(*(api.send("POST", f"{path}/apply") for _ in range(2)))
    assert {answer.status for answer in twice} <= {202, 409}

    async def is_done() -> bool:
        return bool((await api.get(path))["state"] == "applied")

    await until(is_done)
    result: dict[str, Any] = (await api.get(path))["result"]
    return result


def told(file: zipfile.ZipFile, kind: str, *left_out: str) -> list[dict[str, Any]]:
    found = [row["row"] for row in rows(file, kind)]
    kept = [{name: value for name, value in row.items() if name not in left_out} for row in found]
    return sorted(kept, key=str)  # by profile and by id, which are others here


@pytest.fixture
def other(request: pytest.FixtureRequest, hub: Hub) -> Hub:
    """That of the other mode."""
    found: Hub = request.getfixturevalue("split_hub" if hub.mode == "embedded" else "embedded_hub")
    return found


@asynccontextmanager
async def member_of(hub: Hub) -> AsyncIterator[Api]:
    """An account of its own, gone at the end."""
    async with Api.of(hub.url) as owner, Api.of(hub.url) as api:
        await owner.sign_in(USERNAME, PASSWORD)
        await owner.post("/api/v1/accounts", MEMBER)
        await api.sign_in(**MEMBER)
        for demo in await api.addons():
            await api.delete(f"/api/v1/addons/{demo['id']}")
        yield api
        gone = await api.send("DELETE", "/api/v1/me", {"password": MEMBER["password"]})
        assert gone.status in (202, 204), gone.body


async def fill(api: Api, addon: FakeAddon, panel: FakePanel) -> None:
    """Some of everything that is taken along."""
    held = await api.add(addon.manifest_url)
    await api.patch(f"/api/v1/addons/{held['id']}", {"name": "The archive", "pinned": True})
    made = (await api.get("/api/v1/catalogs"))["items"]
    await api.patch(f"/api/v1/catalogs/{made[0]['id']}", {"name": "Silent films"})
    both = [{"type": row["type"], "id": row["id"]} for row in made]
    await api.post("/api/v1/catalogs", {"name": "Both", "rows": both})
    await api.put("/api/v1/viewing/watched/tt0017136", {"type": "movie", "name": "Metropolis"})
    await api.put("/api/v1/viewing/watchlist/tt0013442", {"type": "movie", "name": "Nosferatu"})
    link = {"type": "movie", "video_id": "tt0017136", "url": "https://films.example/secret.mp4"}
    await api.post("/api/v1/links", link)
    await api.put("/api/v1/settings/viewing", {"hide_watched": True})
    account = {"url": panel.url, "username": "u1", "password": "p1", "sync": False}
    account = await api.post("/api/v1/xtream-accounts", account)
    told_to = {"every_h": 48, "webhook": "https://hooks.example/hush"}
    await api.put(f"/api/v1/sync/settings/{account['id']}", told_to)
    first = (await api.get("/api/v1/profiles"))["items"][0]
    kids = await api.post("/api/v1/profiles", {"name": "Kids"})
    await api.post(f"/api/v1/profiles/{kids['id']}/select")
    await api.put("/api/v1/settings/viewing", {"description": True})
    await api.post(f"/api/v1/profiles/{first['id']}/select")


async def test_what_was_taken_along_is_all_there_at_a_hub_of_the_other_mode(hub: Hub, other: Hub) -> None:
    async with (
        FakeAddon(catalogs={"top": films(3), "new": films(2)}) as addon,
        FakePanel() as panel,
        member_of(hub) as api,
        member_of(other) as there,
        Api.of(other.url) as eva,
    ):
        await fill(api, addon, panel)
        names = sorted(one["name"] for one in (await api.get("/api/v1/profiles"))["items"])
        file = (await api.send("POST", "/api/v1/me/export", {"passphrase": PASSPHRASE})).body
        before = zipfile.ZipFile(io.BytesIO(file))
        for wrong, code in (("", "passphrase_needed"), ("not that one", "wrong_passphrase")):
            refused = await brought(there, file, wrong)
            assert (refused.status, refused.json["code"]) == (422, code)
        preview = (await brought(there, file, PASSPHRASE)).json
        assert preview["state"] == "preview"
        assert preview["preview"]["addons"]["added"] == 2  # with the library
        assert [one["is_new"] for one in preview["profiles"]] == [False, True]
        assert not await there.addons()
        assert await applied(there, preview["id"]) == preview["preview"]

        after = await exported(there, passphrase=PASSPHRASE)
        own = ("id", "addon_id", "profile_id", "position", "subject", "created_at")
        for member in json.loads(before.read("manifest.json"))["members"]:
            kind = member["name"].removesuffix(".ndjson")
            assert told(after, kind, *own) == told(before, kind, *own)
        assert [each["name"] for each in await there.addons()] == ["The archive", "Library"]
        assert "Both" in [each["name"] for each in (await there.get("/api/v1/catalogs"))["items"]]

        again = (await brought(there, file, PASSPHRASE)).json
        assert all(not counts.get("added") for counts in again["preview"].values())
        assert all(not counts.get("added") for counts in (await applied(there, again["id"])).values())
        held = (await there.get("/api/v1/me/import"))["items"]
        assert [(one["id"], one["state"]) for one in held] == [
            (again["id"], "applied"),
            (preview["id"], "applied"),
        ]
        assert sorted(one["name"] for one in (await there.get("/api/v1/profiles"))["items"]) == names
        path = f"/api/v1/me/import/{again['id']}"
        await eva.sign_in(USERNAME, PASSWORD)
        assert (await eva.get("/api/v1/me/import"))["items"] == []
        for method, tail in (("GET", ""), ("POST", "/apply"), ("DELETE", "")):
            assert (await eva.send(method, path + tail)).json["code"] == "move_not_found"
        await there.delete(path)


@IN_ONE_PROCESS
async def test_a_file_of_another_hub_is_looked_at_and_applied_on_its_page(hub: Hub, api: Api) -> None:
    async with FakeAddon() as addon:
        held = await api.add(addon.manifest_url)
        answer = await api.send("POST", "/api/v1/me/export", {"passphrase": PASSPHRASE})
        await api.delete(f"/api/v1/addons/{held['id']}")
        file = FilePayload(name="headgate-export.zip", mimeType="application/zip", buffer=answer.body)
        async with chromium() as browser, page_at(browser, hub.url, width=390, javascript=False) as page:
            await sign_in(page, USERNAME, PASSWORD)
            await page.goto("/settings/account")
            look = page.get_by_role("button", name="Look at it")
            await page.get_by_label("File, 64 MB").set_input_files(file)
            await look.click()
            await expect(page.get_by_text("Say the passphrase")).to_be_visible()
            await page.get_by_label("Passphrase of the file").fill(PASSPHRASE)
            await page.get_by_label("File, 64 MB").set_input_files(file)
            await look.click()
            await expect(page.get_by_role("heading", name="Not applied")).to_be_visible()
            await expect(page.get_by_text("1 to be added").first).to_be_visible()
            async with page_at(browser, hub.url) as reader:
                await sign_in(reader, USERNAME, PASSWORD)
                for path in ("/settings/account", page.url):
                    for width, height in WIDTHS.items():
                        await reader.set_viewport_size({"width": width, "height": height})
                        await reader.goto(path)
                        assert await violations(reader) == []
            await page.goto("/settings/account")
            await page.get_by_role("link", name="Exported").click()
            await page.get_by_role("button", name="Apply it").click()
            await expect(page.get_by_role("heading", name="Applied", exact=True)).to_be_visible(
                timeout=30_000
            )
            assert len(await api.addons()) == 1
            await page.get_by_role("button", name="Forget the file").click()
            await expect(page.get_by_text("Nothing of it is kept.")).to_be_visible()


async def test_what_is_being_taken_in_is_taken_in_whole_however_often_it_is_killed(tmp_path: Path) -> None:
    def lines(row: dict[str, Any]) -> bytes:
        each = (
            {**row, **{name: f"tt{number:07}" for name in ("title_id", "video_id") if name in row}}
            for number in range(1, FILMS + 1)
        )
        return b"".join(json.dumps({"row": {"profile_id": "p1", **one}}).encode() + b"\n" for one in each)

    file = made_up(
        {"viewing_titles.ndjson": lines(TITLE), "viewing_videos.ndjson": lines(VIDEO)},
        profiles=[{"id": "p1", "name": "Films"}],
    )
    with running("embedded", {"HEADGATE_JOB_LEASE_S": "1"}, tmp_path) as hub:
        async with Api.of(hub.url) as api:
            await api.sign_in(USERNAME, PASSWORD)
            view = (await brought(api, file)).json
            path = f"/api/v1/me/import/{view['id']}"
            other = (await brought(api, file)).json
            await api.post(f"{path}/apply")
            busy = await api.send("POST", f"/api/v1/me/import/{other['id']}/apply")
            assert (busy.status, busy.json["code"]) == (409, "import_busy")
            for _ in range(KILLS):
                hub.kill("hub")
                hub.start("hub")
                hub.wait_ready()

            async def is_applied() -> bool:
                return bool((await api.get(path))["state"] == "applied")

            await until(is_applied)
            profiles = {one["name"]: one["id"] for one in (await api.get("/api/v1/profiles"))["items"]}
            assert len(profiles) == 2
            await api.post(f"/api/v1/profiles/{profiles['Films']}/select")
            assert (await api.get("/api/v1/viewing/information"))["watched_films"] == FILMS
            assert all(row["row"]["plays"] == 3 for row in rows(await exported(api), "viewing_videos"))
