"""A key of TMDB's in either of its forms. It never prints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from libs.protocols.tmdb.errors import InvalidKey

KeyKind = Literal["api_key", "read_token"]

MAX_KEY_CHARS = 2000

_V3 = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
_V4 = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class TmdbKey:
    """An API key (v3), which goes along in the query, or a read access token (v4), which goes in a header."""

    __slots__ = ("_text", "kind")

    def __init__(self, text: str) -> None:
        """Raises InvalidKey, which does not repeat the text."""
        text = text.strip()
        if len(text) <= MAX_KEY_CHARS and _V3.fullmatch(text):
            self.kind: KeyKind = "api_key"
        elif len(text) <= MAX_KEY_CHARS and _V4.fullmatch(text):
            self.kind = "read_token"
        else:
            raise InvalidKey("This is neither an API key of TMDB (32 letters and digits) nor a read token.")
        self._text = text

    def reveal(self) -> str:
        """For sealing alone."""
        return self._text

    @property
    def ending(self) -> str:
        """Enough to tell one's own keys apart, and too little to use."""
        return self._text[-4:]

    @property
    def query(self) -> Mapping[str, str]:
        return {"api_key": self._text} if self.kind == "api_key" else {}

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._text}"} if self.kind == "read_token" else {}

    def __repr__(self) -> str:
        return "TmdbKey(hidden)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TmdbKey) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a TmdbKey is not pickled")
