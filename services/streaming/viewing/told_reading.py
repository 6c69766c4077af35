"""Lines of what sources tell, read once and for all."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from libs.common.contracts.viewing_handover import LINE_ROWS, ListedRow, Part, PlaybackRow, WatchedRow
from libs.common.errors import HeadgateError, InvalidInput
from libs.protocols.text import storable
from services.streaming.told_model import Staged, ToldRow
from services.streaming.viewing.reading import check_id, place_of, type_of
from services.streaming.viewing_model import MOVIE


def rows_of(line: bytes, part: Part, now_ms: int) -> tuple[list[Staged], int]:
    """The rows of a line, and how many of them tell of nothing that can be kept. Raises InvalidInput."""
    if not line.strip():
        return [], 0
    try:
        rows: list[ToldRow] = _DECODERS[part].decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidInput(f"A line of rows can't be read: {error}.") from error
    if len(rows) > LINE_ROWS:
        raise InvalidInput(f"A line has {LINE_ROWS} rows at most.")
    read = list[Staged]()
    for row in rows:
        try:
            read.append(_staged(row, now_ms))
        except HeadgateError:
            continue  # an id that nobody can read, or a number that no column holds
    return read, len(rows) - len(read)


def _staged(row: ToldRow, now_ms: int) -> Staged:
    """Raises InvalidInput, VideoNotFound."""
    clean = msgspec.structs.replace(
        row, name=storable(row.name), poster=storable(row.poster), at=min(row.at, now_ms)
    )
    if isinstance(clean, ListedRow):
        check_id(clean.title_id)
        type_of(clean.type, MOVIE)
        return Staged(clean.title_id, clean.title_id, clean)
    place = place_of(
        clean.video_id,
        type_=clean.type,
        title_id=clean.title_id,
        season=clean.season,
        episode=clean.episode,
    )
    clean = msgspec.structs.replace(
        clean, title_id=place.title_id, type=place.type, season=place.season, episode=place.episode
    )
    return Staged(place.video_id, place.title_id, clean)


_DECODERS: Final[dict[Part, msgspec.json.Decoder[list[Any]]]] = {
    "watched": msgspec.json.Decoder(list[WatchedRow]),
    "watchlist": msgspec.json.Decoder(list[ListedRow]),
    "playback": msgspec.json.Decoder(list[PlaybackRow]),
}
