"""Taking everything along: one file with what is one's own, its secrets under a passphrase alone."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tests.fakes.addon import FakeAddon
from tests.harness.clients import Api
from tests.harness.hub import Hub

PASSPHRASE = "carried across the river"


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
