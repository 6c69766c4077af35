"""What is said to the reading process and by it.

Its input is a line with an Order, the hashes that are held of each kind, what the guide is wanted for, and
then the list. Its output are lines of a word, a space and JSON: rows under the name of their kind, `gone` and
`categories` with their kind, `wanted`, and a Tally under `tally` from time to time and at the end.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from libs.common.contracts.handover_rows import RowKind

Subject: TypeAlias = Literal["channels", "movies", "series", "list", "guide"]
"""The first three are a panel's lists, `list` is an M3U and `guide` an XMLTV."""

TALLY: Final = b"tally"
GONE: Final = b"gone"
WANTED: Final = b"wanted"
CATEGORIES: Final = b"categories"
LONGEST_LINE: Final = 4 * 1024 * 1024


class Held(msgspec.Struct, frozen=True):
    """How many bytes of hashes of a kind follow."""

    kind: RowKind
    size_bytes: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """`again` sends what is known already, too. `wanted_bytes` is None where every channel is wanted."""

    subject: Subject
    held: tuple[Held, ...]
    again: bool = False
    wanted_bytes: int | None = None
    now_s: int = 0


class Wanted(msgspec.Struct, frozen=True, array_like=True):
    """A channel that programmes are wanted for, under `guide_id`; `names` are what else it may be called."""

    guide_id: str
    names: tuple[str, ...] = ()


class Seen(msgspec.Struct, frozen=True):
    """`known` entries of those `seen` were held as they are."""

    seen: int = 0
    known: int = 0


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How far the reading is and, once it is `done`, how it went.

    `broken` is why the list isn't whole, by a short stable reason; nothing counts as gone then. `guides` are
    the addresses of guides that a list names, and hold credentials as its own does.
    """

    done: bool = False
    kinds: dict[RowKind, Seen] = {}
    skipped: dict[str, int] = {}
    broken: str = ""
    sentence: str = ""
    may_pass: bool = False
    is_refusal: bool = False
    guides: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Tally(done={self.done}, kinds={self.kinds}, broken={self.broken!r})"
