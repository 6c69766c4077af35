"""What ffmpeg writes when it is told so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from services.streaming.hls.boxes import FragmentReader, Init
from services.streaming.hls.commands import OFFSET_S, Input, made_sound


@pytest.mark.parametrize("stream", [1, 2], ids=["48 000 samples a second", "44 100 samples a second"])
def test_sound_that_is_made_begins_where_it_is_wanted(films: Path, stream: int) -> None:
    command = made_sound(Input("file", f"file:{films / 'two.mkv'}"), stream, 8.0)
    made = subprocess.run(["ffmpeg", *command], capture_output=True, check=True).stdout
    init, first, *_ = FragmentReader(offset_s=OFFSET_S).feed(made)
    assert isinstance(init, Init)
    assert not isinstance(first, Init)
    assert 7.8 < first.pts / init.timescale <= 8.0
