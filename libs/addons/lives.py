"""How long answers of addons are kept, where these do not ask for less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from libs.common.cache import Lives
from libs.common.settings import Env
from libs.protocols.stremio.paths import ResourcePath

MINUTE_S: Final = 60
HOUR_S: Final = 60 * MINUTE_S
DAY_S: Final = 24 * HOUR_S

EMPTY: Final = Lives(30)
"""An empty answer is often an addon's way to fail: asked again soon, and never served stale. Where a row
goes on from a page that had items it is the row's end, which holds as long as the row. What the hub's own
addon does not have, it does not have: its empty answers hold like any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """For how long they are fresh. Whoever opens a row tomorrow is shown today's while it is renewed, and a
    week's while its addon is down.
    """

    rows_s: float = 6 * HOUR_S
    search_s: float = HOUR_S
    titles_s: float = DAY_S
    personal_s: float = 30 * MINUTE_S

    @classmethod
    def from_env(cls, env: Env) -> Wishes:
        """Raises SettingsError naming the variable that is wrong."""
        usual = cls()
        return cls(
            rows_s=env.seconds("HEADGATE_ROWS_FRESH_S", usual.rows_s),
            search_s=env.seconds("HEADGATE_SEARCH_FRESH_S", usual.search_s),
            titles_s=env.seconds("HEADGATE_TITLES_FRESH_S", usual.titles_s),
            personal_s=env.seconds("HEADGATE_PERSONAL_FRESH_S", usual.personal_s),
        )

    def of(self, path: ResourcePath, *, personal: bool) -> Lives:
        """`personal` answers change by what one person does, such as a list of what to watch next."""
        most_s = self.personal_s if personal else 7 * DAY_S
        match path.resource:
            case "stream":
                return Lives(5 * MINUTE_S, 10 * MINUTE_S, HOUR_S)
            case "subtitles":
                return Lives(DAY_S, DAY_S, 7 * DAY_S)
            case "meta":
                return Lives(min(self.titles_s, most_s), DAY_S, 7 * DAY_S)
            case _ if any(name == "search" for name, _ in path.extra):
                return Lives(min(self.search_s, most_s), 6 * HOUR_S, DAY_S)
            case _:
                return Lives(min(self.rows_s, most_s), DAY_S, 7 * DAY_S)
