"""A data set read as it arrives: packed bytes in, rows out, in memory that doesn't grow with the file."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator

from libs.protocols.imdb.errors import Corrupt, HeaderChanged, NoRows, NotGzip, Truncated
from libs.protocols.imdb.ids import IdSet, title_number
from libs.protocols.imdb.rows import LEFT_OUT, MALFORMED, DataSet, Row, Unusable

STEP_BYTES = 64 * 1024
"""What a batch of rows is made of: whoever decodes one on a loop holds it up for about a millisecond."""
LONGEST_LINE = 1024 * 1024
"""IMDb's longest title is under 500 characters: what has no line in a megabyte is something else."""
MOST_SPOILT = 1000
"""Of so many rows that can't be read it is told whose they are: of more, something else is wrong."""
_GZIP = b"\x1f\x8b"


class Unpacker:
    """gzip as RFC 1952 has it, several members included, unpacked in steps of bounded size."""

    def __init__(self) -> None:
        self._head = b""
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._begun = False

    def feed(self, packed: bytes) -> Iterator[bytes]:
        if not self._begun:
            self._head += packed
            if len(self._head) < len(_GZIP):
                return
            packed, self._head, self._begun = self._head, b"", True
            _check_magic(packed)
        while packed:
            if self._inflate.eof:
                packed = packed.lstrip(b"\0")  # padding between and behind members
                if not packed:
                    return
                self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                piece = self._inflate.decompress(packed, STEP_BYTES)
            except zlib.error:
                raise Corrupt("The file is damaged: it can't be unpacked.") from None
            packed = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> bytes:
        """What was still held back. Raises Truncated when the file isn't whole."""
        if not self._begun:
            raise Truncated("The file is empty." if not self._head else "The file is cut short.")
        rest = b"" if self._inflate.eof else self._inflate.flush()
        if not self._inflate.eof:
            raise Truncated("The file is cut short.")
        return rest


class Reader:
    """Reads one data set. Each line is a row, counted as `skipped` by its reason, or left out.

    With `among`, only rows whose first field is one of those titles are wanted: the others are `outside`.
    `noted` counts remarks about rows that were kept, `spoilt` are titles of rows that couldn't be read.
    Raises what libs.protocols.imdb.errors draws.
    """

    def __init__(self, data_set: DataSet, *, among: IdSet | None = None) -> None:
        self._set = data_set
        self._among = among
        self._unpacker = Unpacker()
        self._carried = b""
        self._headed = False
        self._last: Row = ()
        self.seen = 0
        self.kept = 0
        self.outside = 0
        self.skipped: Counter[str] = Counter()
        self.noted: Counter[str] = Counter()
        self.spoilt: list[int] = []

    def feed(self, packed: bytes) -> Iterator[list[Row]]:
        """The rows that are whole by now, in batches."""
        for piece in self._unpacker.feed(packed):
            rows = self._rows(piece)
            if rows:
                yield rows

    def finish(self) -> list[Row]:
        """The last rows; to be called at the end of the file, which says whether all the others count."""
        rows = self._rows(self._unpacker.finish() + b"\n")
        if not self._headed:
            raise HeaderChanged("The file has no header.")
        if not self.seen:
            raise NoRows("The file holds no rows.")
        left_out = sum(self.skipped[reason] for reason in LEFT_OUT) + self.outside
        if self.kept + left_out == 0:
            raise NoRows("Not one row of the file can be used.")
        return rows

    def _rows(self, piece: bytes) -> list[Row]:
        cut = piece.rfind(b"\n")
        if cut < 0:
            self._carried += piece
            if len(self._carried) > LONGEST_LINE:
                raise Corrupt("The file has no lines.")
            return []
        whole, self._carried = self._carried + piece[:cut], piece[cut + 1 :]
        lines = _texts(whole)
        if not self._headed:
            _check_header(self._set, lines.pop(0))
            self._headed = True
        return self._read(lines)

    def _wanted(self, lines: list[str]) -> list[str]:
        there = list(filter(None, lines))
        self.seen += len(there)
        if self._among is None:
            return there
        wanted = self._among.of_lines(there)
        self.outside += len(there) - len(wanted)
        return wanted

    def _read(self, lines: list[str]) -> list[Row]:
        read, key, last = self._set.read, self._set.key, self._last
        rows: list[Row] = []
        for line in self._wanted(lines):
            try:
                row = read(line.split("\t"))
            except Unusable as reason:
                self._skip(line, str(reason))
                continue
            except ValueError:  # another number of fields, or a number that is none
                self._skip(line, MALFORMED)
                continue
            if row[:key] == last:
                self.skipped["repeated"] += 1
                continue
            last = row[:key]
            if note := self._set.note(row):
                self.noted[note] += 1
            rows.append(row)
        self._last = last
        self.kept += len(rows)
        return rows

    def _skip(self, line: str, reason: str) -> None:
        self.skipped[reason] += 1
        if reason not in LEFT_OUT and len(self.spoilt) < MOST_SPOILT:
            number = title_number(line.partition("\t")[0])
            if number is not None:
                self.spoilt.append(number)


def _check_magic(head: bytes) -> None:
    if head.startswith(_GZIP):
        return
    looks_like_a_page = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    what = "a web page" if looks_like_a_page else "something else"
    raise NotGzip(f"The server sent {what} instead of a gzip file.")


def _check_header(data_set: DataSet, line: str) -> None:
    found = tuple(line.removeprefix("\ufeff").split("\t"))
    if found == data_set.header:
        return
    missing = [name for name in data_set.header if name not in found]
    new = [name[:40] for name in found if name not in data_set.header]
    parts = [
        *([f"without {', '.join(missing)}"] if missing else []),
        *([f"with {', '.join(new[:5])}"] if new else []),
    ]
    how = " and ".join(parts) or "in another order"
    raise HeaderChanged(f"The columns have changed: {how}.")


def _texts(block: bytes) -> list[str]:
    """The lines; one that is no UTF-8 spoils itself alone."""
    try:
        text = block.decode()
    except UnicodeDecodeError:
        # A lone NUL never stands in a field that is read as a number or a name.
        text = "\n".join(_text(line) for line in block.split(b"\n"))
    if "\r" in text:
        text = text.replace("\r\n", "\n").removesuffix("\r")
    return text.split("\n")


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return "\0"
