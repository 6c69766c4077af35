"""What can go wrong with an addon that is asked, as problem+json codes.

UpstreamFailed 502
  AddonUnreachable addon_unreachable · AddonTooLarge addon_too_large
  AddonAnsweredStatus addon_answered_status · AddonBroken addon_broken
  AddonAddressRefused addon_address_refused
Unavailable 503
  AddonResting addon_resting
UpstreamTimedOut 504
  AddonTimedOut addon_timed_out
"""

from __future__ import annotations

from libs.common.errors import Unavailable, UpstreamFailed, UpstreamTimedOut


class AddonUnreachable(UpstreamFailed):
    code = "addon_unreachable"
    title = "Addon unreachable"


class AddonTooLarge(UpstreamFailed):
    code = "addon_too_large"
    title = "Addon answered with too much"


class AddonAnsweredStatus(UpstreamFailed):
    code = "addon_answered_status"
    title = "Addon answered with an error"


class AddonBroken(UpstreamFailed):
    code = "addon_broken"
    title = "Addon's answer can't be read"


class AddonAddressRefused(UpstreamFailed):
    """An addon in somebody's list led to an address that the hub does not ask."""

    code = "addon_address_refused"
    title = "Address refused"


class AddonResting(Unavailable):
    """Not asked: it failed again and again, asked for quiet, or is busy with our earlier questions."""

    code = "addon_resting"
    title = "Addon is not asked for now"


class AddonTimedOut(UpstreamTimedOut):
    code = "addon_timed_out"
    title = "Addon did not answer in time"
