"""`make kodi`: a real Kodi with its IPTV Simple Client on the hub's playlist and guide.

Kodi has to show the channels, groups, logos and programmes that the hub shows, and play one of them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote
from xml.sax.saxutils import escape

from deploy.cluster.ports import free_port
from libs.common.clock import SystemClock
from libs.common.http import ClientSession
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.harness.clients import Api, Json
from tests.harness.hub import running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

KODI: Final = "/usr/lib/*/kodi/kodi.bin"
ADDON: Final = "pvr.iptvsimple"
PACKAGES: Final = (
    "kodi kodi-pvr-iptvsimple kodi-inputstream-adaptive kodi-inputstream-ffmpegdirect"
    " kodi-inputstream-rtmp xvfb ffmpeg"
)
LIBRARY: Final = Library(seed=5, films=12, channels=40, series=3)
WITHOUT: Final = "Without a category"
PLAYS_S: Final = 30
STARTS_S: Final = 120.0
GUIDE_S: Final = 120.0


@dataclass
class Kodi:
    session: ClientSession
    url: str

    async def ask(self, method: str, **params: Any) -> Json:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        async with self.session.post(self.url, json=body) as response:
            answer = await response.json()
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    async def is_up(self) -> bool:
        try:
            await self.ask("JSONRPC.Ping")
        except OSError:
            return False
        return True


async def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = _clip(folder / "clip.ts")
        async with FakePanel(LIBRARY, Account(max_connections=3), clock=SystemClock()) as panel:
            panel.media = {"ts": clip, "mkv": clip, "mp4": clip, "avi": clip}
            with running("embedded", {}, folder / "hub") as hub:
                async with Api.of(hub.url) as api:
                    await api.sign_in(USERNAME, PASSWORD)
                    await _fill(api, panel)
                    wrong = await _looked_at(api, folder / "kodi")
    print("\n".join(wrong) or "Kodi shows what the hub shows, and plays it.")  # noqa: T201  what the verb is for
    return 1 if wrong else 0


async def _fill(api: Api, panel: FakePanel) -> None:
    added = await api.post(
        "/api/v1/xtream-accounts", {"url": panel.url, "username": "u1", "password": "p1", "name": "Home"}
    )

    async def is_whole() -> bool:
        account = await api.get(f"/api/v1/xtream-accounts/{added['id']}")
        return account["guide_synced_at"] is not None

    await until(is_whole)
    for channel in [one for one in await _channels(api) if not one.get("is_radio")][:2]:
        await api.put(f"/api/v1/library/favourites/{channel['id']}", {})


async def _channels(api: Api) -> list[Json]:
    found: list[Json] = (await api.get("/api/v1/library/channels?limit=200"))["items"]
    return found


async def _looked_at(api: Api, home: Path) -> list[str]:
    me = await api.get("/api/v1/me")
    port = free_port()
    _write(home, port, playlist=me["m3u_url"], guide=me["xmltv_url"])
    with _started(home):
        kodi = Kodi(api.session, f"http://127.0.0.1:{port}/jsonrpc")
        await until(kodi.is_up, limit_s=STARTS_S)
        await kodi.ask("Addons.SetAddonEnabled", addonid=ADDON, enabled=True)
        try:
            return [
                *await _shows_channels(api, kodi),
                *await _shows_groups(api, kodi),
                *await _shows_guide(api, kodi),
                *await _records(api, kodi),
                *await _plays(kodi),
            ]
        except (TimeoutError, RuntimeError) as error:
            log = (home / ".kodi/temp/kodi.log").read_text().splitlines()
            return [f"{type(error).__name__}: {error}", *log[-40:]]


async def _listed(kodi: Kodi, group: object = "alltv") -> list[Json]:
    properties = ["channelnumber", "thumbnail", "broadcastnow", "broadcastnext", "icon", "hasarchive"]
    answer = await kodi.ask("PVR.GetChannels", channelgroupid=group, properties=properties)
    found: list[Json] = answer.get("channels", [])
    return found


async def _shows_channels(api: Api, kodi: Kodi) -> list[str]:
    expected = await _channels(api)

    async def are_there() -> bool:
        try:
            return len(await _everything(kodi)) >= len(expected)
        except RuntimeError:  # no PVR client yet
            return False

    try:
        await until(are_there, limit_s=STARTS_S)
    except TimeoutError:
        return [f"Kodi lists {len(await _everything(kodi))} channels of {len(expected)}."]
    listed = await _everything(kodi)
    wrong = _different("channels", {one["label"] for one in listed}, {one["listed_as"] for one in expected})
    logos = {one["label"]: _original(one["icon"]) for one in listed}
    for one in expected:
        # Where there is none, Kodi looks for a file of the channel's name.
        if logos.get(one["listed_as"]) != (one.get("picture") or one["listed_as"]):
            wrong.append(f"{one['listed_as']}: logo {logos.get(one['listed_as'])!r}, {one.get('picture')!r}")
    return wrong


async def _everything(kodi: Kodi) -> list[Json]:
    return [*await _listed(kodi, "alltv"), *await _listed(kodi, "allradio")]


async def _shows_groups(api: Api, kodi: Kodi) -> list[str]:
    found: dict[str, list[Json]] = {}
    for kind in ("tv", "radio"):
        for group in (await kodi.ask("PVR.GetChannelGroups", channeltype=kind))["channelgroups"]:
            name = group["label"].removesuffix(" (TV)").removesuffix(" (Radio)")
            found.setdefault(name, []).extend(await _listed(kodi, group["channelgroupid"]))
    # Kodi has a group of its own, of every channel.
    found.pop("All channels", None)
    categories = {
        one["name"]: one["items"]
        for one in (await api.get("/api/v1/library/categories?kind=channels"))["items"]
        if one["items"]
    }
    bare = {WITHOUT for one in await _channels(api) if not one.get("category_id")}
    wrong = _different("groups", set(found), {*categories, "Favourites", *bare})
    for name in sorted(categories.keys() & found.keys()):
        if len(found[name]) != categories[name]:
            wrong.append(f"{name}: {len(found[name])} channels of {categories[name]}")
    return wrong


async def _shows_guide(api: Api, kodi: Kodi) -> list[str]:
    expected = {one["listed_as"]: one for one in await _channels(api) if one.get("now")}

    async def is_there() -> bool:
        told = [one["label"] for one in await _listed(kodi) if one.get("broadcastnow")]
        return len(told) >= len(expected)

    try:
        await until(is_there, limit_s=GUIDE_S)
    except TimeoutError:
        return [f"Kodi knows what is on at fewer than {len(expected)} channels."]
    wrong = []
    for one in await _listed(kodi):
        hub = expected.get(one["label"])
        if hub is None:
            continue
        for theirs, ours in (("broadcastnow", "now"), ("broadcastnext", "next")):
            shown, told = one.get(theirs), hub.get(ours)
            if told is not None and (shown is None or _airing(shown) != (told["title"], _at(told["start"]))):
                wrong.append(f"{one['label']}, {ours}: {shown and _airing(shown)} for {told}")
    some = next(one for one in await _listed(kodi) if one["label"] in expected)
    answer = await kodi.ask("PVR.GetBroadcasts", channelid=some["channelid"], properties=["title", "plot"])
    if len(answer.get("broadcasts", [])) < 10:
        wrong.append(f"{some['label']}: only {len(answer.get('broadcasts', []))} programmes")
    return wrong


async def _records(api: Api, kodi: Kodi) -> list[str]:
    """Films are recordings to Kodi."""
    films = (await api.get("/api/v1/library/movies?limit=200"))["items"]
    recordings = (await kodi.ask("PVR.GetRecordings", properties=["title"]))["recordings"]
    shown = {one["title"] for one in recordings}
    lost = sorted(film["listed_as"] for film in films if film["listed_as"] not in shown)
    return [f"films that Kodi doesn't show: {lost}"] if lost else []


async def _plays(kodi: Kodi) -> list[str]:
    channel = (await _listed(kodi))[0]
    await kodi.ask("Player.Open", item={"channelid": channel["channelid"]})

    seen: Json = {}

    async def goes_on() -> bool:
        nonlocal seen
        players = await kodi.ask("Player.GetActivePlayers")
        if players:
            asked = ["time", "currentvideostream"]
            seen = await kodi.ask("Player.GetProperties", playerid=players[0]["playerid"], properties=asked)
        return bool(seen and seen["time"]["seconds"] and seen["currentvideostream"])

    try:
        await until(goes_on, limit_s=STARTS_S)
    except TimeoutError:
        return [f"Kodi doesn't play {channel['label']}: {seen}"]
    return [] if seen["currentvideostream"]["codec"] == "h264" else [f"played as {seen}"]


def _different(what: str, shown: set[str], expected: set[str]) -> list[str]:
    wrong = [f"{what} that Kodi doesn't show: {sorted(expected - shown)[:10]}"] if expected - shown else []
    return [
        *wrong,
        *([f"{what} that only Kodi has: {sorted(shown - expected)[:10]}"] if shown - expected else []),
    ]


def _airing(broadcast: Json) -> tuple[str, datetime]:
    return broadcast["title"], datetime.fromisoformat(broadcast["starttime"].replace(" ", "T") + "+00:00")


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def _original(image: str) -> str:
    """Kodi's `image://…/` holds the address quoted."""
    return unquote(image.removeprefix("image://").removesuffix("/"))


def _write(home: Path, port: int, *, playlist: str, guide: str) -> None:
    userdata = home / ".kodi" / "userdata"
    own = userdata / "addon_data" / ADDON
    own.mkdir(parents=True)
    settings = {
        "services.webserver": "true",
        "services.webserverport": str(port),
        "services.webserverauthentication": "false",
        "services.esenabled": "false",
        "general.addonupdates": "2",
        "locale.timezone": "Etc/UTC",
    }
    (userdata / "guisettings.xml").write_text(_settings(settings))
    (own / "settings.xml").write_text(
        _settings(
            {"m3uPathType": "1", "m3uUrl": playlist, "epgPathType": "1", "epgUrl": guide, "epgCache": "false"}
        )
    )


def _settings(values: dict[str, str]) -> str:
    rows = "".join(f'<setting id="{name}">{escape(value)}</setting>' for name, value in values.items())
    return f'<settings version="2">{rows}</settings>'


@contextmanager
def _started(home: Path) -> Iterator[None]:
    """Kodi on a screen that nobody sees, with a home of its own."""
    with ExitStack() as stack:
        reading, writing = os.pipe()
        screen = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x720x24", "-nolisten", "tcp"]
        stack.enter_context(_process(screen, home, pass_fds=(writing,)))
        os.close(writing)
        with os.fdopen(reading) as told:
            display = told.readline().strip()
        environment = {
            **os.environ,
            "HOME": str(home),
            "DISPLAY": f":{display}",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "TZ": "UTC",
        }
        stack.enter_context(_process([_kodi()], home, env=environment))
        yield


@contextmanager
def _process(command: list[str], home: Path, **options: Any) -> Iterator[None]:
    with (home / f"{Path(command[0]).name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=home, stdout=log, stderr=log, **options)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _kodi() -> str:
    return str(next(Path("/").glob(KODI.removeprefix("/"))))


def _clip(path: Path) -> bytes:
    """A transport stream of some seconds, as a channel sends one."""
    picture = f"testsrc2=size=320x180:rate=25:duration={PLAYS_S}"
    sound = f"sine=frequency=440:duration={PLAYS_S}"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    command += ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-g", "25", "-c:a", "aac"]
    subprocess.run([*command, "-f", "mpegts", str(path)], check=True)
    return path.read_bytes()


def _is_missing() -> bool:
    return not (
        shutil.which("Xvfb") and shutil.which("ffmpeg") and list(Path("/").glob(KODI.removeprefix("/")))
    )


if __name__ == "__main__":
    if _is_missing():
        sys.exit(f"Kodi isn't here: apt-get install --no-install-recommends {PACKAGES}")
    sys.exit(asyncio.run(main()))
