"""A list of a panel: entries that are held as they are get no farther than their hash."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import compress
from typing import Any, Final, Literal

import msgspec

from libs.protocols.xtream.errors import LoginRefused, XtreamError
from libs.protocols.xtream.pieces import Pieces
from libs.protocols.xtream.rows import Reader, channel_reader, movie_reader, series_reader
from services.sync.reading.hashing import hashes_of_entries
from services.sync.reading.order import Wanted
from services.sync.reading.out import Out, Row
from services.sync.reading.rows import channel_row, movie_row, series_row

PanelKind = Literal["channels", "movies", "series"]

MAX_ENTRY_BYTES: Final = 512 * 1024
_ID: Final = re.compile(rb'"(?:stream|series)_id"\s*:\s*"?(\d+)')
_GUIDE_ID: Final = re.compile(rb'"epg_channel_id"\s*:\s*("(?:[^"\\]|\\.)+")')


def read_list(kind: PanelKind, pieces: Iterable[bytes], out: Out) -> None:
    """Ends with a Tally that is done, whatever is wrong with the list."""
    guide_ids, ids = set[bytes](), set[int]()
    cut = Pieces(msgspec.Raw, max_item_bytes=MAX_ENTRY_BYTES)
    reader, row_of = _readers(kind)
    error: XtreamError | None = None
    try:
        for entries in _batches(cut, pieces):
            _take(kind, _once(entries, ids, out), reader, row_of, out)
            if kind == "channels":
                guide_ids.update(match[1] for match in map(_GUIDE_ID.search, entries) if match is not None)
            out.tell()
    except XtreamError as found:
        error = found
    out.skipped.update(cut.skipped)
    out.skipped.update(reader.tally.skipped)
    if kind == "channels" and error is None:
        out.wanted(map(_wanted, sorted(guide_ids)))
    out.end(
        error,
        reason="" if error is None else error.reason,
        may_pass=error is not None and (error.is_retryable or error.is_failure),
        is_refusal=isinstance(error, LoginRefused),
    )


def _batches(cut: Pieces[msgspec.Raw], pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    for piece in pieces:
        for batch in cut.feed(piece):
            yield list(map(bytes, batch))
    for batch in cut.finish():
        yield list(map(bytes, batch))


def _once(entries: list[bytes], ids: set[int], out: Out) -> list[bytes]:
    """Those whose number didn't come before: some panels list an entry in each of its categories, and of two
    that take turns each would be new at every sync."""
    kept = []
    for entry in entries:
        found = _ID.search(entry)
        if found is not None:
            id_ = int(found[1][:19])
            if id_ in ids:
                out.skipped["twice"] += 1
                continue
            ids.add(id_)
        kept.append(entry)
    return kept


def _take(
    kind: PanelKind,
    entries: list[bytes],
    reader: Reader[Any, Any],
    row_of: Callable[[Any, int], Row],
    out: Out,
) -> None:
    put, hashes = out.put, hashes_of_entries(entries)
    are_new = out.kept[kind].unmet(hashes)
    fresh = list(compress(entries, are_new))
    for entry, found, item in zip(fresh, compress(hashes, are_new), reader.cut(fresh), strict=True):
        if item is not None:
            put(kind, row_of(item, found), len(entry))


def _readers(kind: PanelKind) -> tuple[Reader[Any, Any], Callable[[Any, int], Row]]:
    match kind:
        case "channels":
            return channel_reader(), channel_row
        case "movies":
            return movie_reader(), movie_row
        case "series":
            return series_reader(), series_row


def _wanted(written: bytes) -> Wanted:
    try:
        return Wanted(msgspec.json.decode(written, type=str).strip())
    except (msgspec.DecodeError, UnicodeError):
        return Wanted("")
