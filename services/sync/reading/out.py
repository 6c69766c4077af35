"""The lines that the reading process writes."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO, Final

import msgspec

from libs.common.contracts.handover_rows import CategoryRow, RowKind, packed, unpacked
from services.sync.reading.order import CATEGORIES, GONE, TALLY, WANTED, Seen, Tally, Wanted

ROWS_A_LINE: Final = 2000
"""What catalog writes in one transaction."""
BYTES_A_LINE: Final = 768 * 1024
"""Of what rows are made of; a row can be some times larger than that."""
GONE_A_LINE: Final = 100_000
WANTED_A_LINE: Final = 1000
MOST_WANTED_CHARS: Final = 32 * 1024 * 1024
"""Of what the guide is wanted for: some hundred thousand channels."""
MOST_CATEGORIES: Final = 10_000
"""Of one kind that a list names: as many as catalog keeps."""
MOST_NAMED_BYTES: Final = 900_000
"""Of their names: each stands twice in the one line that tells them, and may be longer there."""
TOLD_EVERY: Final = 5000

Row = tuple[object, ...]


class Kept:
    """What is held of one kind, and what of it was met."""

    def __init__(self, hashes: bytes, *, again: bool) -> None:
        self._left = set(unpacked(hashes))
        self._again = again
        self.seen = 0
        self.known = 0

    def meet(self, found: int) -> bool:
        """Whether the entry is held as it is and needs no sending."""
        self.seen += 1
        try:
            self._left.remove(found)
        except KeyError:
            return False
        self.known += 1
        return not self._again

    def unmet(self, found: Sequence[int]) -> list[bool]:
        """Of each entry, whether it has to be sent."""
        met = self._left.intersection(found)
        self._left -= met
        self.seen += len(found)
        self.known += len(met)
        return [self._again or one not in met for one in found]

    @property
    def gone(self) -> set[int]:
        return self._left


class _Waiting:
    """Rows that a line isn't full of yet, and about how many bytes they are made of."""

    __slots__ = ("rows", "weight")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.weight = 0


class Out:
    """Rows by kind, in the order in which they are put where one line ends and the next begins."""

    def __init__(self, out: BinaryIO, kept: Mapping[RowKind, Kept]) -> None:
        self._out = out
        self.kept = kept
        self._encode = msgspec.json.Encoder().encode
        self._waiting = {kind: _Waiting() for kind in kept}
        self._categories: dict[RowKind, dict[str, None]] = {kind: {} for kind in kept}
        self._named_bytes: Counter[RowKind] = Counter()
        self._listed: dict[RowKind, int] = dict.fromkeys(kept, 0)
        self._told = 0
        self.skipped: Counter[str] = Counter()

    def put(self, kind: RowKind, row: Row, weight: int, *, before: tuple[RowKind, ...] = ()) -> None:
        """`weight` is about how many bytes the row is made of; rows of `before` have to be there first."""
        waiting = self._waiting[kind]
        waiting.rows.append(row)
        waiting.weight += weight
        if waiting.weight >= BYTES_A_LINE or len(waiting.rows) >= ROWS_A_LINE:
            self.flush(*before, kind)

    def name_categories(self, kind: RowKind, names: Iterable[str]) -> None:
        """Of a list that tells categories by their names alone, in the order in which they come."""
        named = self._categories[kind]
        for name in names:
            if name in named or len(named) >= MOST_CATEGORIES:
                continue
            self._named_bytes[kind] += len(name.encode())
            if self._named_bytes[kind] <= MOST_NAMED_BYTES:
                named[name] = None

    def flush(self, *kinds: RowKind) -> None:
        for kind in kinds:
            named = self._categories[kind]
            if len(named) > self._listed[kind]:
                self._listed[kind] = len(named)
                rows = [CategoryRow(name, name) for name in named]
                self._write(CATEGORIES, kind.encode() + b" " + self._encode(rows))
            waiting = self._waiting[kind]
            if waiting.rows:
                self._write(kind.encode(), self._encode(waiting.rows))
                waiting.rows, waiting.weight = [], 0

    def tell(self) -> None:
        """How far it is, from time to time."""
        seen = sum(kept.seen for kept in self.kept.values())
        if seen - self._told >= TOLD_EVERY:
            self._told = seen
            self._tally(Tally(kinds=self._kinds()))

    def wanted(self, wanted: Iterable[Wanted]) -> None:
        """In as many lines as it takes, none of which is too long to be read."""
        held, chars = list[Wanted](), 0
        for one in wanted:
            chars += len(one.guide_id) + sum(map(len, one.names))
            if chars > MOST_WANTED_CHARS:
                break
            held.append(one)
            if len(held) >= WANTED_A_LINE:
                self._write(WANTED, self._encode(held))
                held = []
        self._write(WANTED, self._encode(held))

    def end(
        self,
        error: Exception | None = None,
        *,
        reason: str = "",
        may_pass: bool = False,
        is_refusal: bool = False,
        guides: tuple[str, ...] = (),
    ) -> None:
        """`error` is why the list isn't whole: nothing is gone then."""
        self.flush(*self._waiting)
        if error is None:
            for kind, kept in self.kept.items():
                self._gone(kind, list(kept.gone))
        self._tally(
            Tally(
                done=True,
                kinds=self._kinds(),
                skipped=dict(self.skipped),
                broken=reason,
                sentence="" if error is None else str(error),
                may_pass=may_pass,
                is_refusal=is_refusal,
                guides=guides,
            )
        )

    def _gone(self, kind: RowKind, gone: list[int]) -> None:
        for start in range(0, len(gone), GONE_A_LINE):
            part = base64.b64encode(packed(gone[start : start + GONE_A_LINE]))
            self._write(GONE, kind.encode() + b" " + part)

    def _kinds(self) -> dict[RowKind, Seen]:
        return {kind: Seen(kept.seen, kept.known) for kind, kept in self.kept.items()}

    def _tally(self, tally: Tally) -> None:
        self._write(TALLY, self._encode(tally))
        self._out.flush()

    def _write(self, word: bytes, text: bytes) -> None:
        self._out.write(b"%b %b\n" % (word, text))
