"""What can go wrong with the hub's own providers, as problem+json codes.

NotFound 404
  LocalFileUnknown local_file_not_found · LinkNotFound link_not_found
Conflict 409
  TooManyLinks too_many_links
UpstreamFailed 502
  EmbedDown embed_down
"""

from __future__ import annotations

from libs.common.errors import Conflict, NotFound, UpstreamFailed


class LocalFileUnknown(NotFound):
    code = "local_file_not_found"
    title = "No such file in the folder of films"


class LinkNotFound(NotFound):
    code = "link_not_found"
    title = "There is no such link"


class TooManyLinks(Conflict):
    code = "too_many_links"
    title = "Too many links"


class EmbedDown(UpstreamFailed):
    """Known from before: nothing is asked, and nothing said about it anew."""

    code = "embed_down"
    title = "The site is not there now"
    is_failure = False
    is_retryable = False
