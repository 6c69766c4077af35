"""A cache's keys as administrators see them: what was asked, and nothing that opens a door."""

from __future__ import annotations

import re
from hashlib import blake2b

# Ids of accounts and profiles, hashes, tokens: nobody reads them, and some must not be read.
_LONG = re.compile(r"(?=[A-Za-z0-9_-]*[0-9])(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,}")
_LOGIN = re.compile(r"((?::|%3A)(?://|%2F%2F))[^/@\s]*?(?:@|%40)", re.IGNORECASE)
_SECRET = re.compile(
    r"(passw\w*|secret|token|api_?key|key|auth\w*|credential\w*|signature|sig)(=|:|%3D)[^&/|\s]+",
    re.IGNORECASE,
)
KEPT_CHARS = 6
MOST_CHARS = 200


def shown_key(key: str) -> str:
    """The key with what is long and random cut short, and passwords and tokens in addresses hidden."""
    text = _LOGIN.sub(r"\1…@", key)
    text = _SECRET.sub(r"\1\2…", text)
    text = _LONG.sub(lambda found: f"{found[0][:KEPT_CHARS]}…", text)
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}…"


def handle_of(key: str) -> str:
    """Names a key without telling it."""
    return blake2b(key.encode(), digest_size=12).hexdigest()
