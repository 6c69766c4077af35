"""The rules: what a refused request says about whoever sent it."""

import re
from dataclasses import dataclass

NEIGHBOURS = 4.0
"""A /24 may do this many times what one of its addresses may, before all of it is blocked."""
BLOCK_S = 600.0
LONGEST_BLOCK_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A bucket of `capacity` points that leaks; running over is a decision.

    With `distinct` a point counts once per subject: a player that still has an old token asks for forty rows
    with it, and somebody who forgot a password tries the same name again.
    """

    name: str
    capacity: float
    leak_per_s: float
    distinct: bool = False

    @property
    def window_s(self) -> float:
        """How long a full bucket takes to run dry."""
        return self.capacity / self.leak_per_s


SCANNING = Scenario("path_scanning", capacity=20, leak_per_s=1 / 10)
STUFFING = Scenario("credential_stuffing", capacity=8, leak_per_s=1 / 60, distinct=True)
REFUSALS = Scenario("refusal_burst", capacity=200, leak_per_s=1)
GUESSING = Scenario("token_guessing", capacity=20, leak_per_s=1 / 30, distinct=True)
MALFORMED = Scenario("malformed_requests", capacity=20, leak_per_s=1 / 10)
SCENARIOS = (SCANNING, STUFFING, REFUSALS, GUESSING, MALFORMED)


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that was refused. `known_route` is False where nothing is served; `code` is the problem's.

    `token` is what was presented as one, `sign_in_name` whom somebody tried to be.
    """

    path: str
    status: int
    code: str
    known_route: bool
    token: str = ""
    sign_in_name: str = ""


@dataclass(frozen=True, slots=True)
class Signal:
    """Points against an address; `subject` is what a distinct scenario counts once."""

    scenario: Scenario
    points: float
    subject: str = ""


SCANNERS_POINTS = 5.0
_SCANNERS = re.compile(
    r"/(?:wp-|wordpress|xmlrpc\.php|phpmyadmin|pma/|cgi-bin/|vendor/phpunit|actuator|boaform|hnap1|solr/|"
    r"manager/html|owa/|autodiscover|_ignition|telescope|server-status|console/|jenkins|struts|"
    r"\.(?:env|git|svn|hg|aws|ssh|ds_store|htaccess|htpasswd|vscode|npmrc|docker))"
    r"|\.(?:php\d?|aspx?|jsp|cgi|sql|bak|old|swp|tar\.gz)$",
    re.IGNORECASE,
)
_ASKED_BY_BROWSERS = re.compile(
    r"/(?:favicon\.ico|robots\.txt|sitemap\.xml|apple-touch-icon[^/]*|browserconfig\.xml|\.well-known/.*|"
    r"manifest\.json|sw\.js|service-worker\.js|ads\.txt)",
    re.IGNORECASE,
)
_MALFORMED_CODES = frozenset({"path_refused", "bad_request"})
_GUESS_CODES = frozenset({"unknown_install_token"})


def signal_of(seen: Seen) -> Signal | None:
    """What it counts as, or None for a mistake that anybody makes."""
    if seen.sign_in_name and seen.status in {401, 403, 429}:
        return Signal(STUFFING, 1.0, seen.sign_in_name)
    if not seen.known_route and _SCANNERS.search(seen.path):
        return Signal(SCANNING, SCANNERS_POINTS)
    if seen.status == 401:
        # Without a token it is somebody who has not signed in, or no longer.
        return Signal(GUESSING, 1.0, seen.token) if seen.token else None
    if seen.status in {404, 405}:
        return _of_missing(seen)
    if seen.status in {403, 429}:
        return Signal(REFUSALS, 1.0)
    return Signal(MALFORMED, 1.0) if seen.code in _MALFORMED_CODES else None


def block_s(times: int) -> float:
    """How long the `times`th block of a network lasts: twice as long each time, up to a day."""
    return min(BLOCK_S * 2.0 ** min(max(times, 1) - 1, 30), LONGEST_BLOCK_S)


def _of_missing(seen: Seen) -> Signal | None:
    if seen.code in _GUESS_CODES:
        return Signal(GUESSING, 1.0, seen.token)
    if seen.known_route or _ASKED_BY_BROWSERS.fullmatch(seen.path):
        return None
    return Signal(SCANNING, 1.0)
