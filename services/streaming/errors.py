"""What can go wrong here, as problem+json codes.

NotFound 404
  VideoNotFound video_not_found
  GoneAtProvider gone_at_provider
  ProgressNotFound progress_not_found
  SessionNotFound viewing_session_not_found
  MarkNotFound mark_not_found
  TitleNotFound title_not_viewed
  EpisodesUnknown episodes_unknown
FormatRefused 405 format_not_allowed
Conflict 409
  ViewingFull viewing_full
RateLimited 429
  TooManyReports too_many_reports
  NoConnectionLeft no_connection_left
  TooManyStreams too_many_streams
  ProviderBusy provider_busy
Overloaded 503
  StreamsFull streams_full
UpstreamFailed 502
  ProviderFailed provider_failed
  ProviderRefused provider_refused
UpstreamTimedOut 504
  ProviderTimedOut provider_timed_out

What goes wrong with an addon that is asked is in libs.addons.errors.
"""

from __future__ import annotations

from libs.common.errors import (
    Conflict,
    HeadgateError,
    NotFound,
    Overloaded,
    RateLimited,
    UpstreamFailed,
    UpstreamTimedOut,
)


class VideoNotFound(NotFound):
    code = "video_not_found"
    title = "Not the address of a video"


class GoneAtProvider(NotFound):
    code = "gone_at_provider"
    title = "The provider has it no more"


class FormatRefused(HeadgateError):
    status = 405
    code = "format_not_allowed"
    title = "Not in this format"


class NoConnectionLeft(RateLimited):
    code = "no_connection_left"
    title = "All connections of the account are in use"


class TooManyStreams(RateLimited):
    code = "too_many_streams"
    title = "Too much is played at once"


class StreamsFull(Overloaded):
    code = "streams_full"
    title = "The hub plays as much as it can"


class ProviderBusy(RateLimited):
    code = "provider_busy"
    title = "The provider asks to wait"


class ProviderFailed(UpstreamFailed):
    code = "provider_failed"
    title = "The provider failed"


class ProviderRefused(UpstreamFailed):
    code = "provider_refused"
    title = "The provider refuses to play this"


class ProviderTimedOut(UpstreamTimedOut):
    code = "provider_timed_out"
    title = "The provider took too long"


class ProgressNotFound(NotFound):
    code = "progress_not_found"
    title = "Nothing of this was played"


class SessionNotFound(NotFound):
    code = "viewing_session_not_found"
    title = "There is no such session"


class MarkNotFound(NotFound):
    code = "mark_not_found"
    title = "There is no such mark"


class TitleNotFound(NotFound):
    code = "title_not_viewed"
    title = "Nothing of this title was played"


class EpisodesUnknown(NotFound):
    code = "episodes_unknown"
    title = "The episodes are not known"


class ViewingFull(Conflict):
    code = "viewing_full"
    title = "More of what was watched can't be kept"


class TooManyReports(RateLimited):
    code = "too_many_reports"
    title = "Too many reports of the account wait to be written"
