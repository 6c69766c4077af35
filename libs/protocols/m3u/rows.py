"""What a list says: its header and its entries.

Addresses, guides, catch-up sources, request headers and properties hold user names, passwords and tokens:
they never stand in a repr.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal["live", "movie", "episode"]
CatchupMode: TypeAlias = Literal["default", "append", "shift", "flussonic", "fs", "xc", "vod"]
"""`fs` is Flussonic as a transport stream, `flussonic` as HLS."""

Pairs: TypeAlias = tuple[tuple[str, str], ...]


class Catchup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How to reach what was on before. `source` is a whole address or its end, as `mode` has it; `days` is
    None where the list doesn't say. `correction_h` is how far the provider's clock is ahead."""

    mode: CatchupMode
    source: str = ""
    days: int | None = None
    correction_h: float = 0.0

    def __repr__(self) -> str:
        return f"Catchup(mode={self.mode!r}, days={self.days}, source hidden)"


class EpisodePlace(msgspec.Struct, frozen=True, gc=False):
    """Where an episode belongs, by its name."""

    series: str
    season: int
    episode: int


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """`guides` are addresses of XMLTV files. The rest holds for each entry that doesn't say otherwise."""

    guides: tuple[str, ...] = ()
    shift_h: float | None = None
    catchup: Catchup | None = None
    correction_h: float = 0.0

    def __repr__(self) -> str:
        return f"Header({len(self.guides)} guides, shift_h={self.shift_h}, catchup={self.catchup!r})"


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One channel, film or episode, with the header's defaults applied.

    `duration_s` is None where there is none, as of all that is live. `headers` is what to send along when the
    address is asked, `properties` what Kodi is told about it. `realtime` is None where the list doesn't say.
    """

    kind: Kind
    name: str
    address: str
    duration_s: float | None = None
    tvg_id: str = ""
    tvg_name: str = ""
    logo: str = ""
    number: int | None = None
    sub_number: int | None = None
    shift_h: float | None = None
    groups: tuple[str, ...] = ()
    radio: bool = False
    catchup: Catchup | None = None
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    media: bool = False
    media_dir: str = ""
    media_size_bytes: int | None = None
    realtime: bool | None = None
    headers: Pairs = ()
    properties: Pairs = ()
    place: EpisodePlace | None = None

    def __repr__(self) -> str:
        return f"Entry({self.kind}, {self.name!r}, address hidden)"
