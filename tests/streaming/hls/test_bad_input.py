"""What is no film, or leads where it must not: a clear word, and nothing left behind."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from libs.common.contracts.client import SERVICE
from libs.common.contracts.playback import PlayerAbilities
from libs.common.errors import NotFound
from libs.common.identity import Identity
from services.streaming.keys import HLS
from tests.streaming.hls.conftest import Playing, playing_with
from tests.streaming.hls.processes import programs_of_this_process
from tests.streaming.hls.test_making import below
from tests.waiting import until

LISTED = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{address}\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("words.mp4", "This can't be played: its file is damaged, or of an unknown form."),
        ("gone.mp4", "The source is gone: 127.0.0.1"),
        ("page.mp4", "The source answered with a page where a film was asked for."),
    ],
)
async def test_what_is_no_film_is_told_in_words(playing: Playing, name: str, reason: str) -> None:
    playing.films.answers["page.mp4"] = ("text/html", b"<html>Sign in</html>")
    plan = await playing.plan(name)
    assert (plan.method, plan.url) == ("impossible", "")
    assert plan.reason.startswith(reason)


async def test_a_playlist_in_place_of_a_film_leads_ffmpeg_nowhere(playing: Playing) -> None:
    """It is called a film, and its first bytes say so; behind them it names another address."""
    secret = f"{playing.films_url}/plain.mp4"
    manifest = f'<?xml version="1.0"?><MPD><Period><BaseURL>{secret}</BaseURL></Period></MPD>'
    described = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"
    listed = LISTED.format(address=secret)
    for number, text in enumerate(
        (f"ffconcat version 1.0\nfile {secret}", manifest, described, "x" + listed)
    ):
        playing.films.answers[f"{number}.mkv"] = ("video/mp4", text.encode())
        plan = await playing.plan(f"{number}.mkv")
        assert plan.method == "impossible", text
    assert "plain.mp4" not in {name for name, _ in playing.films.asked}


async def test_playlists_of_sources_are_read_through_the_guard_with_their_headers(
    tmp_path: Path, films: Path
) -> None:
    async with playing_with(tmp_path, films) as playing:
        inward = playing.service.running.app[HLS].feeds.address + "/feed/x"
        text = LISTED.format(address="part.ts") + f'#EXT-X-MAP:URI="{inward}"\n'
        playing.films.answers["up.m3u8"] = ("application/x-mpegurl", text.encode())
        playing.films.answers["part.ts"] = ("video/mp2t", b"pictures")
        plan = await playing.plan("up.m3u8", headers={"X-Needed": "yes", "Host": "evil.example"})
        assert (plan.method, plan.content_type) == ("hls", "application/vnd.apple.mpegurl")
        listed = (await playing.body(plan.url)).decode()
        assert playing.films_url not in listed
        inner, part = [
            line for line in listed.replace('"', "\n").splitlines() if line.startswith("/media/hls/")
        ]
        if inner.endswith(".ts"):
            inner, part = part, inner
        assert await playing.body(part) == b"pictures"
        for name, headers in playing.films.asked:
            assert headers["X-Needed"] == "yes", name
            assert "evil" not in headers["Host"]
        status, _, refused = await playing.get(inner)
        assert (status, b"The source can't be reached" in refused) == (502, True)


async def test_a_long_address_of_a_playlist_does_not_make_those_of_its_many_parts_long(
    playing: Playing,
) -> None:
    listed = "".join(f"#EXTINF:2,\n{number}.ts\n" for number in range(7000))
    playing.films.answers["up.m3u8"] = ("application/x-mpegurl", f"#EXTM3U\n{listed}".encode())
    playing.films.answers["6999.ts"] = ("video/mp2t", b"pictures")
    plan = await playing.plan(f"up.m3u8?token={'x' * 1800}", headers={"X-Needed": "yes"})
    parts = (await playing.body(plan.url)).decode().splitlines()
    assert await playing.body(parts[-1]) == b"pictures"
    assert playing.films.asked[-1][1]["X-Needed"] == "yes"


async def test_a_playlist_that_names_an_address_too_long_for_a_path_is_told_in_words(
    playing: Playing,
) -> None:
    listed = LISTED.format(address=f"part.ts?{'x' * 6500}")
    playing.films.answers["up.m3u8"] = ("application/x-mpegurl", listed.encode())
    plan = await playing.plan("up.m3u8")
    status, _, body = await playing.get(plan.url)
    assert (status, b"provider_failed" in body) == (502, True), body


@pytest.mark.parametrize("ending", ["mp4", "m3u8"])
async def test_words_about_a_dead_source_name_no_more_of_it_than_its_host(
    playing: Playing, ending: str
) -> None:
    answers = playing.films.answers
    answers["page.mp4"] = answers["loop.m3u8"] = ("text/html", b"<html>Sign in</html>")
    dead = playing.films_url.replace("127.0.0.1", "user:hunter2@127.0.0.1")
    for host in (playing.films_url, dead, "http://127.0.0.1:9", "http://no.invalid", "http://[::1"):
        for name in ("gone", "page", "s3cret/gone", "loop"):
            plan = await playing.plan(url=f"{host}/{name}.{ending}?key=s3cret")
            told = plan.reason
            if plan.url:
                told = (await playing.get(plan.url))[2].decode()
            assert "s3cret" not in told, told
            assert "hunter2" not in told, told
            assert f"{name}.{ending}" not in told, told


async def test_addresses_that_are_refused_are_refused_for_films(tmp_path: Path, films: Path) -> None:
    async with playing_with(tmp_path, films, HEADGATE_ALLOW_PRIVATE_UPSTREAMS="true") as playing:
        for url in (
            "http://169.254.169.254/film.mp4",
            playing.service.running.app[HLS].feeds.address + "/x.mp4",
        ):
            plan = await playing.plan(url=url)
            assert plan.method == "impossible", url
            assert plan.reason.startswith("The source can't be reached"), plan.reason


async def test_a_film_that_is_cut_off_plays_to_where_it_ends(playing: Playing) -> None:
    plan = await playing.plan("cut.mkv", player=PlayerAbilities(codecs=("vp9", "opus")))
    assert plan.method == "hls"
    await playing.body(below(plan, "v0-0.m4s"))
    status, _, body = await playing.get(below(plan, "v0-2.m4s"))
    assert status in (200, 404)
    assert status == 200 or b"film_cut_off" in body


async def test_an_endless_source_is_told_and_leaves_no_process(playing: Playing) -> None:
    plan = await playing.plan("endless.ts")
    assert plan.method == "impossible"
    assert "it has no end" in plan.reason or "takes too long" in plan.reason

    async def gone() -> bool:
        return not programs_of_this_process()

    await until(gone)


async def test_names_of_files_may_hold_anything(playing: Playing, films: Path) -> None:
    name = 'it\'s "a film"\n; touch x %03d.mkv'
    (films / name).write_bytes((films / "hevc.mkv").read_bytes())
    plan = await playing.plan(quote(name))
    assert plan.method == "hls"
    assert len(await playing.body(below(plan, "v0-0.m4s"))) > 1000


async def test_a_source_that_is_not_the_profiles_own_is_not_played(playing: Playing) -> None:
    await playing.plan("plain.mp4")
    with pytest.raises(NotFound):
        await playing.ask(f"{playing.films_url}/plain.mp4")
    page = await playing.service.page("movie", "tt1")
    playing.service.catalog.sources.clear()
    with pytest.raises(NotFound):
        await playing.ask(page.items[0].id, identity=Identity("a2", "p9"))


async def test_paths_end_with_what_they_were_made_for(playing: Playing) -> None:
    plan = await playing.plan("hevc.mkv")
    playing.service.catalog.proofs.clear()
    assert (await playing.get(plan.url))[0] == 403
    assert (await playing.get(plan.url.replace("/hls/", "/hls/A")))[0] == 404


async def test_without_ffmpeg_all_else_works_and_the_plan_says_so(tmp_path: Path, films: Path) -> None:
    async with playing_with(tmp_path, films, PATH=str(tmp_path)) as playing:
        assert (await playing.plan("plain.mp4")).method == "direct"
        plan = await playing.plan("two.mkv")
        assert plan.method == "impossible"
        assert "ffmpeg is not installed" in plan.reason
        health = playing.service.body(await playing.service.raw("/readyz?verbose", identity=Identity()))
        assert (health["status"], health["checks"]["ffmpeg"]["status"]) == ("warn", "fail")
        state = playing.service.body(await playing.service.raw("/internal/state", identity=SERVICE))
        assert [warning["name"] for warning in state["warnings"]] == ["ffmpeg"]
