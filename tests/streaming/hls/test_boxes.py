"""What ffmpeg writes, taken apart: bounded in all that a film says."""

from __future__ import annotations

import struct

import pytest

from services.streaming.hls.boxes import LARGEST_INIT, FragmentReader, NotFragments


def test_what_stands_before_the_samples_is_refused_where_it_is_long() -> None:
    reader = FragmentReader(offset_s=0)
    small = struct.pack(">I4s", LARGEST_INIT, b"ftyp") + bytes(LARGEST_INIT - 8)
    assert list(reader.feed(small)) == []
    with pytest.raises(NotFragments):
        list(reader.feed(small))
