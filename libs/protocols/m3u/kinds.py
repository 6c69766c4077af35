"""What an entry is: a channel, a film or an episode. Lists hardly ever say it outright."""

from __future__ import annotations

import re

from libs.protocols.m3u.rows import EpisodePlace, Kind

_XTREAM = re.compile(r"[^/?#]+//[^/?#]+/(?:[^?#]+/)?(live|movie|series)/[^/?#]+/[^/?#]+/[^/?#]+(?=[?#]|$)")
_FILM_FILE = re.compile(r"\.(?:mkv|mp4|avi|m4v|mov|wmv)(?=[?#]|$)", re.IGNORECASE)
_PLACE = re.compile(r"(?<![^\W_])S([0-9]{1,4})[ ._-]{0,3}EP?[ .]?([0-9]{1,5})(?![0-9])", re.IGNORECASE)


def place_of(name: str) -> EpisodePlace | None:
    """ "Name S01 E02", in the ways it is written."""
    found = _PLACE.search(name)
    if found is None:
        return None
    return EpisodePlace(name[: found.start()].rstrip(" -–—._|:(["), int(found[1]), int(found[2]))


def kind_of(
    address: str, name: str, *, vod: bool = False, live: bool = False
) -> tuple[Kind, EpisodePlace | None]:
    """`vod` is the list's own word for what is no channel, `live` for what is one; panels' paths win."""
    path = _xtream_path(address)
    if path == "live" or (live and not vod and not path):
        return "live", None
    if path == "movie":
        return "movie", None
    place = place_of(name)
    if path == "series" or place is not None:
        return "episode", place
    return ("movie" if vod or _FILM_FILE.search(address) else "live"), None


def _xtream_path(address: str) -> str:
    """Which of a panel's paths `…/user/password/id` stands below."""
    if "/movie/" not in address and "/series/" not in address and "/live/" not in address:
        return ""
    found = _XTREAM.match(address)
    return "" if found is None else found[1]
