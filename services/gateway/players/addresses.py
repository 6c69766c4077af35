"""The addresses that IPTV apps ask, which hold who signs in. Pure: nothing is looked up here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, unquote

from libs.common.media import MediaKind

API: Final = "/player_api.php"
PANEL: Final = "/panel_api.php"
PLAYLIST: Final = "/get.php"
GUIDE: Final = "/xmltv.php"
CATCH_UP: Final = "/streaming/timeshift.php"
SCRIPTS: Final = frozenset({API, PANEL, PLAYLIST, GUIDE, CATCH_UP})

MOST_MINUTES: Final = 24 * 60
"""Of catch-up at once: nobody records a day into one file."""
MAX_CHARS: Final = 100
"""Of a user name and of a password that may be ours."""
MAX_PARAMETERS: Final = 30

KINDS: Final[Mapping[str, MediaKind]] = {"live": "live", "movie": "movie", "series": "series"}
_FOLDERS: Final = re.compile(r"/(?:live|movie|series|timeshift)/([^/]+)/([^/]+)/")
_SHORT: Final = re.compile(r"/([a-z0-9-]{1,60})/([a-z0-9]{12})/[0-9]{1,10}(?:\.[a-z0-9]{1,5})?")
SHORT_PATH: Final = (
    "/{username:[a-z0-9-]{1,60}}/{password:[a-z0-9]{12}}/{file:[0-9]{1,10}(?:\\.[a-z0-9]{1,5})?}"
)
"""Of a login that the hub made, and digits at the end: the hub's own pages have no such addresses."""
_FILE: Final = re.compile(r"([0-9]{1,10})(?:\.([A-Za-z0-9]{1,5}))?")
_EPOCH: Final = re.compile(r"[0-9]{9,11}")
_MOMENT: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})[:_ T](\d{2})[-:](\d{2})(?:[-:](\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Login:
    """What somebody signs in with, in the form in which the hub makes it: remote controls write capitals."""

    username: str = field(repr=False)
    password: str = field(repr=False)

    @classmethod
    def of(cls, username: str, password: str) -> "Login":
        return cls(username.strip().lower(), password.strip().lower())

    @property
    def proof(self) -> str:
        """As auth resolves it; "" for what is no login of ours."""
        may_be = 0 < len(self.username) <= MAX_CHARS and 0 < len(self.password) <= MAX_CHARS
        return f"{self.username}/{self.password}" if may_be and "/" not in self.username else ""


@dataclass(frozen=True, slots=True)
class Past:
    """A piece of what was on, in epoch seconds."""

    start: int
    duration_s: int


def login_of(raw_path: str) -> Login | None:
    """Who signs in by an address, None where it is no address of players."""
    path, _, query = raw_path.partition("?")
    if path in SCRIPTS:
        return login_in(parameters(query))
    found = _FOLDERS.match(path) or _SHORT.fullmatch(path)
    return None if found is None else Login.of(unquote(found[1]), unquote(found[2]))


def login_in(asked: Mapping[str, str]) -> Login:
    return Login.of(asked.get("username", ""), asked.get("password", ""))


def parameters(text: str) -> dict[str, str]:
    """Of a query or a form. The first of a name counts; what can't be read is as if it were not there."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        return {}
    return dict(reversed(pairs))


def file_of(name: str) -> tuple[int, str] | None:
    """The number and the extension, without its dot, of `123.ts`."""
    found = _FILE.fullmatch(name)
    return None if found is None else (int(found[1]), (found[2] or "").lower())


def past_of(start: str, duration: str, *, by_query: bool) -> Past | None:
    """Times are in UTC, which is the zone that the hub tells. A duration is in minutes; by query it is in
    seconds where the start is an epoch, as in what players fill in for `{utc}` and `{duration}`."""
    if not duration.isascii() or not duration.isdecimal() or len(duration) > 6:
        return None
    if _EPOCH.fullmatch(start):
        at, unit = int(start), 1 if by_query else 60
    else:
        moment = _moment(start)
        if moment is None:
            return None
        at, unit = moment, 60
    length = min(int(duration) * unit, MOST_MINUTES * 60)
    return Past(at, length) if length else None


def _moment(text: str) -> int | None:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute = (int(found[number]) for number in range(1, 6))
    try:
        moment = datetime(year, month, day, hour, minute, int(found[6] or 0), tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp())
