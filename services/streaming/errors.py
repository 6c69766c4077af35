"""What can go wrong here, as problem+json codes.

NotFound 404
  VideoNotFound video_not_found

What goes wrong with an addon that is asked is in libs.addons.errors.
"""

from __future__ import annotations

from libs.common.errors import NotFound


class VideoNotFound(NotFound):
    code = "video_not_found"
    title = "Not the address of a video"
