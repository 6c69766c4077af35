"""What is kept of the details that a panel tells."""

from __future__ import annotations

import msgspec

from libs.protocols.xtream.details import parse_series
from services.catalog.library.told import episodes_told, seasons_told, series_told

SCRIPT = "JavaScript:alert(1)"
PICTURE = "https://pictures.example/1.jpg"


def test_a_picture_that_leads_to_no_web_server_is_none() -> None:
    details = parse_series(
        msgspec.json.encode(
            {
                "info": {"name": "A", "cover": SCRIPT, "backdrop_path": [SCRIPT, PICTURE]},
                "seasons": [{"season_number": 1, "cover": SCRIPT}],
                "episodes": {"1": [{"id": 1, "episode_num": 1, "info": {"movie_image": SCRIPT}}]},
            }
        )
    )
    told = series_told(details)
    assert (told.picture, told.backdrops) == ("", (PICTURE,))
    assert [each.picture for each in seasons_told(details)] == [""]
    assert [each.picture for each in episodes_told(details)] == [""]
