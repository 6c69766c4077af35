"""Whole libraries that are sent at once: each takes a processor for a while, and megabytes for as long as a
player reads slowly."""

from typing import Final

from libs.common.at_once import AtOnce
from services.gateway.errors import TooManyLists

MOST: Final = 24
"""Of an account. Apps fetch three lists and a guide side by side, and a household has a few televisions."""
TOLD_TO_WAIT_S: Final = 10.0


def lists_at_once() -> AtOnce:
    """Of this gateway; it raises TooManyLists."""
    return AtOnce(MOST, _too_many)


def _too_many() -> TooManyLists:
    return TooManyLists(f"This account is sent {MOST} lists at once already.", retry_after_s=TOLD_TO_WAIT_S)
