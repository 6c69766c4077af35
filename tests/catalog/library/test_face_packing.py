"""Pieces that are packed by themselves, joined."""

from __future__ import annotations

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from services.catalog.library.face_packing import GzipJoin, packed, unpacked


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_packed_pieces_are_one_gzip_stream(pieces: list[bytes]) -> None:
    joined, whole = GzipJoin(), b"".join(pieces)
    made = [packed(piece) for piece in pieces]
    stream = b"".join((joined.head(), *map(joined.add, made), joined.end()))
    assert gzip.decompress(stream) == whole
    assert [unpacked(piece) for piece in made] == pieces
    one_member = zlib.decompressobj(wbits=31)
    assert one_member.decompress(stream) == whole
    assert one_member.eof
    assert not one_member.unused_data
