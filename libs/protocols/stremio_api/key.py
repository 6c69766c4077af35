"""The key of a signed-in account. It is as good as the password, and never prints."""

from __future__ import annotations

import re

from libs.protocols.stremio_api.errors import AnswerUnreadable

MAX_KEY_CHARS = 4096
_KEY = re.compile(r"[\x21-\x7e]+")


class AuthKey:
    """What every question about an account carries."""

    __slots__ = ("_text",)

    def __init__(self, text: object) -> None:
        """Raises AnswerUnreadable, which does not repeat it: keys only come from Stremio."""
        if not isinstance(text, str) or len(text) > MAX_KEY_CHARS or _KEY.fullmatch(text) is None:
            raise AnswerUnreadable("Stremio gave no key that can be used.")
        self._text = text

    def reveal(self) -> str:
        """For sending and sealing alone."""
        return self._text

    def __repr__(self) -> str:
        return "AuthKey(hidden)"
