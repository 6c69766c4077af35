"""What can go wrong with films that are made here.

NotFound 404
  SourceNotFound source_not_found
  FilmCutOff film_cut_off
UpstreamFailed 502
  FilmUnreadable film_unreadable
Unavailable 503
  FfmpegMissing ffmpeg_missing
Overloaded 503
  ConversionsFull conversions_full
  TooMuchAsked too_much_asked
  SegmentsDontFit segments_dont_fit
UpstreamTimedOut 504
  SegmentTimedOut segment_timed_out
"""

from __future__ import annotations

from libs.common.errors import NotFound, Overloaded, Unavailable, UpstreamFailed, UpstreamTimedOut


class SourceNotFound(NotFound):
    code = "source_not_found"
    title = "The source is gone"


class FilmCutOff(NotFound):
    code = "film_cut_off"
    title = "The film ends before this"


class FilmUnreadable(UpstreamFailed):
    code = "film_unreadable"
    title = "Not a film that can be read"


class FfmpegMissing(Unavailable):
    code = "ffmpeg_missing"
    title = "Films can't be converted here"


class ConversionsFull(Overloaded):
    code = "conversions_full"
    title = "The hub converts as much as it can"


class TooMuchAsked(Overloaded):
    code = "too_much_asked"
    title = "Too much is asked at once"


class SegmentsDontFit(Overloaded):
    code = "segments_dont_fit"
    title = "Pieces of films can't be kept"


class SegmentTimedOut(UpstreamTimedOut):
    code = "segment_timed_out"
    title = "Converting takes too long"
