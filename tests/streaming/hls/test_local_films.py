"""Films of the operator's folder, converted: ffmpeg reads the file that was checked."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

from libs.common.contracts.playback import PlayerAbilities
from services.streaming.hls.tickets import Local
from services.streaming.keys import HLS
from tests.streaming.hls.conftest import playing_with
from tests.streaming.hls.test_making import below
from tests.waiting import until


async def test_a_film_that_becomes_a_link_is_read_as_it_was_opened(tmp_path: Path, films: Path) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    film = folder / "Film {imdb-tt0012349}.mp4"
    shutil.copy(films / "plain.mp4", film)
    async with playing_with(tmp_path / "data", films, HEADGATE_MEDIA_DIR=str(folder)) as playing:

        async def is_found() -> bool:
            return bool((await playing.service.page("movie", "tt0012349")).items)

        await until(is_found)
        (item,) = (await playing.service.page("movie", "tt0012349")).items
        plan = await playing.ask(item.id, "tt0012349", player=PlayerAbilities(codecs=("vp9",)))
        assert plan.method == "hls", plan.reason
        assert len(await playing.body(below(plan, "v0-0.m4s"))) > 1000
        assert item.url is not None
        local = Local(int(item.url.rpartition("/")[2].partition(".")[0]))
        async with playing.service.running.app[HLS].feeds.given(local) as given:
            film.unlink()
            film.symlink_to("/etc/hostname")
            opened = Path(given.input.address.removeprefix("file:"))
            assert filecmp.cmp(opened, films / "plain.mp4", shallow=False)
