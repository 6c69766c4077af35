"""A hub that was told secrets of every kind gives none of them away: not in its diagnostics, its log, what is
taken along without a passphrase, nor in its files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import msgspec

from libs.common.clock import SystemClock
from services.gateway.diagnostics import Diagnostics
from tests.fakes.addon import FakeAddon
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.panel import FakePanel
from tests.fakes.stremio_api import FakeStremio
from tests.fakes.tmdb import API_KEY, FakeTmdb
from tests.fakes.trakt import FakeTrakt
from tests.harness.clients import Api
from tests.harness.hub import UNLIMITED, Hub, running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

TRAKT = "/api/v1/connections/trakt"
STREMIO = "/api/v1/connections/stremio"
SECRET_KEY = "the-secret-key-of-this-hub-0123456789"
ADDON_KEY = "key-in-an-address-of-an-addon"
PANEL_PASSWORD = "passwordofapanel"
CLIENT_SECRET = "secret-of-a-trakt-client"
EMAIL, STREMIO_PASSWORD = "anna@example.org", "password-at-stremio"
CLIENT_ID = "id-of-a-trakt-client"
PASSPHRASE = "passphrase of an export"
LIST_KEY, HOOK_KEY, LINK_KEY = "key-of-an-iptv-list", "key-of-a-webhook", "key-of-a-link"
WRONG_PASSWORD = "a-password-mistyped-by-a-letter"


async def settle(api: Api, addon: FakeAddon, panel: FakePanel) -> list[str]:
    """Secrets of every kind that this hub keeps by itself; those that it made are given back."""
    await api.add(addon.manifest_url)
    account = {"url": panel.url, "username": "u1", "password": PANEL_PASSWORD}
    account = await api.post("/api/v1/xtream-accounts", account)
    told = {"every_h": 48, "webhook": f"{addon.url}/{HOOK_KEY}"}
    await api.put(f"/api/v1/sync/settings/{account['id']}", told)
    list_ = f"{panel.url}/get.php?username=u1&password={PANEL_PASSWORD}&type=m3u_plus&key={LIST_KEY}"
    await api.post("/api/v1/m3u-accounts", {"url": list_})
    await api.put("/api/v1/settings/tmdb/key", {"key": API_KEY})
    link = {"type": "movie", "video_id": "tt1", "url": f"https://films.example/{LINK_KEY}.mp4"}
    await api.post("/api/v1/links", link)
    key = await api.post("/api/v1/api-keys", {"name": "program", "scopes": ["read"]})
    invitation = await api.post("/api/v1/invitations", {})
    login = await api.post("/api/v1/player-login/rotate")
    wrong = {"username": USERNAME, "password": WRONG_PASSWORD}
    assert (await api.send("POST", "/api/v1/auth/login", wrong)).status == 401
    return [key["key"], invitation["code"], login["xtream"]["password"]]


async def taken_along(api: Api, **wanted: str) -> str:
    answer = await api.send("POST", "/api/v1/me/export", wanted)
    file = zipfile.ZipFile(io.BytesIO(answer.body))
    return "".join(file.read(name).decode() for name in file.namelist())


def files_of(hub: Hub) -> dict[str, bytes]:
    """All that is on its disk but the key of it all."""
    kept = [path for path in hub.data_dir.rglob("*") if path.is_file() and path.name != "secret.key"]
    return {path.name: path.read_bytes() for path in kept}


async def test_no_secret_is_in_the_diagnostics_of_a_hub_that_holds_all_kinds(tmp_path: Path) -> None:
    async with (
        FakeTrakt(clock=SystemClock()) as trakt,
        FakeStremio() as stremio,
        FakeTmdb() as tmdb,
        FakePanel(None, Account("u1", PANEL_PASSWORD)) as panel,
        FakeAddon(prefix=f"/{ADDON_KEY}") as addon,
    ):
        trakt.signing.interval_s = 1
        trakt.signing.apps[CLIENT_ID] = CLIENT_SECRET
        stremio.add_account(EMAIL, STREMIO_PASSWORD)
        settings = {
            "HEADGATE_SECRET_KEY": SECRET_KEY,
            "HEADGATE_TMDB_URL": tmdb.url,
            "HEADGATE_TRAKT_URL": trakt.url,
            "HEADGATE_TRAKT_AUTH_URL": trakt.url,
            "HEADGATE_STREMIO_API_URL": stremio.url,
            "HEADGATE_STREMIO_LINK_URL": stremio.link_url,
        }
        with running("embedded", {**UNLIMITED, **settings}, tmp_path) as hub:
            async with Api.of(hub.url) as api:
                await api.sign_in(USERNAME, PASSWORD)
                made_here = await settle(api, addon, panel)
                await api.post(STREMIO, {"email": EMAIL, "password": STREMIO_PASSWORD})
                view = await api.post(TRAKT, {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
                trakt.signing.approve(view["waiting"]["user_code"], trakt.person("ada"))

                async def is_connected() -> bool:
                    return bool((await api.get(TRAKT))["state"] == "connected")

                await until(is_connected)
                made = await api.get("/api/v1/admin/diagnostics")
                installed = await api.stremio_url()
                along, sealed = await taken_along(api), await taken_along(api, passphrase=PASSPHRASE)
                token_now = api.token
            files, log = files_of(hub), hub.logs()
        pairs = trakt.signing.sign_ins
    told = msgspec.convert(made, Diagnostics)
    text = msgspec.json.encode(made).decode()
    assert (told.partial, told.missing) == (False, ())
    assert told.sources is not None
    assert told.connections is not None
    assert "active" in [one.state for one in told.sources.libraries]
    assert sorted((one.kind, one.state) for one in told.connections.items) == [
        ("stremio", "connected"),
        ("trakt", "connected"),
    ]
    assert all(one.migrations is None or one.migrations.pending == 0 for one in told.services)
    assert any(one.statements for one in told.services)
    values = {one.name: one.value for one in told.settings}
    assert values["HEADGATE_SECRET_KEY"] == "set"
    tokens = [token for pair in pairs for token in (pair.access, pair.refresh)]
    token = installed.split("/stremio/")[1].split("/")[0]
    assert tokens
    secrets = (SECRET_KEY, ADDON_KEY, PANEL_PASSWORD, API_KEY, STREMIO_PASSWORD, *stremio.sessions)
    secrets += (CLIENT_SECRET, PASSWORD, PASSPHRASE, LIST_KEY, HOOK_KEY, LINK_KEY, WRONG_PASSWORD)
    for secret in (*secrets, token, *tokens, *made_here, str(token_now)):
        assert secret not in text, secret
        assert secret not in log, secret
        assert secret not in along, secret
        assert secret not in sealed, secret
        assert [name for name, data in files.items() if secret.encode() in data] == [], secret
    for private in (EMAIL, CLIENT_ID):
        assert private not in text, private
        assert private not in log, private
    for address in (addon.url, panel.url):
        assert address.removeprefix("http://").partition("/")[0] not in text


async def test_every_service_tells_of_itself_in_both_modes(hub: Hub, api: Api) -> None:
    told = msgspec.convert(await api.get("/api/v1/admin/diagnostics"), Diagnostics)
    assert (told.partial, told.missing) == (False, ())
    assert {one.service for one in told.services} == {"auth", "catalog", "gateway", "streaming", "sync"}
    migrations = [one.migrations for one in told.services if one.service != "gateway"]
    assert all(one is not None and one.current == one.head and not one.pending for one in migrations)
    assert all(one.statements for one in told.services if one.service != "gateway")
    asked = next(one for one in told.services if one.service == "gateway").requests
    assert asked.requests > 0
    assert told.setup.database == ("sqlite" if hub.mode == "embedded" else "postgresql")
