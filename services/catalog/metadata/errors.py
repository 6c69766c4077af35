"""What can go wrong with TMDB, as problem+json codes.

InvalidInput 422
  NotATmdbKey not_a_tmdb_key · TmdbKeyRefused tmdb_key_refused
NotFound 404
  TmdbTitleNotFound tmdb_title_not_found
Conflict 409
  TmdbKeyMissing tmdb_key_missing
UpstreamFailed 502
  TmdbFailed tmdb_failed
Unavailable 503
  TmdbResting tmdb_resting
UpstreamTimedOut 504
  TmdbTimedOut tmdb_timed_out
"""

from __future__ import annotations

from libs.common.errors import Conflict, InvalidInput, NotFound, Unavailable, UpstreamFailed, UpstreamTimedOut


class NotATmdbKey(InvalidInput):
    code = "not_a_tmdb_key"
    title = "Not a key of TMDB"


class TmdbKeyRefused(InvalidInput):
    code = "tmdb_key_refused"
    title = "TMDB refuses the key"


class TmdbTitleNotFound(NotFound):
    code = "tmdb_title_not_found"
    title = "TMDB has no such title"


class TmdbKeyMissing(Conflict):
    """None was saved, or the one that was can't be used."""

    code = "tmdb_key_missing"
    title = "There is no key to ask TMDB with"


class TmdbFailed(UpstreamFailed):
    code = "tmdb_failed"
    title = "TMDB gave no usable answer"


class TmdbResting(Unavailable):
    """Not asked, or asked too often: it failed again and again, or wants quiet for a while."""

    code = "tmdb_resting"
    title = "TMDB is not asked for now"


class TmdbTimedOut(UpstreamTimedOut):
    code = "tmdb_timed_out"
    title = "TMDB did not answer in time"
