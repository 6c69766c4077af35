"""Trakt over real HTTP on 127.0.0.1, with the behaviour that its clients trip over.

async with FakeTrakt(clock=clock) as trakt:
    film = trakt.titles.movie("Metropolis", 1927, imdb="tt0017136")
    ada = trakt.person("ada")
    ada.watch(film, at_ms=…)
    token = trakt.sign_in(ada).access
    trakt.fail(503, on="POST /sync/history", acted=True)
    … ask below trakt.url …
    assert trakt.calls["GET /sync/last_activities"] == 1
"""

from tests.fakes.trakt.faults import Fault
from tests.fakes.trakt.person import Person
from tests.fakes.trakt.titles import Episode, Movie, Show, Titles
from tests.fakes.trakt.trakt import FakeTrakt

__all__ = ["Episode", "FakeTrakt", "Fault", "Movie", "Person", "Show", "Titles"]
