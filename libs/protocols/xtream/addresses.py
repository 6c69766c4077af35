"""Where a panel is asked and where its streams are.

Credentials stand in every address, so no address is for a log: what may be shown is `base`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from libs.common.http import InvalidUrl
from libs.common.http.urls import parse_url

Kind = Literal["live", "movie", "series"]

_SCRIPT = re.compile(r"/[^/]*\.php(?:/.*)?$", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_STARTS = ("%Y-%m-%d:%H-%M", "%Y-%m-%d_%H-%M", "%Y-%m-%d:%H:%M:%S")
_QUERY_STARTS = ("%Y-%m-%d_%H-%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d:%H-%M", "%Y-%m-%d:%H:%M:%S")


@dataclass(frozen=True, slots=True)
class Credentials:
    """They never print."""

    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a pasted address holds; of a list's or a script's, the credentials, too."""

    base: str
    credentials: Credentials | None = None


def read_pasted(pasted: str) -> Pasted:
    """The panel that a text means which somebody copied from anywhere. Raises InvalidUrl, quoting nothing.

    Without a scheme it is http, as nearly all panels are.
    """
    written = pasted.strip()
    if not _SCHEME.match(written):
        written = f"http://{written.lstrip('/')}"
    url = parse_url(written)
    if not url.raw_host:
        raise InvalidUrl("This is not a web address: it names no server.")
    path = _SCRIPT.sub("", url.raw_path).rstrip("/")
    base = str(url.with_user(None).origin()) + path
    if url.raw_user is not None:
        return Pasted(base, Credentials(unquote(url.raw_user), unquote(url.raw_password or "")))
    return Pasted(base, _in_query(urlsplit(written).query))


def _in_query(query: str) -> Credentials | None:
    found = parse_qs(query)
    name, password = found.get("username"), found.get("password")
    return Credentials(name[0], password[0]) if name and password else None


@dataclass(frozen=True, slots=True)
class XtreamAddress:
    """One account on one panel. `base` has no slash at its end, as `read_pasted` gives it."""

    base: str
    credentials: Credentials

    def api(self, action: str = "", parameters: Mapping[str, str] | None = None) -> str:
        """Without an action it is the account."""
        asked = {"action": action} if action else {}
        return self._script("player_api.php", {**asked, **(parameters or {})})

    def guide(self) -> str:
        return self._script("xmltv.php", {})

    def playlist(self, *, output: str = "ts") -> str:
        return self._script("get.php", {"type": "m3u_plus", "output": output})

    def stream(self, kind: Kind, stream_id: int, extension: str) -> str:
        """A channel, a film, or an episode by its own id. Without an extension none is written."""
        return f"{self.base}/{kind}/{self._path}/{_file(stream_id, extension)}"

    def short_live(self, stream_id: int, extension: str = "") -> str:
        """The form of three segments, which is what old lists hold."""
        return f"{self.base}/{self._path}/{_file(stream_id, extension)}"

    def catch_up(
        self, stream_id: int, start: datetime, minutes: int, *, zone: tzinfo, extension: str = "ts"
    ) -> tuple[str, ...]:
        """Every form that panels know, in the order to try. `start` is aware; `zone` is the panel's.

        Those with a query come last: some panels answer them with what is on air now.
        """
        local = start.astimezone(zone)
        file = _file(stream_id, extension)
        paths = (
            f"{self.base}/timeshift/{self._path}/{minutes}/{local.strftime(form)}/{file}" for form in _STARTS
        )
        queries = (
            self._script(
                "streaming/timeshift.php",
                {"stream": str(stream_id), "start": local.strftime(form), "duration": str(minutes)},
            )
            for form in _QUERY_STARTS
        )
        return (*paths, *queries)

    @property
    def _path(self) -> str:
        return f"{_segment(self.credentials.username)}/{_segment(self.credentials.password)}"

    def _script(self, name: str, parameters: Mapping[str, str]) -> str:
        asked = {"username": self.credentials.username, "password": self.credentials.password, **parameters}
        # A space as %20: not everything that answers for a panel reads "+" as one.
        return f"{self.base}/{name}?{urlencode(asked, quote_via=quote, safe='')}"


def _segment(value: str) -> str:
    # "." and ".." would be walked.
    return value.replace(".", "%2E") if value in {".", ".."} else quote(value, safe="")


def _file(stream_id: int, extension: str) -> str:
    bare = extension.strip().lstrip(".")
    return f"{stream_id}.{_segment(bare)}" if bare else str(stream_id)
