"""What was brought from another hub, in words people use."""

from collections.abc import Mapping
from typing import Final

from libs.common.contracts.moving import MoveState

STATES: Final[Mapping[MoveState, tuple[str, str]]] = {
    "preview": ("off", "Not applied"),
    "applying": ("slow", "Being applied"),
    "applied": ("ok", "Applied"),
    "interrupted": ("failing", "Interrupted"),
}
"""The state's short name, as styled, and what it says."""

KIND_WORDS: Final[Mapping[str, str]] = {
    "tmdb_keys": "Key of TMDB",
    "library_providers": "Accounts at providers",
    "addons": "Addons",
    "row_choices": "Rows that were changed",
    "merged_rows": "Merged rows",
    "merged_row_members": "Rows that are part of merged ones",
    "title_choices": "Titles that are one, or are not",
    "rating_choices": "How ratings are shown",
    "viewing_choices": "What rows show of what was watched",
    "tmdb_choices": "Language and pictures",
    "viewing_titles": "Titles with the watchlist",
    "viewing_videos": "Films and episodes",
    "links": "Links",
    "source_settings": "Which sources come first",
    "sync_settings": "When accounts at providers are read",
    "sync_networks": "Networks",
}
