"""Where handlers find their collaborators. Read only by handlers, never by domain code."""

from __future__ import annotations

from aiohttp import web

from libs.common.moving import Telling
from services.catalog.addons import Registry
from services.catalog.aggregate import Aggregator
from services.catalog.chosen import TitleChoices
from services.catalog.datasets import DataSets
from services.catalog.demo import DemoAddon
from services.catalog.enriched.answers import EnrichedAnswers
from services.catalog.health.book import HealthBook
from services.catalog.health.records import Records
from services.catalog.library.as_addon.addon import LibraryAddon
from services.catalog.library.as_addon.standing import Standing
from services.catalog.library.browse import Browse
from services.catalog.library.chosen import LibraryChoices
from services.catalog.library.clearing import Clearing
from services.catalog.library.details import Details
from services.catalog.library.face_players import Players
from services.catalog.library.find import Find
from services.catalog.library.playable import Playables
from services.catalog.library.providers import Providers
from services.catalog.library.single import Single
from services.catalog.library.take import Taking
from services.catalog.library.upkeep import Holdings, Upkeep
from services.catalog.matching.review import Reviews
from services.catalog.matching.run import Matching
from services.catalog.metadata.lookup import TmdbLookup
from services.catalog.metadata.pictures import Pictures
from services.catalog.metadata.settings import KeyChoices
from services.catalog.moving_in import Parts as MovingIn
from services.catalog.rated.answers import RatedAnswers
from services.catalog.ratings import Ratings
from services.catalog.rows.settings import RowSettings
from services.catalog.settings import Settings
from services.catalog.store.rating_choices import RatingChoiceStore
from services.catalog.store.viewing_choices import ViewingChoiceStore
from services.catalog.viewed.known_as import KnownAs
from services.catalog.viewed.rows import ViewedRows

SETTINGS: web.AppKey[Settings] = web.AppKey("SETTINGS", Settings)
REGISTRY: web.AppKey[Registry] = web.AppKey("REGISTRY", Registry)
AGGREGATOR: web.AppKey[Aggregator] = web.AppKey("AGGREGATOR", Aggregator)
HEALTH_BOOK: web.AppKey[HealthBook] = web.AppKey("HEALTH_BOOK", HealthBook)
HEALTH_RECORDS: web.AppKey[Records] = web.AppKey("HEALTH_RECORDS", Records)
DEMO: web.AppKey[DemoAddon] = web.AppKey("DEMO", DemoAddon)
DATA_SETS: web.AppKey[DataSets] = web.AppKey("DATA_SETS", DataSets)
RATINGS: web.AppKey[Ratings] = web.AppKey("RATINGS", Ratings)
RATED: web.AppKey[RatedAnswers] = web.AppKey("RATED", RatedAnswers)
RATING_CHOICES: web.AppKey[RatingChoiceStore] = web.AppKey("RATING_CHOICES", RatingChoiceStore)
TITLE_CHOICES: web.AppKey[TitleChoices] = web.AppKey("TITLE_CHOICES", TitleChoices)
ENRICHED: web.AppKey[EnrichedAnswers] = web.AppKey("ENRICHED", EnrichedAnswers)
VIEWING_CHOICES: web.AppKey[ViewingChoiceStore] = web.AppKey("VIEWING_CHOICES", ViewingChoiceStore)
KNOWN_AS: web.AppKey[KnownAs] = web.AppKey("KNOWN_AS", KnownAs)
VIEWED: web.AppKey[ViewedRows] = web.AppKey("VIEWED", ViewedRows)
ROW_SETTINGS: web.AppKey[RowSettings] = web.AppKey("ROW_SETTINGS", RowSettings)
KEY_CHOICES: web.AppKey[KeyChoices] = web.AppKey("KEY_CHOICES", KeyChoices)
TMDB_LOOKUP: web.AppKey[TmdbLookup] = web.AppKey("TMDB_LOOKUP", TmdbLookup)
MOVING: web.AppKey[Telling] = web.AppKey("MOVING", Telling)
MOVING_IN: web.AppKey[MovingIn] = web.AppKey("MOVING_IN", MovingIn)
PICTURES: web.AppKey[Pictures] = web.AppKey("PICTURES", Pictures)
LIBRARY_ADDON: web.AppKey[LibraryAddon] = web.AppKey("LIBRARY_ADDON", LibraryAddon)
STANDING: web.AppKey[Standing] = web.AppKey("STANDING", Standing)
PLAYABLES: web.AppKey[Playables] = web.AppKey("PLAYABLES", Playables)
PROVIDERS: web.AppKey[Providers] = web.AppKey("PROVIDERS", Providers)
DETAILS: web.AppKey[Details] = web.AppKey("DETAILS", Details)
BROWSE: web.AppKey[Browse] = web.AppKey("BROWSE", Browse)
SINGLE: web.AppKey[Single] = web.AppKey("SINGLE", Single)
FIND: web.AppKey[Find] = web.AppKey("FIND", Find)
CLEARING: web.AppKey[Clearing] = web.AppKey("CLEARING", Clearing)
HOLDINGS: web.AppKey[Holdings] = web.AppKey("HOLDINGS", Holdings)
UPKEEP: web.AppKey[Upkeep] = web.AppKey("UPKEEP", Upkeep)
TAKING: web.AppKey[Taking] = web.AppKey("TAKING", Taking)
LIBRARY_CHOICES: web.AppKey[LibraryChoices] = web.AppKey("LIBRARY_CHOICES", LibraryChoices)
MATCHING: web.AppKey[Matching] = web.AppKey("MATCHING", Matching)
REVIEWS: web.AppKey[Reviews] = web.AppKey("REVIEWS", Reviews)
PLAYERS: web.AppKey[Players] = web.AppKey("PLAYERS", Players)
