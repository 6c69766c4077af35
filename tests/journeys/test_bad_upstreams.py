"""Addresses that are no addons and addons that misbehave: one clear sentence each, nothing else disturbed."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from deploy.cluster.ports import free_port
from tests.fakes.addon import FakeAddon, films, manifest, stream
from tests.harness.clients import Api, Player
from tests.harness.hub import Hub

BOMB = gzip.compress(b"\0" * 64 * 1024 * 1024)
SECRET = "provider-key-9f8e7d6c"


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("", 422),
        ("not a url", 422),
        ("ftp://example.com/manifest.json", 422),
        ("file:///etc/passwd", 422),
        ("http://", 422),
        ("http://169.254.169.254/latest/meta-data/manifest.json", 422),
        ("http://no-such-host.invalid/manifest.json", 502),
        (f"http://127.0.0.1:{free_port()}/manifest.json", 502),
        ("x" * 70_000, 413),
    ],
    ids=[
        "empty",
        "words",
        "ftp",
        "file",
        "no host",
        "metadata",
        "unknown host",
        "nobody listens",
        "too long",
    ],
)
async def test_an_address_that_cannot_be_an_addon_is_refused(api: Api, url: str, status: int) -> None:
    answer = await api.send("POST", "/api/v1/addons", {"url": url})

    _is_clear_problem(answer.status, answer.headers, answer.json)
    assert answer.status == status
    assert await api.addons() == []


@pytest.mark.parametrize(
    ("behaviour", "statuses"),
    [
        (
            {"body": b"<!doctype html><title>hello</title>", "headers": {"Content-Type": "text/html"}},
            {422, 502},
        ),
        ({"body": b'{"id": "no version"}'}, {422, 502}),
        ({"body": b"[1, 2, 3]"}, {422, 502}),
        ({"body": b"{" * 100_000}, {422, 502}),
        ({"body": b" " * (101 * 1024) + json.dumps(manifest()).encode()}, {413, 422, 502}),
        ({"cut": "endless"}, {413, 422, 502}),
        ({"cut": "reset"}, {502}),
        ({"body": BOMB, "headers": {"Content-Encoding": "gzip"}}, {413, 422, 502}),
        (
            {"body": zlib.compress(b"\0" * 64 * 1024 * 1024), "headers": {"Content-Encoding": "deflate"}},
            {413, 422, 502},
        ),
        ({"status": 302, "headers": {"Location": "http://169.254.169.254/manifest.json"}}, {422, 502}),
        ({"status": 302, "headers": {"Location": "/manifest.json"}}, {502}),
        ({"status": 500}, {502}),
        ({"status": 429, "headers": {"Retry-After": "120"}}, {429, 502, 503}),
    ],
    ids=[
        "html",
        "no version",
        "a list",
        "deep nesting",
        "too large",
        "endless",
        "reset midway",
        "gzip bomb",
        "deflate bomb",
        "redirect to metadata",
        "redirect loop",
        "500",
        "429",
    ],
)
async def test_a_manifest_that_goes_wrong_is_named_and_not_stored(
    api: Api, player: Player, behaviour: dict[str, object], statuses: set[int]
) -> None:
    good = FakeAddon(manifest=manifest("org.good"), streams={"tt1": [stream("https://good.example/1")]})
    bad = FakeAddon(prefix=f"/{SECRET}")
    async with good, bad:
        await api.add(good.manifest_url)
        bad.on("manifest", **behaviour)

        answer = await api.send("POST", "/api/v1/addons", {"url": bad.manifest_url})

        _is_clear_problem(answer.status, answer.headers, answer.json)
        assert answer.status in statuses
        assert [addon["manifest_name"] for addon in await api.addons()] == ["Good"]
        assert len((await player.get("stream/movie/tt1.json"))["streams"]) == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        {"body": b"<html>"},
        {"body": b'{"streams": 7}'},
        {"body": b'{"metas": [], "streams": []}'},
        {"cut": "reset"},
        {"cut": "endless"},
        {"body": BOMB, "headers": {"Content-Encoding": "gzip"}},
        {"status": 500},
        {"status": 429, "headers": {"Retry-After": "600"}},
        {"status": 302, "headers": {"Location": "http://169.254.169.254/x.json"}},
    ],
    ids=["html", "wrong shape", "two answers", "reset", "endless", "bomb", "500", "429", "redirect"],
)
async def test_streams_of_a_misbehaving_addon_are_missing_and_nothing_else_is(
    api: Api, player: Player, behaviour: dict[str, object]
) -> None:
    good = FakeAddon(manifest=manifest("org.good"), streams={"tt1": [stream("https://good.example/1")]})
    bad = FakeAddon(manifest=manifest("org.bad"), prefix=f"/{SECRET}")
    async with good, bad:
        for addon in (good, bad):
            await api.add(addon.manifest_url)
        bad.on("stream", **behaviour)

        answer = await player.ask("stream/movie/tt1.json")
        page = await api.get("/api/v1/streams/movie/tt1")

    assert [item["url"] for item in answer.json["streams"]] == ["https://good.example/1"]
    assert answer.headers["x-headgate-cache"] == "partial"
    assert [problem["addon_name"] for problem in page["problems"]] == ["Bad"]
    assert SECRET not in answer.body.decode() + json.dumps(page)


async def test_a_manifest_that_changes_under_us_is_picked_up_and_a_broken_one_keeps_the_old(
    api: Api, player: Player
) -> None:
    async with FakeAddon(catalogs={"top": films(3), "new": films(3)}) as addon:
        whole = addon.manifest
        addon.manifest = {**whole, "catalogs": whole["catalogs"][:1]}
        added = await api.add(addon.manifest_url)
        row = await player.row("Top")

        addon.manifest = whole
        await api.post(f"/api/v1/addons/{added['id']}/refresh")
        assert await player.row("New")
        assert await player.row("Top") == row

        addon.on("manifest", body=b"<html>")
        await api.send("POST", f"/api/v1/addons/{added['id']}/refresh")
        kept = (await api.addons())[0]
        assert await player.row("New")
        assert kept["manifest_error"]


async def test_a_catalog_of_10000_items_in_one_answer_is_served_by_the_page(api: Api, player: Player) -> None:
    async with FakeAddon(catalogs={"top": films(10_000)}, page_size=10_000) as addon:
        await api.add(addon.manifest_url)
        row = await player.row("Top")

        first = (await player.get(f"catalog/{row}.json"))["metas"]
        fourth = (await player.get(f"catalog/{row}/skip=300.json"))["metas"]

    assert [item["id"] for item in first] == [item["id"] for item in films(100)]
    assert [item["id"] for item in fourth] == [item["id"] for item in films(100, start=301)]


async def test_no_log_line_holds_a_secret(hub: Hub, api: Api, player: Player) -> None:
    """Runs after the misbehaving ones above, which are what makes a hub talk."""
    addon = FakeAddon(manifest=manifest("org.bad"), prefix=f"/{SECRET}")
    async with addon:
        await api.add(addon.manifest_url)
        await addon.stop()
        await player.ask("stream/movie/tt1.json")
        await player.ask("catalog/movie/unknown.json")

    printed = hub.logs()
    install_token = player.manifest_url.split("/")[-2]
    for secret in (SECRET, install_token, api.token, "correct horse"):
        assert secret not in printed


def _is_clear_problem(status: int, headers: dict[str, str], problem: dict[str, object]) -> None:
    """RFC 9457 with a stable code, a sentence for people and no path of the upstream."""
    assert headers["content-type"].startswith("application/problem+json")
    assert problem["status"] == status
    assert problem["code"] not in ("", "internal")
    assert len(str(problem["detail"])) > 15
    assert SECRET not in json.dumps(problem)
