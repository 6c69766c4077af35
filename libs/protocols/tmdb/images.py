"""Addresses of TMDB's pictures.

The base and the sizes are what `/configuration` answers; they have not changed since 2013, so it isn't asked.
"""

from __future__ import annotations

import re
from typing import Final, Literal

PosterSize = Literal["w185", "w342", "w500", "w780", "original"]
BackdropSize = Literal["w300", "w780", "w1280", "original"]
StillSize = Literal["w92", "w185", "w300", "original"]
LogoSize = Literal["w92", "w154", "w185", "w300", "w500", "original"]

IMAGES_URL: Final = "https://image.tmdb.org/t/p"
_PATH = re.compile(r"/[A-Za-z0-9_-]+\.(?:jpe?g|png|svg|webp)")


def image_url(path: str | None, size: PosterSize | BackdropSize | LogoSize | StillSize) -> str | None:
    """The picture's address; None for no picture, and for a path that is none."""
    if path is None or _PATH.fullmatch(path) is None:
        return None
    return f"{IMAGES_URL}/{size}{path}"
