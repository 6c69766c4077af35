"""Limits and blocks in words people use."""

import re
from typing import Final

SCENARIO_WORDS: Final = {
    "path_scanning": "looked for pages that hubs don't have",
    "credential_stuffing": "tried many names and passwords",
    "refusal_burst": "went on after many refusals",
    "token_guessing": "guessed addresses or tokens",
    "malformed_requests": "sent broken requests",
    "manual": "blocked by hand",
}

LIMIT_WORDS: Final = {
    "address": ("Every address", "before anybody is told apart"),
    "warm": ("Answers at hand", "each account, for what costs next to nothing"),
    "anonymous": ("Nobody signed in", "each address"),
    "account": ("Free tier", "each account"),
    "premium": ("Premium tier", "each account"),
    "api": ("API keys", "each key, and accounts of the API tier"),
    "api-keys": ("API keys together", "all keys of an account, by each gateway alone"),
    "install": ("Players", "each account, by its Stremio address"),
    "premium-install": ("Players, premium tier", "each account, by its Stremio address"),
    "search": ("Searches", "besides the limit of the tier"),
    "install-search": ("Searches by players", "besides the limit for players"),
    "sign-in": ("Signing in", "each address"),
}

_PART = re.compile(r"(\d+)/([smhd])(?: burst (\d+))?")
_HASH = re.compile(r"[0-9a-f]{32,}")
_UNITS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day"}


def scenario_words(scenario: str) -> str:
    return SCENARIO_WORDS.get(scenario) or scenario.replace("_", " ")


def upstream_words(name: str) -> str:
    """A service by its name; an addon by the beginning of its hash, since its address is a secret."""
    return f"addon {name[:8]}…" if _HASH.fullmatch(name) else name


def limit_words(name: str) -> tuple[str, str]:
    """What it is called, and who is counted."""
    return LIMIT_WORDS.get(name) or (name.replace("-", " ").capitalize(), "")


def rule_words(rule: str) -> str:
    """As settings write it, said: `10/s burst 20; 100000/d` is 10 a second, 20 at once; 100,000 a day."""
    return "; ".join(_part_words(part.strip()) for part in rule.split(";"))


def _part_words(part: str) -> str:
    found = _PART.fullmatch(part)
    if found is None:
        return part
    often = f"{int(found[1]):,} a {_UNITS[found[2]]}"
    return f"{often}, {int(found[3]):,} at once" if found[3] else often
